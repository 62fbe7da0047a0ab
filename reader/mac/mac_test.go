package mac

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tdes(t testing.TB, key string) *TDES {
	t.Helper()
	c, err := NewTDES(unhex(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func check(t *testing.T, got []byte, want string) {
	t.Helper()
	// Some tables print the first bytes only.
	if w := unhex(t, want); len(got) < len(w) || !bytes.Equal(got[:len(w)], w) {
		t.Errorf("got %X, want %s", got, want)
	}
}

// ISO/IEC 9797-1 Annex B (the texts and keys of its tables for algorithms 1 and 3).
func TestISO9797(t *testing.T) {
	const key, pair = "0123456789ABCDEF", "0123456789ABCDEFFEDCBA9876543210"
	long, short := []byte("Now is the time for all "), []byte("Now is the time for it")
	for _, v := range []struct {
		data []byte
		pad  Padding
		alg1 string // the annex prints four bytes
		alg3 string
	}{
		{long, Zeros, "70A30640", "A1C72E74EA3FA9B6"},
		{long, OneAndZeros, "10E1F0F1", "E9086230CA3BE796"},
		{long, LengthFirst, "2C58FB8F", "AB059463D7A7D170"},
		{short, Zeros, "E45B3AD2", "2E2B1428CC78254F"},
		{short, OneAndZeros, "A924C721", "5A692CE64F404145"},
		{short, LengthFirst, "B1ECD6FC", "C59F7EED328DDD69"},
	} {
		check(t, CBC(tdes(t, key), v.data, v.pad), v.alg1)
		check(t, Retail(tdes(t, pair), v.data, v.pad), v.alg3)
	}
	// ANSI X9.9 and X9.19 are the first row.
	check(t, X99(tdes(t, key), long), "70A30640")
	check(t, X919(tdes(t, pair), long), "A1C72E74EA3FA9B6")
	// FIPS 113, Appendix 2.
	check(t, X99(tdes(t, key), []byte("7654321 Now is the time for ")), "F1D30F6849312CA4")
	// Bouncy Castle, ISO9797Alg3MacTest.
	check(t, X919(tdes(t, "7CA110454A1A6E570131D9619DC1376E"), []byte("Hello World !!!!")), "F09B856213BAB83B")
}

// knovichikhin/psec tests/test_mac.py: triple DES chains and keys of the retail MAC
// whose halves are themselves pairs of equal parts.
func TestPsec(t *testing.T) {
	hello := []byte("hello world")
	pair := tdes(t, "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB")
	check(t, CBC(pair, hello, Zeros), "68D9038F23360DF3")
	check(t, CBC(pair, hello, OneAndZeros), "32DC341271ACCD00")
	check(t, CBC(pair, hello, LengthFirst), "CDACA53E2DAA5412")
	ab := tdes(t, "41414141414141414242424242424242")
	check(t, Retail(ab, hello, Zeros), "3DDE5C5511661CBF")
	check(t, Retail(ab, hello, OneAndZeros), "E16941032C3BC7D4")
	check(t, Retail(ab, hello, LengthFirst), "BA90F750EF43F668")
}

func TestPadding(t *testing.T) {
	// knovichikhin/psec tests/test_mac.py, test_pad_iso_1 to 3.
	for _, v := range []struct {
		pad        Padding
		size       int
		data, want string
	}{
		{Zeros, 8, "1234", "1234000000000000"},
		{Zeros, 8, "1234567890123456", "1234567890123456"},
		{Zeros, 4, "", "00000000"},
		{OneAndZeros, 8, "12345678901234", "1234567890123480"},
		{OneAndZeros, 8, "1234567890123456", "12345678901234568000000000000000"},
		{OneAndZeros, 4, "", "80000000"},
		{LengthFirst, 8, "1234", "00000000000000101234000000000000"},
		{LengthFirst, 8, "1234567890123456", "00000000000000401234567890123456"},
		{LengthFirst, 4, "12345678", "0000002012345678"},
		{LengthFirst, 16, "12", "00000000000000000000000000000008 12000000000000000000000000000000"},
	} {
		if got, want := v.pad.Pad(unhex(t, v.data), v.size), unhex(t, v.want); !bytes.Equal(got, want) {
			t.Errorf("method %d of %q by %d: got %X, want %X", v.pad, v.data, v.size, got, want)
		}
	}
}

// NIST SP 800-38B Appendix D with the corrections NIST published for its triple DES
// examples ("Updated CMAC Examples"); the AES-128 ones are RFC 4493 section 4.
func TestCMAC(t *testing.T) {
	const text = "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51" +
		"30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710"
	for _, v := range []struct {
		key  string
		des  bool
		macs map[int]string
	}{
		{"2B7E151628AED2A6ABF7158809CF4F3C", false, map[int]string{
			0: "BB1D6929E95937287FA37D129B756746", 16: "070A16B46B4D4144F79BDD9DD04A287C", 20: "7D85449EA6EA19C823A7BF78837DFADE",
			40: "DFA66747DE9AE63030CA32611497C827", 64: "51F0BEBF7E3B9D92FC49741779363CFE"}},
		{"8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B", false, map[int]string{
			0: "D17DDF46ADAACDE531CAC483DE7A9367", 16: "9E99A7BF31E710900662F65E617C5184", 20: "3D75C194ED96070444A9FA7EC740ECF8",
			64: "A1D5DF0EED790F794D77589659F39A11"}},
		{"603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4", false, map[int]string{
			0: "028962F61B7BF89EFC6B551F4667D983", 16: "28A7023F452E8F82BD4BF28D8C37C35C", 20: "156727DC0878944A023C1FE03BAD6D93",
			40: "AAF3D8F1DE5640C232F5B169B9C911E6", 64: "E1992190549F6ED5696A2C056C315410"}},
		{"8AA83BF8CBDA10620BC1BF19FBB6CD58BC313D4A371CA8B5", true, map[int]string{
			0: "B7A688E122FFAF95", 8: "8E8F293136283797", 20: "743DDBE0CE2DC2ED", 32: "33E6B1092400EAE5"}},
		{"4CF15134A2850DD58A3D10BA80570D38", true, map[int]string{0: "BD2EBF9A3BA00361", 8: "4FF2AB813C53CE83"}},
	} {
		var b cipher.Block
		if b, _ = aes.NewCipher(unhex(t, v.key)); v.des {
			b = tdes(t, v.key)
		}
		for n, want := range v.macs {
			t.Run(fmt.Sprintf("%s.../%d", v.key[:4], n), func(t *testing.T) { check(t, CMAC(b, unhex(t, text[:2*n])), want) })
		}
	}
	// NIST CAVS, CMACGenTDES2.
	check(t, CMAC(tdes(t, "5104F2C76180C1D3B9DF763E31ADA716"), unhex(t, "A6866BE2FA6678F264A19C4474968E3F4EEC24F5086D")), "32E7758F3F614DBF")
}

// The two recorded messages of UnionPay terminals whose MAK is public, from the XOR
// of their blocks on (the Easy8583Ans and go8583 projects).
func TestECBPublished(t *testing.T) {
	for _, v := range []struct{ mak, x, mac, field string }{
		{"313215FDA2C4AB4C", "8DBA2933C4B6C379", "B7133B57B67CF51A", "B7133B57"},
		{"DAB36167E6DFB5EF", "8669012722F217C6", "E5805ECBE0AFADDD", "E5805ECB"},
	} {
		// A message of one block is its own XOR, and so is one followed by two equal blocks.
		x := unhex(t, v.x)
		long := append(append([]byte(nil), x...), "12345678\x00\x0012345678"...)
		long = append(long[:16], long[18:]...)
		for _, mab := range [][]byte{x, append(x, 0, 0, 0), long} {
			check(t, ECB(tdes(t, v.mak), mab), v.mac)
			if got := string(ECBField(tdes(t, v.mak), mab)); got != v.field {
				t.Errorf("F64 %q, want %q", got, v.field)
			}
			// A double-length MAK of two equal halves is the single-length one.
			check(t, ECB(tdes(t, v.mak+v.mak), mab), v.mac)
		}
	}
}

// A MAK whose halves differ: no vector is public for it. This one was computed with
// OpenSSL's triple DES, block by block.
func TestECBDouble(t *testing.T) {
	check(t, ECB(tdes(t, "0123456789ABCDEFFEDCBA9876543210"), []byte("    aaaa")), "C80AFDC90B662887")
}

func TestKCV(t *testing.T) {
	// ANSI X9.24-1's BDK and the usual check value of the zero TDES key.
	check(t, KCV(tdes(t, "0123456789ABCDEFFEDCBA9876543210")), "08D7B4")
	check(t, KCV(tdes(t, "00000000000000000000000000000000")), "8CA64D")
	// Working keys of public UnionPay sign-ons (Easy8583Ans): four bytes.
	check(t, KCV(tdes(t, "D931648F3DE313A4A22C15DCA4F4299E")), "900ECCE3")
	check(t, KCV(tdes(t, "AB7C577CC7A18045")), "CFF1592A")
	// CyberChef's payment operations, "AES-CMAC zeros".
	b, _ := aes.NewCipher(unhex(t, "00112233445566778899AABBCCDDEEFF"))
	check(t, KCV(b), "53E107")
}

func TestParityIgnored(t *testing.T) {
	even, odd := tdes(t, "0022446688AACCEE1032547698BADCFE"), tdes(t, "0123456789ABCDEF1133557799BBDDFF")
	if !bytes.Equal(KCV(even), KCV(odd)) {
		t.Error("parity bits changed the key")
	}
}

func TestNewTDESLengths(t *testing.T) {
	for n := range 40 {
		_, err := NewTDES(make([]byte, n))
		if ok := n == 8 || n == 16 || n == 24; ok != (err == nil) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestPrintsNothing(t *testing.T) {
	c := tdes(t, "0123456789ABCDEFFEDCBA9876543210")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if got := fmt.Sprintf(verb, c); got != "DES key of 16 bytes" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if got := fmt.Sprint((*TDES)(nil)); got != "no DES key" {
		t.Error(got)
	}
}

func TestEqual(t *testing.T) {
	if !Equal([]byte("ab"), []byte("ab")) || Equal([]byte("ab"), []byte("abc")) || Equal([]byte("ab"), []byte("ac")) || Equal(nil, nil) {
		t.Error("Equal is wrong")
	}
}

func BenchmarkECB(b *testing.B) {
	c, mab := tdes(b, "AB7C577CC7A18045"), make([]byte, 300)
	for b.Loop() {
		ECBField(c, mab)
	}
}
