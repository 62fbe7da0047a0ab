package emulator

import (
	"cmp"
	"slices"

	"possim/host/money"
	"possim/host/wire"
)

// State is all that survives a power cut. It is saved durably before anything is
// sent, and a terminal that starts from it finishes what was open. It holds no
// track, no PIN, no key in clear and no card number or payment code in clear: a
// reversal in these dialects is found by its STAN, what has to name a card again
// (a refund that is repeated, the details of a batch) keeps its number enciphered,
// and working keys are kept as the host sent them, under the TMK.
type State struct {
	LastSTAN  int       `json:"last_stan"`           // 0 before the first request, then 1 to 999999
	Batch     string    `json:"batch,omitempty"`     // 60.2, n6; "" is 000001
	Open      *Pending  `json:"open,omitempty"`      // a request that may have been sent and has no result yet
	Queue     []Pending `json:"queue,omitempty"`     // reversals not acknowledged yet, oldest first
	LastSlip  string    `json:"last_slip,omitempty"` // the last approval's slip, as a reprint would show it
	Unprinted bool      `json:"unprinted,omitempty"` // LastSlip was booked and may not have come out

	InBatch  int       `json:"in_batch,omitempty"`      // STANs taken since the batch was opened
	Keys     string    `json:"keys,omitempty"`          // F62 of the last sign-on, hexadecimal, under the TMK; "" is signed off
	KSN      string    `json:"ksn,omitempty"`           // DUKPT: of the last message sealed
	Clock    int64     `json:"clock_seconds,omitempty"` // the host's clock less the terminal's own
	Operator string    `json:"operator,omitempty"`      // who is signed on to the terminal
	Journal  []Entry   `json:"journal,omitempty"`       // what was approved in this batch, in order
	Offline  []Pending `json:"offline,omitempty"`       // refunds and notices not answered yet, oldest first
	Scripts  []Pending `json:"scripts,omitempty"`       // results of issuer scripts not acknowledged yet
	Settling *Settling `json:"settling,omitempty"`      // a settlement under way
	Tables   *Tables   `json:"tables,omitempty"`        // what was downloaded
}

// Pending is what a message is built from that has to be sent again: the fields of
// the original that its reversal repeats, or those of a notice.
type Pending struct {
	Kind           wire.Kind      `json:"kind,omitempty"` // "" is a purchase
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
	Reason         wire.Code      `json:"reason,omitempty"` // F39 of the reversal; "" until it is known

	PAN      string `json:"pan,omitempty"`      // masked
	Sealed   string `json:"sealed,omitempty"`   // card number and expiry, or payment code, enciphered
	RRN      string `json:"rrn,omitempty"`      // F37 of the request: the original's
	Auth     string `json:"auth,omitempty"`     // F38 of the request: the original's
	Original string `json:"original,omitempty"` // F61
	F63      string `json:"f63,omitempty"`
	F90      string `json:"f90,omitempty"`      // where the dialect finds originals by it
	Sequence string `json:"sequence,omitempty"` // F23
	Chip     []byte `json:"chip,omitempty"`     // F55; its reversal takes less of it
	Acquirer string `json:"acquirer,omitempty"` // F32 of a script result
	Voids    string `json:"voids,omitempty"`    // voucher of this batch that is void when this is approved
}

// Entry is one approved transaction of the open batch.
type Entry struct {
	Kind      wire.Kind      `json:"kind"`
	STAN      string         `json:"stan"` // its voucher number
	Batch     string         `json:"batch"`
	Amount    int64          `json:"amount"`
	Currency  money.Currency `json:"currency"`
	PAN       string         `json:"pan,omitempty"`    // masked
	Sealed    string         `json:"sealed,omitempty"` // as in Pending
	EntryMode string         `json:"entry_mode"`
	RRN       string         `json:"rrn,omitempty"`
	Auth      string         `json:"auth,omitempty"`
	Date      string         `json:"date"`          // MMDD, as the host dates it
	Time      string         `json:"time"`          // hhmmss
	F90       string         `json:"f90,omitempty"` // names it where the dialect finds originals by it
	Sequence  string         `json:"sequence,omitempty"`
	Chip      []byte         `json:"chip,omitempty"` // F55 with the card's last cryptogram, to be uploaded
	Void      bool           `json:"void,omitempty"`
}

// clone returns a State that shares nothing with s that a change could reach.
func (s State) clone() State {
	s = s.next()
	s.Journal = slices.Clone(s.Journal)
	return s
}

// next is clone for the terminal itself. The journal may be long, and only ever
// gets longer: its entries are shared, and whoever changes one copies it first.
func (s State) next() State {
	s.Queue, s.Offline, s.Scripts = slices.Clone(s.Queue), slices.Clone(s.Offline), slices.Clone(s.Scripts)
	if s.Open != nil {
		open := *s.Open
		s.Open = &open
	}
	if s.Settling != nil {
		settling := *s.Settling
		s.Settling = &settling
	}
	return s
}

// queueOpen turns what is open into a reversal to be sent. A reason that was
// noted before stands.
func (s *State) queueOpen(reason wire.Code) {
	if s.Open == nil {
		return
	}
	p := *s.Open
	p.Reason = cmp.Or(p.Reason, reason)
	s.Queue, s.Open = append(s.Queue, p), nil
}

// close ends what is open or, of what is never reversed, takes it off the queue of
// the unanswered.
func (s *State) close(stan string) {
	s.Open = nil
	s.Offline = slices.DeleteFunc(s.Offline, func(p Pending) bool { return p.STAN == stan })
}

// voided marks an entry of the journal.
func (s *State) voided(stan string) {
	i := slices.IndexFunc(s.Journal, func(e Entry) bool { return e.STAN == stan })
	if i < 0 {
		return
	}
	s.Journal = slices.Clone(s.Journal)
	s.Journal[i].Void = true
}

// commit saves a changed state and takes it over only when it is durable.
func (t *Terminal) commit(change func(*State)) error {
	next := t.state.next()
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
