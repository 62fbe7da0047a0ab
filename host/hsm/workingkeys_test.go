package hsm

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"possim/reader/card"
)

// Public sign-on answers of UnionPay terminals: the Easy8583Ans project and one of
// asianwallets. The keys inside are printed with them.
var signOns = []struct{ source, tmk, f62, tpk, tak, tdk string }{
	{"Easy8583Ans", "258FB0AB70D025CDB99DF2C4D302D646",
		"46F161A743497B32EAC760DF5EA57DF5 900ECCE3 977731A7EA402DDF0000000000000000 CFF1592A",
		"D931648F3DE313A4A22C15DCA4F4299E", "AB7C577CC7A18045", ""},
	{"asianwallets", "38D57B7C1979CF7910677DE5BB6A56DF",
		"6972BD7A34FE6C36C64D03EF0CA5994E 9CD241E0 0773978B72FDEFBF0000000000000000 F729CDAC 97F8B8A1B7464BE74CDC961676E9D5FE C0F466DB",
		"0726BF41E23F4FE1E93D31038173F607", "CDB437D90F1F1DFC", "A41A64285698D745FBE30024BF978DD8"},
}

func TestPublishedSignOns(t *testing.T) {
	for _, v := range signOns {
		tmk := tdesKey(t, v.tmk)
		w, err := OpenWorkingKeys(tmk, unhex(t, v.f62))
		if err != nil {
			t.Fatal(v.source, err)
		}
		is(t, v.source+" TPK", w.TPK.Reveal(), v.tpk)
		is(t, v.source+" TAK", w.TAK.Reveal(), v.tak)
		is(t, v.source+" TDK", w.TDK.Reveal(), v.tdk)
		l, _ := layoutOf(unhex(t, v.f62))
		again, err := l.Build(tmk, w)
		if err != nil {
			t.Fatal(v.source, err)
		}
		is(t, v.source+" built again", again, v.f62)
	}
	// go8583 prints a MAK with the check value of its F62, whose zero half shows that
	// it is single length; its TMK is not printed.
	is(t, "go8583", tdesKey(t, "DAB36167E6DFB5EF").KCV(4), "B8F616DC")
}

