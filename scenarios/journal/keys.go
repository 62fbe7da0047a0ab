package journal

import (
	"encoding/hex"
	"fmt"
	"slices"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
)

// testKeys are the working keys of every session in a journal, published with
// registry.TestTMK in the samples of open-source UnionPay libraries: a TPK, a TAK and
// a TDK. What a host really gave out is never written.
var testKeys = func() (w hsm.WorkingKeys) {
	w.TPK, _ = hsm.ParseKey(hsm.TDES, "D931648F3DE313A4A22C15DCA4F4299E")
	w.TAK, _ = hsm.ParseKey(hsm.TDES, "AB7C577CC7A18045")
	w.TDK, _ = hsm.ParseKey(hsm.TDES, "A41A64285698D745FBE30024BF978DD8")
	return w
}()

// layouts are the layouts of field 62 by their length.
var layouts = map[int]hsm.Layout{24: hsm.Single, 40: hsm.Double, 60: hsm.DoubleAndTrack, 56: hsm.Triple, 84: hsm.TripleAndTrack}

// testBlock is field 62 of a sign-on answer with the test keys, n bytes of it; nil
// where no answer has that length.
func testBlock(n int) []byte { return blockUnder(registry.TestTMK, n) }

// blockUnder is testBlock under another TMK.
func blockUnder(tmk hsm.Key, n int) []byte {
	if block := blockOf(tmk, n); block != nil {
		return block
	}
	if n%2 != 0 {
		return nil
	}
	if block := blockOf(tmk, n/2); block != nil {
		return fmt.Appendf(nil, "%X", block) // as dialects of characters have it
	}
	return nil
}

func blockOf(tmk hsm.Key, n int) []byte {
	layout, ok := layouts[n]
	if !ok {
		return nil
	}
	w := testKeys
	if n == hsm.Single.Size() { // single DES, the first half of it
		w.TPK, _ = hsm.ParseKey(hsm.TDES, "D931648F3DE313A4")
	}
	if n != hsm.DoubleAndTrack.Size() && n != hsm.TripleAndTrack.Size() {
		w.TDK = hsm.Key{}
	}
	block, err := layout.Build(tmk, w)
	if err != nil {
		return nil
	}
	return block
}

// bringsKeys reports whether m gives a terminal working keys.
func bringsKeys(m *wire.Message) bool {
	return m.MTI == wire.MTINetworkAnswer && slices.Contains([]string{"001", "003", "004", "005"}, m.Sub60().Network) ||
		m.MTI == wire.MTINetworkAnswer && layouts[len(keyBlock(m))] != hsm.Layout{} && m.Sub60().Network == ""
}

// keyBlock is field 62 of a sign-on answer in bytes, where a dialect writes characters
// too.
func keyBlock(m *wire.Message) []byte {
	if block, err := hex.DecodeString(string(m.Private62)); err == nil {
		return block
	}
	return m.Private62
}

// sessions are the working keys that terminals and host agreed on while somebody
// listened.
type sessions struct {
	tmk     hsm.Key
	bdk     hsm.Key // of terminals with DUKPT keys; the zero key where it is not known
	method  hsm.MACAlgorithm
	keys    map[string]hsm.WorkingKeys
	seals   map[string]wire.Seal
	serials map[string]hsm.KSN // of the last request of terminals that have DUKPT keys
	wrapped bool               // the last keys were such that the TMK does not open them
}

func newSessions(tmk, bdk hsm.Key, method hsm.MACAlgorithm) *sessions {
	if tmk.Zero() {
		tmk = registry.TestTMK
	}
	if method == "" {
		method = hsm.MACECB
	}
	return &sessions{tmk: tmk, bdk: bdk, method: method, keys: map[string]hsm.WorkingKeys{}, seals: map[string]wire.Seal{}, serials: map[string]hsm.KSN{}}
}

// learn takes the keys of a sign-on answer.
func (s *sessions) learn(m *wire.Message) error {
	if !bringsKeys(m) || len(m.Private62) == 0 {
		return nil
	}
	of := m.MID + m.TID
	delete(s.keys, of)
	delete(s.seals, of)
	s.wrapped = false
	w, err := hsm.OpenWorkingKeys(s.tmk, keyBlock(m))
	if err != nil {
		s.wrapped = true
		return err
	}
	seal, err := s.method.Sealer(w.TAK)
	if err != nil {
		return err
	}
	s.keys[of], s.seals[of] = w, seal
	return nil
}

// seal is what m's terminal and host seal with, nil where nobody knows.
func (s *sessions) seal(m *wire.Message) wire.Seal {
	if ksn, ok := s.serials[m.MID+m.TID]; ok {
		return s.derivedSeal(m, ksn)
	}
	return s.seals[m.MID+m.TID]
}

// worth says what the MAC of a message is worth.
func (s *sessions) worth(m *wire.Message, mab []byte) Seal {
	if len(m.MAC) == 0 {
		return Unsealed
	}
	s.notice(m)
	seal := s.seal(m)
	if seal == nil {
		return Unverified
	}
	if hsm.Verify(seal, mab, m.MAC) != nil {
		return Invalid
	}
	return Valid
}

// sealed encodes a message with a MAC that is worth what is asked: a right one, a
// wrong one, or none.
func sealed(d *wire.Dialect, m *wire.Message, seal wire.Seal, worth Seal) ([]byte, error) {
	if worth == Unsealed {
		return d.Encode(nil, m, nil)
	}
	m.MAC = nil
	m.Clear(64)
	m.Clear(128)
	frame, err := d.Encode(nil, m, seal)
	if err != nil || worth != Invalid {
		return frame, err
	}
	var wrong wire.Message
	if _, err := d.Decode(frame, &wrong); err != nil {
		return nil, err
	}
	if last := &wrong.MAC[len(wrong.MAC)-1]; *last == '0' {
		*last = '1' // a digit, where MACs are written in digits
	} else {
		*last = '0'
	}
	return d.Encode(nil, &wrong, nil)
}
