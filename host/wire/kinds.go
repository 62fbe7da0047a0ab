package wire

import "strings"

// Kind is a kind of transaction.
type Kind string

// The kinds of transaction.
const (
	Purchase Kind = "purchase"
	Reversal Kind = "reversal"
	Echo     Kind = "echo"
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
}

// unionPayKinds is UnionPay's table of transactions.
var unionPayKinds = []Transaction{
	{Kind: Purchase, Chinese: "消费", Request: MTIFinancialRequest, Processing: "000000", Condition: "00", Type: "22", Network: "000"},
	{Kind: Reversal, Chinese: "冲正", Request: MTIReversal},
	{Kind: Echo, Chinese: "回响测试", Request: MTINotice, Type: "00", Network: "301"},
}

// iso87Kinds is the same for ISO 8583:1987, where field 60 is optional and field 70
// says what a network management message wants.
var iso87Kinds = []Transaction{
	{Kind: Purchase, Chinese: "消费", Request: MTIFinancialRequest, Processing: "000000", Condition: "00", Type: "22", Network: "000"},
	{Kind: Reversal, Chinese: "冲正", Request: MTIReversal},
	{Kind: Echo, Chinese: "回响测试", Request: MTINetwork, Code70: "301"},
}

// Transaction returns how d tells a kind of transaction; ok is false when it has
// no message for it.
func (d *Dialect) Transaction(k Kind) (t Transaction, ok bool) {
	for _, t := range d.kinds {
		if t.Kind == k {
			return t, true
		}
	}
	return Transaction{}, false
}

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

// describes reports whether m is a request of this kind. Of the processing code
// only the first two digits say what is wanted: the others name accounts.
func (t *Transaction) describes(m *Message) bool {
	mti := m.MTI.First()
	if t.Kind == Reversal && (mti == t.Request || mti == MTIReversalAdvice) {
		return true
	}
	if mti != t.Request {
		return false
	}
	if t.Kind == Echo {
		return t.Code70 != "" && m.NetworkCode == t.Code70 || t.Network != "" && m.Sub60().Network == t.Network
	}
	sub := m.Sub60()
	return len(m.ProcessingCode) == 6 && strings.HasPrefix(m.ProcessingCode, t.Processing[:2]) &&
		(m.Condition == "" || m.Condition == t.Condition) &&
		(sub.Type == "" || sub.Type == t.Type)
}

// Start fills in what makes m a request of this kind: MTI, F3, F25, 60.1, 60.3 and
// F70, and leaves the rest of m, a batch number in field 60 included, as it is.
func (t Transaction) Start(m *Message) {
	m.MTI = t.Request
	if t.Processing != "" {
		m.ProcessingCode = t.Processing
	}
	if t.Condition != "" {
		m.Condition = t.Condition
	}
	if t.Type != "" {
		sub := m.Sub60()
		sub.Type, sub.Network = t.Type, t.Network
		sub.Batch = orZeros(sub.Batch, 6)
		m.Private60 = sub.String()
	}
	if t.Code70 != "" {
		m.NetworkCode = t.Code70
	}
}
