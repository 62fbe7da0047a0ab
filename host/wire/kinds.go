package wire

import (
	"slices"
	"strings"
)

// Kind is a kind of transaction.
type Kind string

// The kinds of transaction.
const (
	Purchase         Kind = "purchase"
	Void             Kind = "void"
	Refund           Kind = "refund"
	PreAuth          Kind = "pre-authorisation"
	PreAuthCancel    Kind = "pre-authorisation cancel"
	Completion       Kind = "completion"
	CompletionNotice Kind = "completion notice"
	CompletionVoid   Kind = "completion void"
	OfflineSale      Kind = "offline sale"
	QR               Kind = "qr payment"
	Balance          Kind = "balance"
	Reversal         Kind = "reversal"

	SignOn       Kind = "sign-on"
	SignOff      Kind = "sign-off"
	Echo         Kind = "echo"
	Status       Kind = "status"
	Settlement   Kind = "settlement"
	BatchUpload  Kind = "batch upload"
	BatchEnd     Kind = "batch end"
	ScriptResult Kind = "script result"

	ParameterDownload Kind = "parameter download"
	ParameterEnd      Kind = "parameter end"
	CAPKQuery         Kind = "CAPK query"
	CAPKDownload      Kind = "CAPK download"
	CAPKEnd           Kind = "CAPK end"
	AIDQuery          Kind = "AID query"
	AIDDownload       Kind = "AID download"
	AIDEnd            Kind = "AID end"
)

// Transaction is how a kind of transaction is told on the wire. What is empty is
// not sent, or is the original's in a reversal.
type Transaction struct {
	Kind       Kind
	Chinese    string
	Request    MTI
	Processing string // F3
	Condition  string // F25
	Type       string // 60.1
	Network    string // 60.3
	Code70     string // F70
	EntryMode  string // F22, where the kind itself settles it

	// Reversible: without an answer, or with one that cannot be trusted, a reversal
	// follows (RULES: the terminal).
	Reversible bool
	// Sealed: the request and its answer carry a MAC.
	Sealed bool
	// Financial: it may not go before a pending reversal, and needs the batch that
	// the host has open.
	Financial bool

	networks string // what else 60.3 may be, separated by spaces
	also     string // what else F3 may begin with
	alone    bool   // the message type tells it, whatever 60.3 says
}

// Transaction returns how d tells a kind of transaction; ok is false when it has
// no message for it.
func (d *Dialect) Transaction(k Kind) (t Transaction, ok bool) {
	for i := range d.kinds {
		if d.kinds[i].Kind == k {
			return d.kinds[i], true
		}
	}
	return Transaction{}, false
}

// Transactions returns all that d has a message for.
func (d *Dialect) Transactions() []Transaction { return slices.Clone(d.kinds) }

// KindOf tells what a request asks for, in any dialect. ok is false for an answer
// and for what is not in the tables.
func KindOf(m *Message) (kind Kind, ok bool) {
	for _, table := range [][]Transaction{unionPayKinds, iso87Kinds} {
		for i := range table {
			if table[i].describes(m) {
				return table[i].Kind, true
			}
		}
	}
	return "", false
}

// describes reports whether m is a request of this kind.
func (t *Transaction) describes(m *Message) bool {
	mti := m.MTI.First()
	switch {
	case t.Kind == Reversal:
		return mti == t.Request || mti == MTIReversalAdvice
	case mti != t.Request:
		return false
	case t.Processing == "":
		return t.manages(m)
	}
	// Of the processing code only the first two digits say what is wanted: the
	// others name accounts.
	kind := m.Sub60().Type
	return len(m.ProcessingCode) == 6 && t.processes(m.ProcessingCode[:2]) &&
		(m.Condition == "" || m.Condition == t.Condition) &&
		(kind == "" || kind == t.Type) &&
		(t.EntryMode == "" || m.scanned())
}

func (t *Transaction) processes(code string) bool {
	return code == t.Processing[:2] || code == t.also
}

// manages is describes for what has no processing code: field 70 says what is
// wanted where there is one, otherwise 60.3.
func (t *Transaction) manages(m *Message) bool {
	if m.NetworkCode != "" && t.Code70 != "" {
		return m.NetworkCode == t.Code70
	}
	network := m.Sub60().Network
	return t.alone || network != "" && t.asks(network)
}

// asks reports whether 60.3 may be network.
func (t *Transaction) asks(network string) bool {
	return network == t.Network || slices.Contains(strings.Fields(t.networks), network)
}

// scanned reports whether m is paid with a code: a code in field 59, or an entry
// mode of 03, "the number was scanned" (some terminals write 04 as the published
// table has it, so the code alone is enough).
func (m *Message) scanned() bool {
	_, code := m.ScanCode()
	return code || strings.HasPrefix(m.EntryMode, "03")
}

// Start fills in what makes m a request of this kind: MTI, F3, F22 of a scanned
// code, F25, 60.1, 60.3 and F70, and leaves the rest of m as it is: a batch number
// in field 60 and, where a kind has several network codes (sign-on 001, 003, 004),
// one of them that is there already.
func (t Transaction) Start(m *Message) {
	m.MTI = t.Request
	if t.Processing != "" {
		m.ProcessingCode = t.Processing
	}
	if t.Condition != "" {
		m.Condition = t.Condition
	}
	if t.EntryMode != "" && !strings.HasPrefix(m.EntryMode, t.EntryMode[:2]) {
		m.EntryMode = t.EntryMode
	}
	if t.Type != "" {
		sub := m.Sub60()
		if !t.asks(sub.Network) {
			sub.Network = t.Network
		}
		sub.Type, sub.Batch = t.Type, orZeros(sub.Batch, 6)
		m.Private60 = sub.String()
	}
	if t.Code70 != "" {
		m.NetworkCode = t.Code70
	}
}
