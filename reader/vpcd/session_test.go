package vpcd_test

import (
	"bytes"
	"fmt"
	"testing"

	"possim/reader/emv"
	"possim/reader/icc"
)

// session is a terminal with one application of a card: it reads, checks and generates.
type session struct {
	testing.TB
	transmit   func(apdu []byte) []byte
	a          icc.Application
	dropLe     bool
	aip        emv.AIP
	data       emv.List
	records    []emv.Record
	pdol, sent []byte
}

// send sends a command, with a Le of 00 where an answer may come, and fetches it.
func (s *session) send(sw uint16, cla, ins, p1, p2 byte, data []byte) []byte {
	s.Helper()
	apdu := []byte{cla, ins, p1, p2}
	if len(data) > 0 {
		apdu = append(append(apdu, byte(len(data))), data...)
	}
	verifies := ins == 0x20 || ins == 0x82 // they have no answer
	if !verifies && !(s.dropLe && len(data) > 0) {
		apdu = append(apdu, 0)
	}
	r := s.transmit(apdu)
	if r[len(r)-2] == 0x6C {
		r = s.transmit([]byte{cla, ins, p1, p2, r[len(r)-1]})
	}
	var got []byte
	for r[len(r)-2] == 0x61 {
		got = append(got, r[:len(r)-2]...)
		r = s.transmit([]byte{0, 0xC0, 0, 0, r[len(r)-1]})
	}
	got = append(got, r[:len(r)-2]...)
	if have := uint16(r[len(r)-2])<<8 | uint16(r[len(r)-1]); have != sw {
		s.Fatalf("%02X %02X %02X %02X: %04X, want %04X", cla, ins, p1, p2, have, sw)
	}
	return got
}

// open selects the application and reads what it has.
func (s *session) open() {
	s.Helper()
	fci := must(emv.Parse(s.send(0x9000, 0, 0xA4, 4, 0, s.a.AID)))
	list, _ := fci.Find(emv.TagPDOL)
	s.pdol = must(emv.ParseDOL(list)).Build(terminalData)
	r := must(emv.Parse(s.send(0x9000, 0x80, 0xA8, 0, 0, emv.New(emv.TagCommandTemplate, s.pdol).Bytes())))
	two := r.Inside(emv.TagResponseFormat2)
	aip, afl := two.Value(emv.TagAIP), two.Value(emv.TagAFL)
	if one := r.Value(emv.TagResponseFormat1); one != nil {
		aip, afl = one[:2], one[2:]
	}
	s.aip = must(emv.ParseAIP(aip))
	for _, e := range must(emv.ParseAFL(afl)) {
		for n := e.First; n <= e.Last; n++ {
			b := s.send(0x9000, 0, 0xB2, byte(n), byte(e.SFI<<3|4), nil)
			s.data = append(s.data, must(emv.Parse(b)).Inside(emv.TagRecordTemplate)...)
			if n < e.First+e.Signed {
				s.records = append(s.records, emv.Record{SFI: e.SFI, Data: b})
			}
		}
	}
}

// key recovers the card's key from its certificates, or fails.
func (s *session) key() emv.ICCKey {
	s.Helper()
	issuer := must(s.a.Issuer.Authority.CAPK().Recover(emv.IssuerCertificate(s.data), s.a.Holder.PAN))
	static := must(emv.StaticData(s.records, s.data.Value(emv.TagSDATagList), s.aip[:]))
	return must(issuer.Recover(emv.ICCCertificate(s.data), static, s.a.Holder.PAN))
}

// generate sends GENERATE AC and verifies its cryptogram, and its signature where there
// is one. It returns the answer's objects and the terminal's.
func (s *session) generate(p1 byte, list emv.DOL, extra ...emv.TLV) emv.List {
	s.Helper()
	terminal := append(append(emv.List{}, extra...), terminalData...)
	data := list.Build(terminal)
	s.sent = append(s.sent, data...)
	r := must(emv.Parse(s.send(0x9000, 0x80, 0xAE, p1, 0, data)))
	l := r.Inside(emv.TagResponseFormat2)
	if one := r.Value(emv.TagResponseFormat1); one != nil {
		l = emv.List{emv.New(emv.TagCID, one[:1]), emv.New(emv.TagATC, one[1:3]), emv.New(emv.TagCryptogram, one[3:11]), emv.New(emv.TagIAD, one[11:])}
	}
	if sdad := l.Value(emv.TagSDAD); sdad != nil {
		signed := must(emv.CombinedData(r[0].List.Bytes(), s.pdol, s.sent))
		d := must(s.key().VerifyCombined(sdad, terminal.Value(emv.TagUnpredictableNumber), signed))
		if !bytes.Equal([]byte{byte(d.CID)}, l.Value(emv.TagCID)) {
			s.Fatalf("CDA signs the CID %v", d.CID)
		}
		l.Add(emv.TagCryptogram, d.Cryptogram)
	}
	l = append(l, append(terminal, emv.New(emv.TagAIP, s.aip[:]))...)
	scheme, keys := s.host(l)
	if err := scheme.Verify(keys, l); err != nil {
		s.Fatal(err)
	}
	return l
}

// host is what the issuer verifies and answers with.
func (s *session) host(l emv.List) (emv.Scheme, emv.Keys) {
	scheme := must(emv.SchemeOf(s.a.AID, l.Value(emv.TagIAD)))
	return scheme, must(scheme.CardKeys(s.a.Issuer.Master, s.a.Holder.PAN, s.a.Holder.Sequence))
}

// sell is a whole transaction: PIN, first GENERATE AC as asked, and where the card wants
// its issuer, the answer and the second.
func (s *session) sell(p1 byte, enciphered bool) {
	s.Helper()
	s.open()
	block := must(emv.PINBlock2("1234"))
	if enciphered {
		challenge := s.send(0x9000, 0, 0x84, 0, 0, nil)
		block = must(s.key().EncipherPIN(block, challenge, emv.Seeded("a terminal", fmt.Sprint(p1))))
		s.send(0x9000, 0, 0x20, 0, 0x88, block)
	} else {
		s.send(0x9000, 0, 0x20, 0, 0x80, block)
	}
	first := s.generate(p1, s.a.CDOL1)
	got, asked := emv.CID(first.Value(emv.TagCID)[0]).Type(), emv.CryptogramType(p1&0xC0)
	if got != asked {
		s.Fatalf("asked for %v, %v came", asked, got)
	}
	if signed := first.Value(emv.TagSDAD) != nil; signed != (p1&0x10 != 0 && got != emv.AAC) {
		s.Errorf("P1 %02X: signed: %v", p1, signed)
	}
	if got != emv.ARQC {
		return
	}
	scheme, keys := s.host(first)
	s.send(0x9000, 0, 0x82, 0, 0, must(scheme.IssuerAuthentication(keys, first, emv.Answer{ResponseCode: "00", StatusUpdate: [4]byte{0, 0x80, 0, 0}})))
	second := s.generate(byte(emv.TC)|p1&0x10, s.a.CDOL2, emv.New(emv.TagResponseCode, []byte("00")))
	if end := emv.CID(second.Value(emv.TagCID)[0]).Type(); end != emv.TC {
		s.Errorf("the end is %v", end)
	}
}
