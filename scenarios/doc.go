// Package scenarios runs worlds: a card, a hand, a terminal, a line and a host, as
// a text file describes them, and says whether what happened was what was expected.
//
// # A scenario file
//
//	possim: 1
//	suite: Magnetic stripe sales
//	tags: [magstripe]
//	cards:
//	  small: {pan: 6222020000000031, expiry: 2912, account: {day_limit: 5000.00}}
//	terminal: {tid: 00000001, mid: 898100054110001, reversal_after: 3s}
//	scenarios:
//	  - name: over the daily limit
//	    tags: [limit]
//	    host:
//	      faults: [{on: "0210", drop: 1, after: 5}]
//	    steps:
//	      - repeat: 5
//	        do:
//	          - sale: 1000.00
//	          - swipe: small
//	            expect: {rc: 00}
//	      - sale: 0.01
//	      - confirm: [确认, 确认]
//	      - swipe: {card: small, speed: 60cm/s}
//	        expect: {rc: 61, screen: ~Amount, ledger: {small: 5000.00}}
//
// Everything is text as written: 00 stays 00. The vocabulary is closed: an unknown
// word, a card nobody swipes, a fault that never happens are errors or failures
// with file, line and column. Cards of the catalog can be named without being
// written down; a file's own cards hide them.
//
// # Steps
//
//	sale: 88.00                  the cashier asks for a sale
//	confirm: [确认, 确认]        answers to the two questions for the amount: agree,
//	                             cancel, or an amount as typed; left out, both agree
//	swipe: good                  a hand at 40 cm/s; or a mapping of card, speed, profile
//	                             (hand, constant, stall, reversal), ratio, direction,
//	                             from, to, partial, pause, wear, scratch {at, width, depth}, demagnetised
//	clock: +24h                  time passes; 23:59 goes to the next such moment, 2026-06-02 09:00 to that one
//	power: {cut: after_send}     the power fails at that point of the next sale: before_send,
//	                             after_send, after_receive, before_print; on: "0400" of its reversal
//	power: off | on              between two sales; on starts from what was saved, and recovers
//	card: {good: frozen}         the host changes a card's status
//	host: down | up              the host goes away, and comes back
//	fault: {on: "0210", drop: 1} a fault of the line from here on
//	repeat: 5, do: [...]         steps several times over
//
// A sale, its confirm and its swipes are one order of the terminal. What is
// expected of a swipe is looked at when the terminal asks for the card again, or
// when the order ends. A swipe that the terminal never asks for is a failure.
//
// # Expectations
//
//	rc, stan, rrn, auth          of the host's answer; rc: none when none decided
//	outcome                      approved, declined, refused, reversed, unknown; none after a power cut
//	cause, reversal              why no answer decided; none, queued, acknowledged
//	reader, tracks               what the reader made of the swipe: too_fast, {1: parity, 2: ok}
//	screen                       a text the display showed, or a part of one with ~
//	receipt                      texts that the slip has; none for no slip
//	sent                         how many messages left the terminal
//	timeout                      whether a wait for an answer came to nothing
//	messages                     exactly these messages passed, as the terminal saw them:
//	                             {mti: 0400, f: {11: $stan, 39: 98}}; none for none
//	ledger                       what the host's books took from a card since the scenario began
//	balance                      what they hold
//
// ~text is contained. $name takes the first value it meets and must meet the same
// again, in this and every later step of the scenario.
//
// # Running
//
//	sources, err := scenarios.CatalogSources()  // or Sources("tests/")
//	files, err := scenarios.Load(sources)       // an Errors: everything wrong, everywhere
//	sum, err := scenarios.Run(ctx, files, scenarios.Options{Seed: 1, Jobs: 4})
//	err = scenarios.Report(os.Stdout, scenarios.JUnit, &sum, false)
//	err = sum.Err()                             // nil, ErrFailed or ErrNothingRan
//
// Each scenario is a world of its own that begins on 2026-06-01 at 09:00 +08:00. Its
// clock is simulated, its randomness comes from the run's seed, its file and its name:
// neither order nor jobs change a byte of the reports.
package scenarios
