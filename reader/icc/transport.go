package icc

import "fmt"

// Protocol is the transmission protocol of ISO/IEC 7816-3 that the ATR offers.
type Protocol int

// The protocols.
const (
	T0 Protocol = iota // byte by byte: data is fetched with GET RESPONSE, a wrong Le answered with the right one
	T1                 // by blocks: data comes with the answer
)

// String returns "T=0" or "T=1".
func (p Protocol) String() string { return fmt.Sprintf("T=%d", int(p)) }

// The ATRs of EMV Book 1, 8.2: T=0 with five historical bytes; the basic one of T=1.
var (
	atrT0    = []byte{0x3B, 0x65, 0x00, 0x00, 0x20, 0x63, 0xCB, 0xB8, 0x00}
	atrT1    = []byte{0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0xEB}
	atrTap   = []byte{0x3B, 0x80, 0x80, 0x01, 0x01}                         // what a reader makes of a card without historical bytes (PC/SC part 3, 3.1.3.2.3)
	atrWrong = []byte{0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0xEC} // its check byte is wrong
)

const insGetResponse = 0xC0

// shape gives a response the form its transport has.
//
// T=0 (EMV Book 1, 9.2.3.2 and Annex A): a command with data never answers with data,
// but with 61xx; one without has to ask for the right length, and is told it by 6Cxx.
// Whether a terminal sends or drops the Le of a command with data makes no difference,
// since T=0 has no room for it. T=1 takes no Le, 00 and any Le that is large enough.
func (m *machine) shape(cmd command, r response) []byte {
	n := len(r.data)
	switch {
	case n == 0:
		return r.bytes()
	case m.profile.Protocol == T0 && len(cmd.data) > 0:
		m.pending = r
		return word(swMore + status(n&0xFF)).bytes()
	case m.profile.Protocol == T0 && cmd.le != n, len(cmd.data) == 0 && cmd.le > 0 && cmd.le < n:
		return word(swWrongLe + status(n&0xFF)).bytes()
	}
	return r.bytes()
}

// getResponse fetches what 61xx announced. A Le of 00 takes all there is; a smaller one
// a part, and the rest is announced again.
func (m *machine) getResponse(cmd command) []byte {
	r := m.pending
	n := len(r.data)
	switch {
	case m.profile.Protocol != T0:
		return word(swNoInstruction).bytes()
	case cmd.p1p2() != 0:
		return word(swWrongP1P2).bytes()
	case n == 0:
		return word(swConditions).bytes()
	case cmd.le > n && cmd.le < 256:
		return word(swWrongLe + status(n&0xFF)).bytes()
	case cmd.le > 0 && cmd.le < n:
		m.pending.data = r.data[cmd.le:]
		return response{r.data[:cmd.le], swMore + status((n-cmd.le)&0xFF)}.bytes()
	}
	m.pending = response{}
	return r.bytes()
}
