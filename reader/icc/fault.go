package icc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// FaultKind names what is wrong with a card.
type FaultKind string

// The faults.
const (
	FaultMute             FaultKind = "mute"                // no ATR, no answer
	FaultWrongATR         FaultKind = "wrong-atr"           // an ATR whose check byte is wrong
	FaultTimeout          FaultKind = "timeout"             // dies at a command, until it is reset
	FaultPulledOut        FaultKind = "pulled-out"          // taken away at a command, for good
	FaultBlocked          FaultKind = "blocked"             // CARD BLOCK came before
	FaultApplication      FaultKind = "application-blocked" // APPLICATION BLOCK came before, to every application
	FaultWrongCertificate FaultKind = "wrong-certificate"   // the issuer's certificate is of no authority
	FaultStaleData        FaultKind = "stale-data"          // records changed after they were signed
)

// FaultKinds lists them.
var FaultKinds = []FaultKind{FaultMute, FaultWrongATR, FaultTimeout, FaultPulledOut, FaultBlocked, FaultApplication,
	FaultWrongCertificate, FaultStaleData}

// Fault is one thing wrong. At and INS are of FaultTimeout and FaultPulledOut: the
// At-th command since the card was made, GET RESPONSE not counted, or the At-th with
// the instruction INS. That command is not carried out.
type Fault struct {
	Kind FaultKind
	At   int  // from 1
	INS  byte // 0: any
}

// Errors of Transmit. The world they happen in is the emulated one: a terminal treats
// them as it does those of a real reader.
var (
	ErrMute    = errors.New("the card does not answer: clean its contacts, or take it for damaged")
	ErrTimeout = errors.New("the card stopped answering: reset it, or take it for damaged")
	ErrRemoved = errors.New("the card was pulled out")
)

// String returns the form ParseFault takes: "pulled-out@AE:2".
func (f Fault) String() string {
	switch {
	case f.At == 0:
		return string(f.Kind)
	case f.INS == 0:
		return fmt.Sprintf("%s@%d", f.Kind, f.At)
	}
	return fmt.Sprintf("%s@%02X:%d", f.Kind, f.INS, f.At)
}

// ParseFault takes a fault by its name: "mute", "timeout@5" (at the fifth command),
// "pulled-out@AE:2" (at the second GENERATE AC).
func ParseFault(text string) (Fault, error) {
	name, at, placed := strings.Cut(text, "@")
	f := Fault{Kind: FaultKind(name)}
	if ins, n, byINS := strings.Cut(at, ":"); byINS {
		v, err := strconv.ParseUint(ins, 16, 8)
		if err != nil || v == 0 {
			return Fault{}, fmt.Errorf("fault %q: %q is no instruction byte; write two hex digits, as in pulled-out@AE:2", text, ins)
		}
		f.INS, at = byte(v), n
	}
	if placed {
		n, err := strconv.Atoi(at)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q is no command; count from 1, as in timeout@5", text, at)
		}
		f.At = n
	}
	return f, f.check()
}

func (f Fault) check() error {
	switch f.Kind {
	case FaultTimeout, FaultPulledOut:
		if f.At < 1 {
			return fmt.Errorf("fault %s: at which command? write %s@5, or %s@AE:1 for the first GENERATE AC", f.Kind, f.Kind, f.Kind)
		}
		return nil
	}
	for _, k := range FaultKinds {
		if k == f.Kind {
			if f.At != 0 || f.INS != 0 {
				return fmt.Errorf("fault %s: it has no command to happen at", f.Kind)
			}
			return nil
		}
	}
	return fmt.Errorf("fault %q: unknown; want one of %v", string(f.Kind), FaultKinds)
}

// has reports whether the profile has a fault.
func (p *Profile) has(k FaultKind) bool {
	for _, f := range p.Faults {
		if f.Kind == k {
			return true
		}
	}
	return false
}

// strike returns the error a fault makes of the command about to be carried out.
func (m *machine) strike(ins byte) error {
	if m.profile.has(FaultMute) {
		return ErrMute
	}
	if ins != insGetResponse {
		m.count++
		m.byINS[ins]++
	}
	for _, f := range m.profile.Faults {
		n := m.count
		if f.INS != 0 {
			n = m.byINS[f.INS]
		}
		switch {
		case f.At == 0 || n < f.At || ins == insGetResponse || f.INS != 0 && f.INS != ins:
		case f.Kind == FaultPulledOut:
			m.dead = ErrRemoved
		case n == f.At: // after a reset it goes on
			m.dead = ErrTimeout
		}
	}
	return m.dead
}