func TestWrongKCVRefusesAll(t *testing.T) {
	names := []string{"TPK", "TAK", "TDK"}
	for i, at := range []int{16, 36, 56} {
		block := unhex(t, signOns[1].f62)
		block[at] ^= 1
		w, err := OpenWorkingKeys(tdesKey(t, signOns[1].tmk), block)
		if !errors.Is(err, ErrKCV) || !strings.Contains(err.Error(), names[i]) || !w.TPK.Zero() || !w.TAK.Zero() {
			t.Errorf("%s: %v", names[i], err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "0123456789") {
			t.Errorf("the error has digits in it: %v", err)
		}
	}
	if _, err := OpenWorkingKeys(tdesKey(t, signOns[0].tmk), unhex(t, signOns[1].f62)); !errors.Is(err, ErrKCV) {
		t.Error("another TMK:", err)
	}
}

func TestLayouts(t *testing.T) {
	tmk := tdesKey(t, signOns[0].tmk)
	for _, v := range []struct {
		l    Layout
		size int
	}{{Single, 24}, {Double, 40}, {DoubleAndTrack, 60}, {Triple, 56}, {TripleAndTrack, 84}} {
		w, err := v.l.Make(seeded())
		if err != nil {
			t.Fatal(err)
		}
		block, err := v.l.Build(tmk, w)
		if err != nil || len(block) != v.size {
			t.Fatal(len(block), err)
		}
		back, err := OpenWorkingKeys(tmk, block)
		if err != nil || !back.TPK.Equal(w.TPK) || !back.TAK.Equal(w.TAK) || !back.TDK.Equal(w.TDK) {
			t.Errorf("%d bytes: %v", v.size, err)
		}
		if w.TAK.Size() != 8 {
			t.Errorf("%d bytes: a TAK of %d", v.size, w.TAK.Size())
		}
	}
	// A double-length TAK fills its field.
	w := WorkingKeys{TPK: tdesKey(t, canary), TAK: tdesKey(t, signOns[1].tpk)}
	block, err := Double.Build(tmk, w)
	if err != nil || bytes.Contains(block, make([]byte, 8)) {
		t.Error(err)
	}
	if back, err := OpenWorkingKeys(tmk, block); err != nil || !back.TAK.Equal(w.TAK) {
		t.Error(err)
	}
	for code, want := range map[string]Layout{"001": Single, "003": Double, "004": DoubleAndTrack} {
		if l, err := LayoutFor(code); err != nil || l != want {
			t.Error(code, err)
		}
	}
	for _, code := range []string{"", "005", "301"} {
		if _, err := LayoutFor(code); err == nil {
			t.Error(code)
		}
	}
}

func TestWorkingKeysRefused(t *testing.T) {
	tmk, k8, k16 := tdesKey(t, signOns[0].tmk), tdesKey(t, "AB7C577CC7A18045"), tdesKey(t, canary)
	for name, build := range map[string]func() error{
		"no TMK":          func() error { _, err := Double.Build(Key{}, WorkingKeys{TPK: k16, TAK: k8}); return err },
		"AES TMK":         func() error { _, err := Double.Build(aesKey(t, canary), WorkingKeys{TPK: k16, TAK: k8}); return err },
		"no TAK":          func() error { _, err := Double.Build(tmk, WorkingKeys{TPK: k16}); return err },
		"TDK has no room": func() error { _, err := Double.Build(tmk, WorkingKeys{TPK: k16, TAK: k8, TDK: k16}); return err },
		"too long":        func() error { _, err := Single.Build(tmk, WorkingKeys{TPK: k16, TAK: k8}); return err },
		"length":          func() error { _, err := OpenWorkingKeys(tmk, make([]byte, 41)); return err },
		"104 bytes":       func() error { _, err := OpenWorkingKeys(tmk, make([]byte, 104)); return err },
		"zeros":           func() error { _, err := OpenWorkingKeys(tmk, make([]byte, 40)); return err },
		"no TMK to open":  func() error { _, err := OpenWorkingKeys(Key{}, unhex(t, signOns[0].f62)); return err },
		"empty source":    func() error { _, err := Double.Make(strings.NewReader("")); return err },
	} {
		if err := build(); err == nil || leaks(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzWorkingKeys(f *testing.F) {
	for _, v := range signOns {
		f.Add(unhex(f, v.f62))
	}
	tmk := tdesKey(f, signOns[0].tmk)
	f.Fuzz(func(t *testing.T, block []byte) {
		w, err := OpenWorkingKeys(tmk, block)
		if err != nil {
			if !w.TPK.Zero() || !w.TAK.Zero() || !w.TDK.Zero() {
				t.Error("an error and keys")
			}
			return
		}
		l, _ := layoutOf(block)
		if again, err := l.Build(tmk, w); err != nil || !bytes.Equal(again, block) {
			t.Errorf("%X does not come back: %v", block, err)
		}
	})
}

// The clear track is a public UnionPay document's, the enciphered one was computed
// for this project by other code under the TDK of the asianwallets sign-on.
func TestTrackEncryption(t *testing.T) {
	tdk := tdesKey(t, signOns[1].tdk)
	const clear, want = "1234567890123456789=0508201781999168302", "1234567890123456789D054B9F3BA85D08A56C2"
	got, err := EncryptTrack2(tdk, clear)
	if err != nil || got.Reveal() != want {
		t.Errorf("%q, %v", got.Reveal(), err)
	}
	if back, err := DecryptTrack2(tdk, got); err != nil || back.Reveal() != clear {
		t.Errorf("%q, %v", back.Reveal(), err)
	}
	// Even and odd counts, both tracks, there and back.
	const long = "6210947000000021=29122010000012345678"
	for n := 17; n <= len(long); n++ {
		for _, way := range []struct {
			in, out func(Key, card.TrackData) (card.TrackData, error)
		}{{EncryptTrack2, DecryptTrack2}, {EncryptTrack3, DecryptTrack3}} {
			enc, err := way.in(tdk, card.TrackData(long[:n]))
			if err != nil || len(enc) != n || enc.Reveal() == long[:n] {
				t.Fatalf("%d: %v", n, err)
			}
			if back, err := way.out(tdk, enc); err != nil || back.Reveal() != long[:n] {
				t.Errorf("%d: %v", n, err)
			}
		}
	}
	for _, bad := range []card.TrackData{"", "6210947000000021", "B6210947000000021^NAME^2912"} {
		if _, err := EncryptTrack2(tdk, bad); err == nil || strings.Contains(err.Error(), "6210") {
			t.Errorf("%q: %v", bad.Reveal(), err)
		}
	}
	if _, err := DecryptTrack2(tdesKey(t, canary), got); !errors.Is(err, ErrTrack) {
		t.Error("another TDK:", err)
	}
	if _, err := EncryptTrack2(Key{}, clear); err == nil {
		t.Error("enciphered without a key")
	}
}

func TestSealAndVerify(t *testing.T) {
	pair, single := tdesKey(t, "0123456789ABCDEFFEDCBA9876543210"), tdesKey(t, "0123456789ABCDEF")
	for _, v := range []struct {
		source string
		a      MACAlgorithm
		k      Key
		mab    string
		want   string
	}{
		{"recorded UnionPay sale (Easy8583Ans), its blocks XORed", MACECB, tdesKey(t, "313215FDA2C4AB4C"), "8DBA2933C4B6C379", "4237313333423537"},
		{"recorded UnionPay QR sale (go8583), its blocks XORed", MACECB, tdesKey(t, "DAB36167E6DFB5EF"), "8669012722F217C6", "4535383035454342"},
		{"FIPS 113", MACX99, single, "37363534333231204E6F77206973207468652074696D6520666F7220", "F1D30F6849312CA4"},
		{"ISO/IEC 9797-1 Annex B", MACX919, pair, "4E6F77206973207468652074696D6520666F7220616C6C20", "A1C72E74EA3FA9B6"},
		{"RFC 4493", MACCMAC, aesKey(t, "2B7E151628AED2A6ABF7158809CF4F3C"), "6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144"},
		{"SP 800-38B", MACCMAC, tdesKey(t, "8AA83BF8CBDA10620BC1BF19FBB6CD58BC313D4A371CA8B5"), "6BC1BEE22E409F96", "8E8F293136283797"},
	} {
		s, err := v.a.Sealer(v.k)
		if err != nil {
			t.Fatal(v.source, err)
		}
		got, err := s(unhex(t, v.mab))
		if err != nil {
			t.Fatal(v.source, err)
		}
		is(t, v.source, got, v.want)
		if err := Verify(s, unhex(t, v.mab), got); err != nil {
			t.Error(v.source, err)
		}
		got[7] ^= 1
		for _, bad := range [][]byte{got, got[:4], nil} {
			if err := Verify(s, unhex(t, v.mab), bad); !errors.Is(err, ErrMAC) {
				t.Error(v.source, err)
			}
		}
	}
	for _, name := range []string{"ecb", "x9.9", "x9.19", "cmac"} {
		a, err := ParseMACAlgorithm(name)
		if err != nil {
			t.Error(err)
		}
		if _, err := a.Sealer(Key{}); err == nil {
			t.Errorf("%s sealed without a key", name)
		}
	}
	if _, err := ParseMACAlgorithm("md5"); err == nil {
		t.Error("md5 is known")
	}
	if _, err := MACX99.Sealer(aesKey(t, canary)); err == nil {
		t.Error("X9.9 under AES")
	}
	if _, err := MACAlgorithm("").Sealer(pair); err == nil {
		t.Error("no algorithm sealed")
	}
}
