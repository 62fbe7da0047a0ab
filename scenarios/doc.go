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
//	sale: 88.00                  the cashier asks for a sale; as: coffee names it for later
//	void: coffee                 or {voucher: "000002"}, as typed from a slip
//	refund: {of: coffee, amount: 10.00}
//	pre_auth: 100.00             then pre_auth_cancel, complete, complete_notice, complete_void
//	qr: {amount: 12.34, card: good, scheme: wechat, age: 61s}
//	                             a code on a phone; or shown: the label of the step that
//	                             showed it before, or code: as it is
//	balance                      the card's balance
//	sign_on, sign_off, echo, status, download, settle
//	operator: 07                 an operator signs on to the terminal
//	confirm: [确认, 确认]        answers to the two questions for the amount: agree,
//	                             cancel, or an amount as typed; left out, both agree
//	swipe: good                  a hand at 40 cm/s; or a mapping of card, speed, profile
//	                             (hand, constant, stall, reversal), ratio, direction,
//	                             from, to, partial, pause, wear, scratch {at, width, depth},
//	                             demagnetised, cvn
//	insert: chip, tap: chip      the card in the reader, or at it; or {card, faults}
//	choose: PBOC CREDIT          an application of a card that has several, its number, or cancel
//	pin: 123456                  typed when the terminal asks for it; or none, or cancel
//	clock: +24h                  time passes; 23:59 goes to the next such moment, 2026-06-02 09:00 to that one
//	power: {cut: after_send}     the power fails at that point of the next order: before_send,
//	                             after_send, after_receive, before_print; on: "0400" of its reversal
//	power: off | on | blank      between two orders; on starts from what was saved, and
//	                             recovers, blank from nothing, as another terminal would
//	card: {good: frozen}         the host changes a card's status
//	script: {card: chip, do: block-application}  the issuer's order to a chip; or pin:, limit:
//	host: down | up              the host goes away, and comes back
//	fault: {on: "0210", drop: 1} a fault of the line from here on
//	repeat: 5, do: [...]         steps several times over
//
// An order, its confirm, its swipes and its PINs are one. What is expected of a
// gesture is looked at when the terminal asks for the next, or when the order ends.
// A gesture that the terminal never asks for is a failure.
//
// In the unionpay dialect terminals seal their messages, and one that does not begin
// switched off (terminal: {power: off}) has signed on before the first step.
//
// # Expectations
//
//	rc, stan, rrn, auth          of the host's answer; rc: none when none decided
//	outcome                      approved, declined, refused, reversed, unknown; none after a power cut
//	cause, reversal              why no answer decided; none, queued, acknowledged
//	reader, tracks               what the reader made of the swipe: too_fast, {1: parity, 2: ok}
//	chip                         how the last chip was judged before the host was asked
//	tvr, tsi, cvm, cryptogram, application  what chip and terminal came to in the end
//	screen                       a text the display showed, or a part of one with ~
//	receipt                      texts that the slip has; none for no slip
//	sent                         how many messages left the terminal
//	timeout                      whether a wait for an answer came to nothing
//	messages                     exactly these messages passed, as the terminal saw them:
//	                             {mti: 0400, f: {11: $stan, 39: 98}}; none for none
//	ledger                       what the host's books took from a card since the scenario began
//	balance                      what they hold
//	holds, owed, tries_left      what is set aside of a card, what the merchant is owed, PINs left
//	told                         what a balance inquiry tells
//	batch, keys, stored          the terminal's open batch, whether it has working keys, how
//	                             many notices and refunds it has to send
//	balanced, totals             of a settlement: {debit: 88.00, debits: 1, credit: 0.00, credits: 0}
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
