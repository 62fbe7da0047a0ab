package host

import (
	"slices"
	"strings"

	"possim/host/wire"
)

// unionPayProblem looks at what UnionPay's dialect says of an order or reversal: a
// field that contradicts another, a part that cannot be, a reference that is not
// whole (UnionPay table of transactions). ISO 8583:1987 asks for none of it: there
// any one of fields 37, 38, 61 and 90 names an original, field 60 is optional, and
// what stands in field 53 is the parties' own.
func (d *deal) unionPayProblem() string {
	if !d.unionPay() {
		return ""
	}
	for _, look := range []func(*deal) string{(*deal).entryProblem, (*deal).securityProblem, (*deal).referenceProblem} {
		if problem := look(d); problem != "" {
			return problem
		}
	}
	return ""
}

// managed are the kinds whose 60.1 is 00.
const managed = signOn | signOff | settlement | upload | batchEnd | report | download

// typeProblem looks at field 60: the batch number may not be cut short, nor 60.1
// contradict what else says what the message is. A type that no message of the table
// has is none: 12 says that it is not served.
func (d *deal) typeProblem() string {
	f60 := d.Private60
	if !d.unionPay() || f60 == "" {
		return ""
	}
	if len(f60) < 8 || !allDigits(f60) {
		return "field 60 is not a type code of 2 digits and a batch number of 6 to begin with"
	}
	wrong := false
	switch {
	case d.kind&managed != 0:
		wrong = f60[:2] != "00"
	case d.kind == other:
		wrong = d.mistyped(d.MTI.First())
	case d.kind == reversal && d.ProcessingCode != "":
		// It repeats 3, 25 and 60 of its original, in a message type of its own.
		wrong = d.mistyped(wire.MTIFinancialRequest, wire.MTIAuthRequest, wire.MTIAdvice)
	}
	if wrong {
		return "field 60.1 (type " + f60[:2] + ") contradicts message type, field 3 or field 25"
	}
	return ""
}

// mistyped reports whether the message would be one of the table, in one of these
// message types, if it were not for its 60.1, which is that of another.
func (d *deal) mistyped(types ...wire.MTI) bool {
	m, would := d.Message, false
	for _, m.MTI = range types {
		m.Private60 = d.Private60
		if _, known := wire.KindOf(&m); known {
			return false
		}
		m.Private60 = ""
		_, known := wire.KindOf(&m)
		would = would || known
	}
	return would && slices.ContainsFunc(wire.UnionPay().Transactions(), func(t wire.Transaction) bool {
		return t.Type == d.Private60[:2]
	})
}

// entryModes are the first two digits of field 22, each with one of 0, 1 and 2
// behind it: whether a PIN can be entered, was, and was not.
var entryModes = strings.Fields("00 01 02 03 04 05 06 07 80 90 91 92 95 96 98")

func (d *deal) entryProblem() string {
	f22 := d.EntryMode
	if f22 == "" || len(f22) == 3 && slices.Contains(entryModes, f22[:2]) && f22[2] <= '2' {
		return ""
	}
	return "field 22 (entry mode) is none that there is"
}

// securityProblem compares field 53 with the PIN block it describes. A message
// without it means format 0.
func (d *deal) securityProblem() string {
	if d.Security == "" {
		return ""
	}
	sub, err := wire.ParseSub53(d.Security)
	switch {
	case err != nil:
		return err.Error()
	case sub.PINFormat != 0 && len(d.PINBlock) == 0:
		return "field 53 says the format of a PIN, and there is no field 52"
	case sub.PINFormat == 0 && len(d.PINBlock) > 0:
		return "field 53 says that there is no PIN, and field 52 holds one"
	}
	return ""
}

// referenceProblem asks for all that names an original: a void has field 37 and the
// original's batch and STAN in 61, a completion void its date too; a refund 37 and
// the date; what follows a pre-authorisation 38 and the date. A reversal says why.
func (d *deal) referenceProblem() string {
	if d.kind&(follows|reversal) == 0 {
		return ""
	}
	o, _ := wire.ParseOriginal61(d.Message.Original) // what cannot be read was refused before
	numbered, dated := unlessZeros(o.STAN) != "" && unlessZeros(o.Batch) != "", unlessZeros(o.Date) != ""
	switch {
	case d.kind == reversal && len(d.Code) != 2:
		return "field 39 (the reason) is missing"
	case d.kind&(void|completionVoid|refund) != 0 && d.RRN == "":
		return "field 37 (the original's reference number) is missing"
	case d.kind&(cancel|completion) != 0 && d.AuthCode == "":
		return "field 38 (the original's authorisation code) is missing"
	case d.kind&(void|completionVoid) != 0 && !numbered:
		return "field 61 does not name the original's batch and STAN"
	case d.kind&(follows&^void) != 0 && !dated:
		return "field 61 does not name the original's date"
	}
	return ""
}
