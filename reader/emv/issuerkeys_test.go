package emv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"possim/reader/card"
)

const testPAN = card.PAN("6210947000000021")

func testIssuer(t testing.TB) *IssuerKeys {
	t.Helper()
	return must[*IssuerKeys](t)(NewIssuerKeys(IssuerProfile{Seed: "a test", RID: RIDUnionPay, Issuer: "621094",
		CABits: 1024, IssuerBits: 896}))
}

// What our own issuer signs, the terminal's half of this package recovers, which in
// turn was held against what others published.
func TestOwnChain(t *testing.T) {
	for _, exponent := range []int{3, 65537} {
		t.Run(fmt.Sprint(exponent), func(t *testing.T) {
			k := must[*IssuerKeys](t)(NewIssuerKeys(IssuerProfile{Seed: "s", RID: RIDUnionPay, Issuer: "621094",
				CABits: 896, IssuerBits: 768, Exponent: exponent}))
			static := []byte("static data")
			c := must[*ICCKeys](t)(k.NewICCKeys(ICCProfile{Seed: "s", PAN: testPAN, Sequence: "01", Bits: 640,
				Exponent: exponent, Static: static, PINKey: true}))
			records := append(append(k.Certificate.IssuerObjects(), c.Certificate.ICCObjects()...), c.PINCertificate.PINObjects()...)
			issuer := must[IssuerKey](t)(k.Authority.CAPK().Recover(IssuerCertificate(records), testPAN))
			icc := must[ICCKey](t)(issuer.Recover(ICCCertificate(records), static, testPAN))
			if icc.PAN != testPAN || icc.Expires.YYMM() != "4912" || issuer.Issuer != "621094" {
				t.Errorf("%v %v %v", icc.PAN, icc.Expires, issuer.Issuer)
			}
			dynamic(t, c, icc)
			pin := must[ICCKey](t)(issuer.RecoverPIN(PINCertificate(records), testPAN))
			block := must[[]byte](t)(PINBlock2("1234"))
			data := must[[]byte](t)(pin.EncipherPIN(block, []byte("8 bytes!"), Seeded("x", "pin")))
			got, challenge, err := c.PIN.DecipherPIN(data)
			if err != nil || !bytes.Equal(got, block) || string(challenge) != "8 bytes!" {
				t.Error("the card finds another PIN or challenge", err)
			}
			if _, _, err := c.RSA.DecipherPIN(data); err == nil {
				t.Error("another key deciphers the PIN")
			}
			ssad := must[[]byte](t)(k.RSA.SignStatic([2]byte{0xDA, 0xC0}, static))
			if code := must[[2]byte](t)(issuer.VerifyStatic(ssad, static)); code != [2]byte{0xDA, 0xC0} {
				t.Errorf("DAC %X", code)
			}
		})
	}
}

func dynamic(t *testing.T, c *ICCKeys, icc ICCKey) {
	t.Helper()
	un := []byte{1, 2, 3, 4}
	sig := must[[]byte](t)(c.RSA.SignDynamic([]byte{9, 9}, un))
	if d := must[Dynamic](t)(icc.VerifyDynamic(sig, un)); !bytes.Equal(d.Number, []byte{9, 9}) {
		t.Errorf("dynamic number %X", d.Number)
	}
	must[Dynamic](t)(icc.VerifyFast(sig, un, false))
	want := Dynamic{Number: []byte{1, 2, 3}, CID: CID(ARQC), Cryptogram: []byte("cryptogr")}
	sig = must[[]byte](t)(c.RSA.SignCombined(want, un, []byte("transaction")))
	d := must[Dynamic](t)(icc.VerifyCombined(sig, un, []byte("transaction")))
	if d.CID != want.CID || !bytes.Equal(d.Cryptogram, want.Cryptogram) {
		t.Errorf("CDA: %+v", d)
	}
	if _, err := icc.VerifyFast(sig, []byte{4, 3, 2, 1}, false); err == nil {
		t.Error("another unpredictable number passes")
	}
}

