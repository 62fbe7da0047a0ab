package wire

import (
	"fmt"
	"slices"

	"possim/host/money"
)

// Answer returns the beginning of an answer to m: the message type that answers
// it, the TPDU with its addresses swapped, the header with nothing required, and
// the fields that an answer repeats. The code and what the host knows are still
// to be filled in.
func (m *Message) Answer() (a Message) {
	m.AnswerIn(&a)
	return a
}

// AnswerIn is Answer in room that is there.
func (m *Message) AnswerIn(a *Message) {
	*a = Message{
		MTI:    m.MTI.Answer(),
		TPDU:   SwapTPDU(m.TPDU),
		Header: slices.Clone(m.Header),
		// Who asks in another form wants to be answered in it.
		Readings: slices.Clone(m.Readings),
	}
	a.Require(RequireNothing)
	for _, number := range echoed {
		if !m.Present(number) {
			continue
		}
		a.Has.Add(number)
		if number == 4 {
			a.Amount = m.Amount
		} else if to := a.namedText(number); to != nil {
			*to = *m.namedText(number)
		}
	}
	for _, f := range m.Rest {
		if slices.Contains(echoedRest, f.Number) {
			a.Has.Add(f.Number)
			a.Rest = append(a.Rest, Field{Number: f.Number, Value: slices.Clone(f.Value)})
		}
	}
}

// What an answer repeats from its request, by name and from Rest: 7 and 24 are
// the keys by which some acquirers' switches find the request again.
var (
	echoed     = []int{2, 3, 4, 11, 25, 41, 42, 49, 60, 70, 90}
	echoedRest = []int{7, 24}
)

// SwapTPDU exchanges the addresses of a TPDU: the answer goes where the request
// came from.
func SwapTPDU(tpdu []byte) []byte {
	if len(tpdu) != tpduSize {
		return slices.Clone(tpdu)
	}
	return []byte{tpdu[0], tpdu[3], tpdu[4], tpdu[1], tpdu[2]}
}

// Requirement is what the host wants of the terminal, the eighth digit of the
// header.
type Requirement byte

// What a host may require.
const (
	RequireNothing Requirement = iota
	RequireStripeParameters
	RequireStatus
	RequireSignOn
	RequireCAPKs
	RequireChipParameters
	RequireTMS
)

// The digit sits in the header's third byte, after application class (n2),
// software version (n2) and terminal status (n1).
const requirementByte = 2

// Require sets the requirement in m's header, if it has one.
func (m *Message) Require(r Requirement) {
	if len(m.Header) == headerSize {
		m.Header[requirementByte] = m.Header[requirementByte]&0xF0 | byte(r)&0xF
	}
}

// Requirement returns what m's header requires.
func (m *Message) Requirement() Requirement {
	if len(m.Header) != headerSize {
		return RequireNothing
	}
	return Requirement(m.Header[requirementByte] & 0xF)
}

// Matches says whether ans answers req: it has the message type that answers it,
// and F3, F4, F11, F41 and F42 agree as far as the request carried them (RULES:
// repeats and reversals). The error names the first that differs.
func Matches(req, ans *Message) error {
	if want := req.MTI.Answer(); ans.MTI != want {
		return fmt.Errorf("the answer to a %s is a %s, and a %s came", req.MTI, want, ans.MTI)
	}
	for _, number := range matched {
		if !req.Present(number) {
			continue
		}
		if !ans.Present(number) {
			return fmt.Errorf("the answer has no field %d", number)
		}
		same := req.Amount == ans.Amount
		if number != 4 {
			same = *req.namedText(number) == *ans.namedText(number)
		}
		if !same {
			return fmt.Errorf("field %d of the answer is %s, and the request has %s", number, ans.plain(number), req.plain(number))
		}
	}
	return nil
}

// matched are the fields by which an answer is known.
var matched = [...]int{3, 4, 11, 41, 42}

// plain is the text of a field that is no secret.
func (m *Message) plain(number int) string {
	if number == 4 {
		return money.Format(m.Amount)
	}
	return fmt.Sprintf("%q", *m.namedText(number))
}
