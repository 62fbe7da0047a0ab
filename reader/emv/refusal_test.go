package emv

import (
	"errors"
	"math/bits"
	"strings"
	"testing"

	"possim/reader/mac"
)

// Every named bit is one bit of a byte its field has, and named once.
func TestEveryBit(t *testing.T) {
	for what, c := range map[string]struct {
		size  int
		names []bitName
	}{"TVR": {5, tvrNames}, "TSI": {2, tsiNames}, "AIP": {2, aipNames}, "AUC": {2, aucNames}, "9F33": {3, capabilitiesNames},
		"9F40": {5, moreCapabilitiesNames}, "TTQ": {4, ttqNames}, "CTQ": {2, ctqNames}} {
		seen := map[uint16]bool{}
		for _, n := range c.names {
			v := make([]byte, c.size)
			changeBits(v, true, []uint16{n.bit})
			if at := int(n.bit >> 8); at < 1 || at > c.size || bits.OnesCount8(byte(n.bit)) != 1 || seen[n.bit] || !hasBit(v, n.bit) {
				t.Errorf("%s: %04X %s", what, n.bit, n.text)
			}
			if got := bitNames(v, c.names); len(got) != 1 || got[0] != n.text {
				t.Errorf("%s: %04X is %q, want %s", what, n.bit, got, n.text)
			}
			seen[n.bit] = true
		}
	}
}

// Without a key nothing is computed, and nothing breaks.
func TestNoKey(t *testing.T) {
	var none Key
	eight, src := make([]byte, 8), List{New(TagATC, []byte{0, 1}), New(TagCryptogram, make([]byte, 8)), New(TagUnpredictableNumber, make([]byte, 4))}
	first := func(_ any, err error) error { return err }
	for what, err := range map[string]error{
		"option A": first(MasterKeyA(none, testPAN, "")), "option B": first(MasterKeyB(none, "6799990200000001114", "")),
		"common": first(SessionCommon(none, eight)), "ATC": first(SessionATC(none, 1)), "PBOC": first(SessionPBOC(none, 1)),
		"Visa": first(SessionVisa(none, 1)), "Mastercard": first(SessionMastercard(none, 1, eight[:4])), "tree": first(SessionTree(none, 1, 8, 4, make([]byte, 16))),
		"cryptogram": first(ApplicationCryptogram(none, nil, mac.Zeros)), "ARPC 1": first(ARPC1(none, eight, eight[:2])),
		"ARPC 2": first(ARPC2(none, eight, eight[:4], nil)), "script": first(ScriptMAC(none, nil, 8)),
		"encipher": first(ConcealEMV.Encipher(none, nil)), "decipher": first(ConcealEMV.Decipher(none, eight)),
		"PIN block": first(PINBlockVisa(none, "1234", "")), "open": first(OpenPINBlockVisa(none, eight, "")),
		"card keys": first(PBOCCVN01.CardKeys(Keys{}, testPAN, "")), "protect": first(PBOCCVN01.Protect(Keys{}, src, Command{})),
		"answer": first(VisaCVN18.IssuerAuthentication(Keys{}, src, Answer{})), "PIN change": first(PBOCCVN01.PINChange(Keys{}, src, "1234", "")),
	} {
		if !errors.Is(err, errNoKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if none.String() != "no key" || none.KCV(3) != nil || none.Cipher() != nil || !none.Equal(Key{}) || none.Reveal() != nil {
		t.Error("no key is something")
	}
}

// Lengths that no book has are errors that say which.
func TestWrongLengths(t *testing.T) {
	k := key(t, "0123456789ABCDEFFEDCBA9876543210")
	eight := make([]byte, 8)
	first := func(_ any, err error) error { return err }
	for what, err := range map[string]error{
		"want 8":      first(SessionCommon(k, eight[:7])),
		"want 4":      first(SessionMastercard(k, 1, eight)),
		"want 16":     first(SessionTree(k, 1, 8, 4, eight)),
		"tree of":     first(SessionTree(k, 1, 0, 4, make([]byte, 16))),
		"method 1":    first(ARPC1(k, eight, eight)),
		"method 2":    first(ARPC2(k, eight, eight[:4], make([]byte, 9))),
		"4 to 8":      first(ScriptMAC(k, nil, 9)),
		"255":         first(ConcealVisa.Encipher(k, make([]byte, 256))),
		"blocks":      first(ConcealVisa.Decipher(k, eight[:7])),
		"5F34":        first(MasterKeyA(k, testPAN, "1")),
		"8 to 19":     first(MasterKeyA(k, "123", "01")),
		"4 to 12":     first(PINBlock2("123")),
		"ATC":         first(VisaCVN18.Protect(Keys{MAC: k}, List{}, Command{})),
		"9F26":        first(VisaCVN18.Protect(Keys{MAC: k}, List{New(TagATC, eight[:2])}, Command{})),
		"no room":     first(VisaCVN18.Protect(Keys{MAC: k}, List{}, Command{Data: make([]byte, 250)})),
		"9F02":        first(VisaCVN18.Cryptogram(Keys{AC: k}, List{})),
		"8 to 16":     first(VisaCVN18.VerifyIssuer(Keys{AC: k}, List{}, eight[:7])),
		"by method 1": first(VisaCVN10.VerifyIssuer(Keys{AC: k}, List{}, eight)),
		"a header":    first(VisaCVN10.Open(Keys{MAC: k}, List{}, eight)),
		"challenge":   first(PublicKey{}.EncipherPIN(eight, nil, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPrivateKeyOf(t *testing.T) {
	v := testIssuer(t).RSA.in.in
	k := must[PrivateKey](t)(PrivateKeyOf(v.p.Bytes(), v.q.Bytes(), 3))
	if string(k.Public().Modulus) != string(v.public.Modulus) {
		t.Error("the same primes make another key")
	}
	for _, bad := range []struct {
		p, q []byte
		e    int
	}{{v.p.Bytes(), v.p.Bytes(), 3}, {v.p.Bytes(), v.n.Bytes(), 3}, {nil, nil, 3}, {v.p.Bytes(), v.q.Bytes(), 2}, {v.p.Bytes(), v.q.Bytes(), 0}} {
		if _, err := PrivateKeyOf(bad.p, bad.q, bad.e); err == nil {
			t.Error("no key, and it passes")
		}
	}
	if _, err := k.Decipher(v.public.Modulus); err == nil {
		t.Error("a block as large as the modulus passes")
	}
	if _, err := (PublicKey{make([]byte, 64), []byte{3}}).Encipher(make([]byte, 64)); err == nil {
		t.Error("a modulus of zeros passes")
	}
}
