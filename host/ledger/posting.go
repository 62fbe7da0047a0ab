package ledger

import (
	"slices"
	"time"
)

// Posting is a line of the journal: all that is needed to rebuild the Book, or to explain it.
type Posting struct {
	Seq     uint64
	Key     Key
	Undoes  Key
	Undo    Undo
	Print   [16]byte
	At      time.Time // in UTC
	Day     Day
	Refused string
	Why     []Verdict
	Moves   []Move // as posted: the inverse of what was undone, then the Tx's own
	Memo    []byte

	// UndoneBy is the key that has this posting undone at the moment, "" when it stands.
	// Only Find says it: it follows from the postings behind this one and is not part of the journal.
	UndoneBy Key
}

// Result returns the answer the posting was given.
func (p *Posting) Result() Result {
	r := p.result()
	r.Why, r.Memo = slices.Clone(r.Why), slices.Clone(r.Memo)
	return r
}

// result is Result that shares the posting's slices.
func (p *Posting) result() Result {
	return Result{Seq: p.Seq, Refused: p.Refused, Undo: p.Undo, Why: p.Why, Memo: p.Memo}
}
