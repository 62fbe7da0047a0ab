package emulator

import (
	"encoding/hex"
	"fmt"

	"possim/host/hsm"
	"possim/host/wire"
)

// DUKPT is what a terminal is injected with in place of a TMK (ANSI X9.24): an
// initial key and its serial number. Every sealed message counts on and carries
// the number in field 62, which no financial message needs for anything else; in
// the dialects that write characters, in hexadecimal. No public UnionPay message
// has one: the place is this project's.
type DUKPT struct {
	Key hsm.Key // the initial key (IK, once IPEK)
	KSN hsm.KSN // its serial number, count 0
}

// InjectDUKPT is what a works that knows the base derivation key injects into the
// terminal of this number: FFFF, or FFFFFFFF under AES, and the number's eight digits
// are the serial number, so that host and terminal find each other by the base key alone.
func InjectDUKPT(bdk hsm.Key, tid string) (DUKPT, error) {
	if len(tid) != 8 || !digits(tid) {
		return DUKPT{}, fmt.Errorf("terminal %s: a serial number is made of 8 digits: inject an initial key and its own", tid)
	}
	text := "FFFF" + tid + "00000000"
	if bdk.Algorithm() == hsm.AES {
		text = "FFFFFFFF" + tid + "00000000"
	}
	ksn, err := hsm.ParseKSN(text)
	if err != nil {
		return DUKPT{}, err
	}
	key, err := hsm.InitialKey(bdk, ksn)
	return DUKPT{Key: key, KSN: ksn}, err
}

func (d DUKPT) loaded() bool { return !d.Key.Zero() }

// makesPINs reports whether its keys are of the family that a PIN format is made
// with: format 4 under AES, the others under TDES (ISO 9564-1).
func (d DUKPT) makesPINs(f hsm.PINFormat) bool {
	return d.loaded() && (d.Key.Algorithm() == hsm.AES) == (f == hsm.ISO4)
}

// ksn is the serial number of the last sealed message, or the injected one. One
// that was kept of another key is not counted on.
func (t *Terminal) ksn() hsm.KSN {
	kept, err := hsm.ParseKSN(t.state.KSN)
	if err != nil || kept.With(0).String() != t.DUKPT.KSN.With(0).String() {
		return t.DUKPT.KSN
	}
	return kept
}

// nextKSN counts on, durably: no key seals two messages.
func (t *Terminal) nextKSN() error {
	next, err := t.ksn().Next()
	if err != nil {
		return err
	}
	return t.commit(func(s *State) { s.KSN = next.String() })
}

// countOn names the keys of m.
func (t *Terminal) countOn(m *wire.Message) {
	if !t.DUKPT.loaded() {
		return
	}
	m.Private62 = t.ksn()
	if t.byField90() {
		m.Private62 = []byte(hex.EncodeToString(t.ksn()))
	}
}

// derived are the keys of the serial number of now. Tracks are enciphered under TDES
// alone, and a PIN under the family of its format: without a TPK none is asked for.
func (t *Terminal) derived() (w hsm.WorkingKeys) {
	if t.ksn().Counter() == 0 {
		return w // nothing was sealed yet
	}
	for use, to := range map[hsm.Usage]*hsm.Key{hsm.UsePIN: &w.TPK, hsm.UseMACRequest: &w.TAK, hsm.UseDataRequest: &w.TDK} {
		key, err := t.keyFor(use)
		if err != nil {
			t.Log.Warn().Err(err).Msg("no DUKPT key")
			continue
		}
		*to = key
	}
	if !t.DUKPT.makesPINs(t.PINFormat) {
		w.TPK = hsm.Key{}
	}
	if t.DUKPT.Key.Algorithm() == hsm.AES {
		w.TDK = hsm.Key{}
	}
	return w
}

func (t *Terminal) keyFor(use hsm.Usage) (hsm.Key, error) {
	kind := hsm.TDES2
	if t.DUKPT.Key.Algorithm() == hsm.AES {
		kind = hsm.AES128
	}
	return hsm.WorkingKey(t.DUKPT.Key, t.ksn(), use, kind)
}

// answerSeal checks the answers to what the keys of now sealed.
func (t *Terminal) answerSeal() (hsm.Seal, error) {
	key, err := t.keyFor(hsm.UseMACResponse)
	if err != nil {
		return nil, err
	}
	return t.MAC.Sealer(key)
}
