package emulator

import (
	"slices"

	"possim/host/money"
	"possim/host/wire"
)

// State is all that survives a power cut. It is saved durably before anything is
// sent, and a terminal that starts from it finishes what was open. It holds no
// track, no PIN, no key and no card number in clear: a reversal in these dialects
// is found by its STAN and needs none.
type State struct {
	LastSTAN  int       `json:"last_stan"`           // 0 before the first request, then 1 to 999999
	Batch     string    `json:"batch,omitempty"`     // 60.2, n6; "" is 000001
	Open      *Pending  `json:"open,omitempty"`      // a request that may have been sent and has no result yet
	Queue     []Pending `json:"queue,omitempty"`     // reversals not acknowledged yet, oldest first
	LastSlip  string    `json:"last_slip,omitempty"` // the last approval's slip, as a reprint would show it
	Unprinted bool      `json:"unprinted,omitempty"` // LastSlip was booked and may not have come out
}

// Pending is what a reversal is built from: the fields of the original that it repeats.
type Pending struct {
	MTI            wire.MTI       `json:"mti"`
	ProcessingCode string         `json:"processing_code"`
	Amount         int64          `json:"amount"`
	Currency       money.Currency `json:"currency"`
	STAN           string         `json:"stan"`
	Time           string         `json:"time"` // hhmmss, the terminal's clock at the original
	Date           string         `json:"date"` // MMDD
	EntryMode      string         `json:"entry_mode"`
	Condition      string         `json:"condition"`
	Private60      string         `json:"private60"`
	Reason         wire.Code      `json:"reason,omitempty"` // F39 of the reversal; "" until it is queued
}

// clone returns a State that shares nothing with s.
func (s State) clone() State {
	s.Queue = slices.Clone(s.Queue)
	if s.Open != nil {
		open := *s.Open
		s.Open = &open
	}
	return s
}

// queueOpen turns what is open into a reversal to be sent.
func (s *State) queueOpen(reason wire.Code) {
	if s.Open == nil {
		return
	}
	p := *s.Open
	p.Reason = reason
	s.Queue, s.Open = append(s.Queue, p), nil
}

// commit saves a changed state and takes it over only when it is durable.
func (t *Terminal) commit(change func(*State)) error {
	next := t.state.clone()
	change(&next)
	if err := t.Save(next); err != nil {
		return &SaveError{Err: err}
	}
	t.state = next
	return nil
}

// SaveError says that the terminal's state could not be made durable; the
// terminal sends nothing that it could not later reverse.
type SaveError struct{ Err error }

// Error tells what to do.
func (e *SaveError) Error() string {
	return "terminal state not saved: " + e.Err.Error() + "; nothing further is sent until it can be"
}

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }
