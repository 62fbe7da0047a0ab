// Possim is a payment terminal that runs anywhere: it reads magnetic stripes from
// attached readers or from scripted ones, talks ISO 8583 to an acquirer, and comes
// with an acquirer of its own that keeps books and enforces limits.
//
//	possim run                          run the built-in scenarios
//	possim host                         serve the mock acquirer
//	possim sale 12.34 --reader URL      one sale with an attached reader
//	possim order settle                 anything else a terminal does
//	possim read --reader URL            show what a reader delivers
//	possim swipe --track2 T --wav FILE  render a swipe
//	possim emulate reader|card          stand in for a reader, or a chip card in one
//	possim card make                    make a test card's keys and certificates
//	possim decode --dialect NAME HEX    take a message apart
//	possim explain 61                   say what a response code means
//	possim doctor                       say what is attached and what is missing
//
// Data goes to stdout, logs and screens to stderr. Exit codes: 0 all as expected,
// 1 an expectation failed, 2 usage, 3 a file is wrong, 4 the environment is,
// 130 interrupted.
package main

import "os"

func main() { os.Exit(worldApp().main(os.Args[1:])) }
