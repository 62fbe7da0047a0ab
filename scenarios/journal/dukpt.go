package journal

import (
	"possim/host/hsm"
	"possim/host/wire"
)

// serial is the key serial number in a request's field 62, in bytes or in characters.
func serial(m *wire.Message) (hsm.KSN, bool) {
	if n := len(m.Private62); n == 10 || n == 12 {
		return hsm.KSN(m.Private62), true
	}
	ksn, err := hsm.ParseKSN(string(m.Private62))
	return ksn, err == nil
}

// notice remembers the serial number of a request whose terminal has keys of each
// message's own (DUKPT, ANSI X9.24-3), which no sign-on brings.
func (s *sessions) notice(m *wire.Message) {
	if len(m.Private62) == 0 || len(m.MAC) == 0 || m.MTI.Answer() == "" {
		return
	}
	if ksn, ok := serial(m); ok {
		s.serials[m.MID+m.TID] = ksn
	}
}

// working are the keys of a request: those that follow from the base derivation key and
// its serial number, else those of its terminal's session.
func (s *sessions) working(m *wire.Message) hsm.WorkingKeys {
	ksn, ok := serial(m)
	if s.bdk.Zero() || !ok {
		return s.keys[m.MID+m.TID]
	}
	return hsm.WorkingKeys{TPK: s.derive(ksn, hsm.UsePIN), TAK: s.derive(ksn, hsm.UseMACRequest), TDK: s.derive(ksn, hsm.UseDataRequest)}
}

// derive is the key of one message for a use, the zero key where there is none.
func (s *sessions) derive(ksn hsm.KSN, use hsm.Usage) hsm.Key {
	initial, err := hsm.InitialKey(s.bdk, ksn)
	if err != nil {
		return hsm.Key{}
	}
	kind := hsm.TDES2
	if initial.Algorithm() == hsm.AES {
		kind = hsm.AES128
	}
	key, err := hsm.WorkingKey(initial, ksn, use, kind)
	if err != nil {
		return hsm.Key{}
	}
	return key
}

// derivedSeal is what a message of a terminal with such keys is sealed with, an answer
// under the serial number of the request before it; nil where nobody knows.
func (s *sessions) derivedSeal(m *wire.Message, ksn hsm.KSN) wire.Seal {
	if s.bdk.Zero() {
		return nil
	}
	use := hsm.UseMACResponse
	if m.MTI.Answer() != "" {
		use = hsm.UseMACRequest
	}
	key, method := s.derive(ksn, use), s.method
	if key.Algorithm() == hsm.AES {
		method = hsm.MACCMAC // the others are of DES
	}
	seal, err := method.Sealer(key)
	if err != nil {
		return nil
	}
	return seal
}