func TestSameSeedSameKeys(t *testing.T) {
	a, b := testIssuer(t), testIssuer(t)
	if !bytes.Equal(a.Certificate.Data, b.Certificate.Data) || !a.Master.AC.Equal(b.Master.AC) || a.Master.AC.Equal(a.Master.MAC) {
		t.Error("the same seed gives other keys, or one key twice")
	}
	other := must[*IssuerKeys](t)(NewIssuerKeys(IssuerProfile{Seed: "another", RID: RIDUnionPay, Issuer: "621094", CABits: 1024, IssuerBits: 896}))
	if bytes.Equal(a.Certificate.Data, other.Certificate.Data) || a.Master.AC.Equal(other.Master.AC) {
		t.Error("another seed gives the same keys")
	}
}

func TestKeyLengths(t *testing.T) {
	for bits := MinKeyBits; bits <= 1152; bits += 128 {
		k := must[PrivateKey](t)(NewPrivateKey(bits, 3, Seeded("s", "length")))
		if k.Public().Size()*8 != bits || k.Public().Modulus[0]&0x80 == 0 {
			t.Errorf("%d bits: a modulus of %d bytes that starts with %02X", bits, k.Public().Size(), k.Public().Modulus[0])
		}
	}
	for _, bad := range [][2]int{{MinKeyBits - 16, 3}, {MaxKeyBits + 16, 3}, {1001, 3}, {1024, 4}, {-1, 3}} {
		if _, err := NewPrivateKey(bad[0], bad[1], Seeded("s", "bad")); err == nil {
			t.Errorf("%v passes", bad)
		}
	}
	if _, err := NewPrivateKey(512, 3, strings.NewReader("too little")); err == nil {
		t.Error("a source that ends makes a key")
	}
}

func TestNoSeedNoKeys(t *testing.T) {
	if _, err := NewIssuerKeys(IssuerProfile{Issuer: "621094"}); err == nil {
		t.Error("keys from nothing")
	}
	if _, err := NewIssuerKeys(IssuerProfile{Seed: "s", Issuer: "6210947000000021", CABits: 640, IssuerBits: 512}); err == nil || strings.Contains(err.Error(), "6210947") {
		t.Error("a card number as issuer:", err)
	}
	if _, err := (PrivateKey{}).SignDynamic(nil, nil); !errors.Is(err, errNoRSA) {
		t.Error(err)
	}
}

func TestPublicCAPKs(t *testing.T) {
	l, err := LoadCAPKs(bytes.NewReader(capksJSON))
	if err != nil {
		t.Fatal(err)
	}
	if len(l) != len(PublicCAPKs()) || len(l) < 100 || len(l.Tests()) < 20 {
		t.Errorf("%d keys, %d for tests", len(l), len(l.Tests()))
	}
	for index := byte(0x08); index <= 0x0C; index++ {
		if _, ok := l.Find(RIDUnionPay, index); !ok {
			t.Errorf("UnionPay's %02X is missing", index)
		}
	}
	if _, ok := l.Find(RIDUnionPay, 0x77); ok {
		t.Error("a key nobody published")
	}
	for what, file := range map[string]string{
		"checksum": `[{"rid":"A000000333","index":"08","exponent":"03","modulus":"` + strings.Repeat("C1", 144) + `","sha1":"00"}]`,
		"index":    `[{"rid":"A000000333","index":"8","exponent":"03","modulus":"","sha1":""}]`,
		"RID":      `[{"rid":"A0","index":"08","exponent":"03","modulus":"","sha1":""}]`,
		"field":    `[{"rid":"A000000333","name":"x"}]`,
		"modulus":  `[{"rid":"A000000333","index":"08","exponent":"03","modulus":"C1","sha1":""}]`,
		"JSON":     `{`,
	} {
		if _, err := LoadCAPKs(strings.NewReader(file)); err == nil {
			t.Errorf("wrong %s passes", what)
		}
	}
}

func BenchmarkSignDynamic(b *testing.B) {
	k := must[PrivateKey](b)(NewPrivateKey(1152, 3, Seeded("s", "bench")))
	for b.Loop() {
		if _, err := k.SignDynamic([]byte{1, 2}, []byte{1, 2, 3, 4}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewIssuerKeys(b *testing.B) {
	for b.Loop() {
		if _, err := NewIssuerKeys(IssuerProfile{Seed: "s", RID: RIDUnionPay, Issuer: "621094"}); err != nil {
			b.Fatal(err)
		}
	}
}
