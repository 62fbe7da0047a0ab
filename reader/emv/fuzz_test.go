package emv

import (
	"bytes"
	"testing"

	"possim/reader/card"
)

// Whatever parses codes to bytes that parse to the same, and prints.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{pseFCI, "9F0206000000001234", "5F2A80", "7080", "00FF9C0100", "DF8101009F", "70037003700370"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(l.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), l.Bytes()) || again.String() != l.String() {
			t.Errorf("%X: %v, %v; %v", b, l, again, err)
		}
		l.Duplicate()
		_, _ = l.MarshalJSON()
		if len(l.Bytes()) > len(b) {
			t.Errorf("%X grows to %X", b, l.Bytes())
		}
	})
}

func FuzzDOL(f *testing.F) {
	f.Add(unhex(f, cdol), unhex(f, "9F0206000000001234"))
	f.Add(unhex(f, "5A0A9F4E30DF01FF"), unhex(f, "5A0812345678901234569F4E0241429F4900"))
	f.Fuzz(func(t *testing.T, b, source []byte) {
		d, err := ParseDOL(b)
		if err != nil {
			return
		}
		if !bytes.Equal(d.Bytes(), b) {
			t.Errorf("%X: %v", b, d)
		}
		l, _ := Parse(source)
		data := d.Build(l)
		if len(data) != d.Length() {
			t.Fatalf("%v builds %d bytes", d, len(data))
		}
		if split, err := d.Split(data); err != nil || len(split) != len(d) {
			t.Errorf("%v: %v %v", d, split, err)
		}
	})
}

// Any bytes as certificate or signature, raw and, so that the content is reached, signed
// by a key whose frame is right.
func FuzzCertificates(f *testing.F) {
	key := must[PrivateKey](f)(NewPrivateKey(512, 3, Seeded("s", "fuzz")))
	f.Add([]byte{formatIssuer, 0x62, 0x10, 0x94, 0xFF, 0x12, 0x49, 0, 0, 1, 1, 1, 64, 1}, []byte{}, []byte{3}, []byte{})
	f.Add([]byte{formatICC, 0x62, 0x10, 0x94, 0, 0, 0, 0, 0x21, 0xFF, 0xFF, 0x12, 0x49, 0, 0, 1, 1, 1, 64, 1}, []byte{}, []byte{3}, []byte{1})
	f.Add([]byte{formatDynamic, 1, 38, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x80}, []byte{1}, []byte{1, 0, 1}, []byte{1, 2, 3, 4})
	f.Add([]byte{formatStatic, 1, 0xDA, 0xC0}, []byte{}, []byte{3}, []byte{})
	pub := key.Public()
	f.Fuzz(func(t *testing.T, data, remainder, exponent, static []byte) {
		signed, err := key.sign("fuzz", data, remainder, exponent, static)
		if err != nil {
			signed = data
		}
		for _, d := range [][]byte{data, signed} {
			c := Certificate{d, remainder, exponent}
			ca, issuer, icc := CAPK{PublicKey: pub}, IssuerKey{PublicKey: pub}, ICCKey{PublicKey: pub}
			if k, err := ca.Recover(c, ""); err == nil && k.Size() < MinKeyBits/8 {
				t.Errorf("a key of %d bytes", k.Size())
			}
			_, _ = issuer.Recover(c, static, card.PAN(static))
			_, _ = issuer.VerifyStatic(d, static)
			_, _ = icc.VerifyDynamic(d, static)
			_, _ = icc.VerifyFast(d, static, len(d)%2 == 0)
			_, _ = icc.VerifyCombined(d, static, remainder)
			_, _ = CombinedData(d, static)
			_, _ = StaticData([]Record{{1, d}, {11, static}}, exponent, remainder)
			_, _ = PublicKey{d, exponent}.Encipher(remainder)
			_, _, _ = key.DecipherPIN(d)
		}
	})
}

// Any bytes as script command, issuer authentication data, 9F10, CVM list and AFL.
func FuzzCard(f *testing.F) {
	k := Keys{AC: key(f, "0123456789ABCDEFFEDCBA9876543210"), MAC: key(f, "FEDCBA98765432100123456789ABCDEF"), ENC: key(f, "89ABCDEF0123456776543210FEDCBA98")}
	f.Add(unhex(f, "84240002181B2943BED3D298F9C75848D17317CD1D25B70F7E26613E5F"), uint8(0))
	f.Add(unhex(f, "07000103A04002010A010000001000D1F61152"), uint8(7))
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		s := Schemes[int(which)%len(Schemes)]
		src := List{New(TagATC, []byte{0, 1}), New(TagCryptogram, make([]byte, 8)), New(TagUnpredictableNumber, make([]byte, 4)), New(TagIAD, b)}
		if c, err := s.Open(k, src, b); err == nil {
			_, _ = s.NewPIN(k, src, c, "1234")
		}
		_, _ = s.NewPIN(k, src, Command{P2: which & 3, Data: b}, "1234")
		_, _ = s.VerifyIssuer(k, src, b)
		_, _ = s.Cryptogram(k, src)
		_, _ = SchemeOf(b, b)
		if l, err := ParseCVMList(b); err == nil && len(l.Bytes()) != len(b) {
			t.Errorf("%X: %v", b, l)
		}
		if a, err := ParseAFL(b); err == nil && !bytes.Equal(a.Bytes(), b) {
			t.Errorf("%X: %v", b, a)
		}
		_, _ = OpenPINBlock2(b)
	})
}
