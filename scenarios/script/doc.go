// Package script has the terminals of a load do what a file of JavaScript says.
//
//	import { terminal, cards, check, sleep } from 'possim'
//
//	export const options = { terminals: 16, rate: 50, duration: '10s', failIf: ['p99>50ms'] }
//
//	export default function (n) {
//	  const sale = terminal.sale('12.34', cards.any())
//	  check(sale, { 'is approved': s => s.approved })
//	  if (sale.approved && n % 10 === 0) terminal.void(sale, { tag: 'regret' })
//	  sleep(0.2)
//	}
//
// The file is an ECMAScript module. Each terminal has a copy of it, which shares nothing
// with another's, and calls its default function over and over: an iteration, whose
// argument counts them from 1.
//
//	s, err := script.Parse(ctx, "checkout.js", script.World{Read: os.ReadFile, Print: print, Named: cards})
//	run, err := load.New(load.Config{Player: s.Player, ...}, world)
//	err = run.Run(ctx)
//	err = s.Close()
//
// The shape is k6's (options, a default function, check, sleep), so that who knows the one
// reads the other; k6 itself is no part of it.
//
// # The module possim
//
//	terminal.sale(amount, card, how)        amounts are text: '12.34'
//	terminal.preAuth(amount, card, how)
//	terminal.balance(card, how)
//	terminal.void(sale, how)                what an earlier order of this terminal returned;
//	terminal.refund(sale, how)              its card comes again, and its amount unless how
//	terminal.preAuthCancel(held, how)       says another. In another batch it is named by
//	terminal.completion(held, how)          what its slip says
//	terminal.completionNotice(held, how)
//	terminal.completionVoid(done, how)
//	terminal.signOn(), signOff(), echo(), status(), download(), settle()
//	terminal.tid, terminal.number           number counts from 1 through all shards
//	cards.any(), cards.at(i), cards.length  of the run's pool, or card file
//	cards.named('frozen')                   of the card file, or of the catalog
//	scenarios('file.yaml')                  a list of {name, file, line, tags, play()}
//	check(value, {name: holds, ...})        counts each, and returns whether all hold
//	count(name, n)                          adds to a counter; 1 unless n is said
//	sleep(seconds)
//	open('file')                            the text of a file beside the script
//	env                                     what --env gave
//
// how is {by: 'swipe' | 'insert' | 'tap', pin: '123456', amount: '1.00', tag: 'word'}, all of
// it optional. A card is swiped unless how says otherwise, or the original's was inserted or
// tapped: then it is inserted. It comes once: a terminal that does not take it so has none.
//
// An order returns what possim sale --json prints, without a slip, and beside it approved
// and ms, how long it took. A decline is returned, not thrown. A card in a script's hand
// shows its name, its masked number and whether it has a chip: nothing else.
//
// # Chips
//
// A card's chip is in one terminal at a time: another that wants it waits. What it remembers
// goes on from order to order, and by World.Chip from run to run, since a host takes no
// counter of a card twice.
//
// # Scenarios
//
// play() plays a scenario at this terminal, in real time and over its connections, as possim
// run --host does; steps that need the simulated host are errors when it is played. It
// returns {status, passed, reason, failure, line, ms}, and is a check by the name "scenario
// NAME". Its messages are no orders of the run.
//
// # Errors
//
// Parse's error is an *Error with its place. What an iteration throws is printed, each text
// once and twenty at most, and counted under the cause "script-error"; the terminal goes on
// with its next iteration. Nothing happens beside a call: a promise that nothing fulfils is
// an error, so is one that is rejected with nobody to await it, and there are no timers. A
// failure of the engine itself is an error, too, as far as Go lets one survive: a value that
// is nested a million deep takes all of the stack, which nothing survives.
//
// # What stands behind it
//
// github.com/grafana/sobek, a JavaScript engine in Go (MIT) whose modules k6 uses. Its modules
// are said to be experimental: the version is pinned, and every use of them is here. It
// looks for source maps in the file system and beyond, which is switched off.
package script
