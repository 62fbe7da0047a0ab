package journal

import (
	"possim/host/hsm"
	"possim/host/wire"
)

// keysOf are the keys that m is to be sealed with: those of its own that follow from a
// base derivation key and the serial number in field 62 (DUKPT, ANSI X9.24-3), else
// those of its terminal's session.
func (p *play) keysOf(m *wire.Message) hsm.WorkingKeys {
	if p.stage.BDK.Zero() || len(m.Private62) == 0 {
		return p.sessions.working(m)
	}
	ksn, ok := serial(m)
	if !ok {
		return p.sessions.working(m)
	}
	initial, err := hsm.InitialKey(p.stage.BDK, ksn)
	if err != nil {
		return hsm.WorkingKeys{}
	}
	kind := hsm.TDES2
	if initial.Algorithm() == hsm.AES {
		kind = hsm.AES128
	}
	var w hsm.WorkingKeys
	for use, key := range map[hsm.Usage]*hsm.Key{hsm.UsePIN: &w.TPK, hsm.UseMACRequest: &w.TAK, hsm.UseDataRequest: &w.TDK} {
		if *key, err = hsm.WorkingKey(initial, ksn, use, kind); err != nil {
			return hsm.WorkingKeys{}
		}
	}
	return w
}

// serial is the key serial number in a request's field 62, in bytes or in characters.
func serial(m *wire.Message) (hsm.KSN, bool) {
	if n := len(m.Private62); n == 10 || n == 12 {
		return hsm.KSN(m.Private62), true
	}
	ksn, err := hsm.ParseKSN(string(m.Private62))
	return ksn, err == nil
}

// notice remembers terminals that seal each message with keys of its own, which no
// sign-on brings.
func (s *sessions) notice(m *wire.Message) {
	if len(m.Private62) == 0 || len(m.MAC) == 0 || m.MTI.Answer() == "" {
		return
	}
	if _, ok := serial(m); ok {
		s.derive[m.MID+m.TID] = true
	}
}

// sealOf is what m is to be sealed with; nil where nobody knows.
func (p *play) sealOf(m *wire.Message) wire.Seal {
	if p.stage.BDK.Zero() {
		return p.sessions.seal(m)
	}
	keys := p.keysOf(m)
	if keys.TAK.Zero() {
		return nil
	}
	seal, err := p.sessions.method.Sealer(keys.TAK)
	if err != nil {
		return nil
	}
	return seal
}
