// Package ledger keeps the books: registers, guards and moves.
//
// A Book is asked one thing at a time. A [Tx] carries the host's guards (the limits, in the host's
// order) and moves (the postings); the Book checks the guards and posts the moves in one atomic step
// and records what it did as a [Posting]. It has no clock and no rules: days, limits and their order
// are data, so the machine in memory, the one over SQLite and any other Book cannot disagree.
//
// # Registers
//
// Everything the Book knows is a register, a whole number under a [Reg]: an account's balance, the
// use a card made of its limit on a day, tries of a PIN. A register nobody has moved is 0. Moves of
// money kinds ([Kind.Money]) in one Tx sum to zero, so money is only ever moved; other kinds are
// counters and are free. A Book holds one currency.
//
// # Keys and repeats
//
// A Tx is known by its Key. A known Key with the same Print returns the first Result again, with
// Repeat set, and does nothing; with another Print it is refused as [RuleDuplicate], and neither is
// that refusal recorded nor the first posting touched. A Tx that a guard refuses is recorded with its
// Memo and moves nothing, so that its repeat gets the first answer. The Memo is what answer and
// refusal have in common (the time, the RRN, the authorisation code the host assigned): with Refused
// beside it the host can build the same answer again to the byte.
//
// # Undoing
//
// A Tx that Undoes another is a reversal, a void, or, with moves of its own, a replacement (a
// completion replaces its hold). The Book itself posts the inverse of what the original posted, on
// the original's registers and so on the original's day. Result.Undo says what came of it:
//
//	the original stands              Undone   the inverse is posted, and the original stands no more
//	... was refused                  Nothing  there is nothing to give back
//	... was undone by another key    Already  nothing moves
//	... is not known                 Unknown  nothing moves; a tombstone: the original, arriving
//	                                          later, is refused as RuleTombstone and posts nothing
//
// A replacement whose original does not stand is refused as [RuleStanding], and leaves no tombstone.
//
// What was undone can be undone again. A posting stands when no standing posting has undone it, so
// undoing a void makes the sale stand again (its moves are posted anew, no guard is asked), after
// which the sale may be voided once more. Nothing is ever undone twice over: undoing the
// reversal of a void of a sale that someone else voided meanwhile moves nothing (Already). At every
// moment each register holds the sum of the own moves of the postings that stand. Only moves that add
// are undone: what a Tx Set (PIN tries cleared) or raised (an ATC seen) stays.
//
// The host looks at the original before it decides (does the card match?), so another writer might
// come between. UndoesSeq closes that gap: it is the Seq the host saw, 0 for none, and when it is no
// longer so the Tx is refused as [RuleStale], nothing is recorded, and the host looks again.
//
// # Privacy
//
// Owners and keys are opaque tokens made by the host: a Book holds no card number and no secret, and
// everything in it may be printed.
package ledger

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"
)

// Book applies what the host hands it as data.
type Book interface {
	// Commit applies tx, all or nothing, durable on return. After an error that is neither ErrInvalid
	// nor ErrUnbalanced the outcome is unknown: the caller repeats the same Tx.
	Commit(ctx context.Context, tx Tx) (Result, error)
	// Find returns the posting recorded under a key, or ErrNotFound.
	Find(ctx context.Context, k Key) (Posting, error)
	// Read returns the registers' values in one consistent view, in the order asked.
	Read(ctx context.Context, regs ...Reg) ([]int64, error)
	// Postings yields the journal in order of Seq, beginning behind after.
	Postings(ctx context.Context, after uint64) iter.Seq2[Posting, error]
}

// Sifter is a Book that need not read all of its journal to find what moves a kind of register. One that
// has its journal in memory needs none of this.
type Sifter interface {
	// PostingsOf is Postings without those that move no register of that kind. It may also leave out those
	// that are undone, and those that only take away from such registers.
	PostingsOf(ctx context.Context, after uint64, kind Kind) iter.Seq2[Posting, error]
}

// Moving is all without the postings that move no register of a kind. An error goes through.
func Moving(all iter.Seq2[Posting, error], kind Kind) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		for p, err := range all {
			moves := slices.ContainsFunc(p.Moves, func(mv Move) bool { return mv.Reg.Kind == kind })
			if (moves || err != nil) && !yield(p, err) {
				return
			}
		}
	}
}

// Batcher is a Book that takes transactions together that have nothing to do with one another, as fast
// as those of many callers.
type Batcher interface {
	// CommitAll is Commit of each, in whatever order. One that is ErrInvalid or ErrUnbalanced keeps all of
	// them out; after any other error the outcome of each is unknown.
	CommitAll(ctx context.Context, txs []Tx) ([]Result, error)
}

// Key names a transaction for ever. The host composes it (RULES: repeats and reversals).
type Key string

// Tx is one request to the Book.
//
// With Refuse the host has refused already (a wrong PIN): the Tx is recorded as refused under that
// rule, undoes nothing, and yet posts its Moves, which may only be counters (a PIN try). No undo
// takes them back.
type Tx struct {
	Key       Key       // names this Tx; a repeat carries the same
	Undoes    Key       // the posting to take back, if any
	UndoesSeq uint64    // the Seq that Find gave for Undoes, 0 for ErrNotFound
	Print     [16]byte  // digest of what a repeat may not change
	At        time.Time // the host's time, recorded and never looked at
	Day       Day       // the host's business day, recorded and never looked at
	Guards    []Guard   // asked in order, on the registers as they are once the original is undone
	Refuse    string    // the rule under which the host itself refuses, should the guards pass
	Moves     []Move    // posted when nothing refuses
	Raise     []Raise   // done whatever becomes of it, and never undone
	Memo      []byte    // returned with every answer to this Key
}

// Raise lifts a counter to a value unless it is there or above: the highest ATC that was seen of a
// card, which a transaction uses up whether it is approved or refused. What it changes is posted as a
// move that sets.
type Raise struct {
	Reg Reg
	To  int64
}

// Result says what the Book did with a Tx.
type Result struct {
	Seq     uint64    // the posting's place in the journal; 0 when none was recorded
	Refused string    // the rule that refused it, "" when posted
	Undo    Undo      // what came of Tx.Undoes
	Why     []Verdict // the guards asked, in order, up to the one that refused
	Memo    []byte    // the first Memo under this Key
	Repeat  bool      // the Key was known: this is the first Result again
}

// Rules the Book itself refuses under. RuleDuplicate and RuleStale are never recorded, the others are.
const (
	RuleDuplicate = "duplicate"    // the Key is known with another Print
	RuleStale     = "stale"        // Undoes is no longer what the host saw: look again
	RuleTombstone = "tombstone"    // the Key was undone before it arrived
	RuleStanding  = "not-standing" // a replacement's original does not stand
	RuleOverflow  = "overflow"     // a register would leave the range of int64
)

// Undo says what came of a Tx that undoes another.
type Undo string

// The outcomes of undoing; "" is a Tx that undid nothing or was refused by a guard.
const (
	Undone  Undo = "undone"  // the inverse is posted
	Already Undo = "already" // another key has undone it
	Nothing Undo = "nothing" // it was refused: there is nothing to give back
	Unknown Undo = "unknown" // no such key; a tombstone is left for it
)

// Errors of a Book. ErrInvalid and ErrUnbalanced are definite: the Tx was not applied and never will be.
var (
	ErrNotFound   = errors.New("ledger: no posting under this key")
	ErrInvalid    = errors.New("ledger: invalid transaction")
	ErrUnbalanced = errors.New("ledger: money moves do not sum to zero")
)
