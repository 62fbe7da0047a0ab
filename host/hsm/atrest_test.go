package hsm

import (
	"crypto/aes"
	"errors"
	"strings"
	"testing"
)

// RFC 3394 section 4 (without padding) and RFC 5649 section 6.
func TestKeyWrapVectors(t *testing.T) {
	const kek = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
	const data = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
	for _, v := range []struct {
		kek, data int
		want      string
	}{
		{16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"},
		{32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"},
		{32, 24, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"},
		{32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	} {
		b, err := aes.NewCipher(unhex(t, kek[:2*v.kek]))
		if err != nil {
			t.Fatal(err)
		}
		got := wrap(b, wrapIV, unhex(t, data[:2*v.data]))
		is(t, "RFC 3394", got, v.want)
		iv, plain := unwrap(b, got)
		if iv != wrapIV {
			t.Errorf("unwrapped with %X", iv)
		}
		is(t, "RFC 3394", plain, data[:2*v.data])
	}
	kek2, err := aes.NewCipher(unhex(t, "5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8"))
	if err != nil {
		t.Fatal(err)
	}
	for plain, want := range map[string]string{
		"C37B7E6492584340BED12207808941155068F738": "138BDEAA9B8FA7FC61F97742E72248EE5AE6AE5360D1AE6A5F54F373FA543B6A",
		"466F7250617369": "AFBEB0F07DFBF5419200F2CCB50BB24F",
	} {
		got, err := wrapPad(kek2, unhex(t, plain))
		if err != nil {
			t.Fatal(err)
		}
		is(t, "RFC 5649", got, want)
		back, err := unwrapPad(kek2, got)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "RFC 5649", back, plain)
		for i := range got {
			got[i] ^= 1
			if _, err := unwrapPad(kek2, got); err == nil {
				t.Errorf("unwrapped with byte %d changed", i)
			}
			got[i] ^= 1
		}
	}
	for n := range 40 {
		if _, err := unwrapPad(kek2, make([]byte, n)); err == nil {
			t.Errorf("%d zeros unwrapped", n)
		}
	}
	if _, err := wrapPad(nil, []byte("x")); err == nil {
		t.Error("wrapped under no key")
	}
}

func TestAtRest(t *testing.T) {
	const hexMaster = "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4"
	master, err := ParseMaster(hexMaster + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{tdesKey(t, canary), tdesKey(t, canary[:16]), aesKey(t, canary+canary), key(t, HMAC, canary)} {
		stored, err := Wrap(master, k, "10000001", "TMK")
		if err != nil || leaks(stored) || strings.ContainsAny(stored, " \n") {
			t.Fatal(stored, err)
		}
		if again, _ := Wrap(master, k, "10000001", "TMK"); again != stored {
			t.Error("the same key wraps to other bytes")
		}
		if back, err := Unwrap(master, stored, "10000001", "TMK"); err != nil || !back.Equal(k) {
			t.Error(err)
		}
		for _, place := range [][]string{{"10000002", "TMK"}, {"10000001", "TPK"}, {"10000001TMK"}, {"1000000", "1TMK"}, {}, {"10000001", "TMK", ""}} {
			if got, err := Unwrap(master, stored, place...); !errors.Is(err, ErrUnwrap) || !got.Zero() {
				t.Errorf("opened at %q: %v", place, err)
			}
		}
		if _, err := Unwrap(aesKey(t, canary+canary), stored, "10000001", "TMK"); !errors.Is(err, ErrUnwrap) {
			t.Error("another master key:", err)
		}
		changed := stored[:len(stored)-1] + string(stored[len(stored)-1]^1)
		for _, bad := range []string{changed, stored[:len(stored)-2], stored[:5], "kw1:", "kw1:xx", ""} {
			if got, err := Unwrap(master, bad, "10000001", "TMK"); err == nil || !got.Zero() || (bad != "" && !errors.Is(err, ErrUnwrap)) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	for _, bad := range []string{"", hexMaster[:32], hexMaster + "00", strings.Replace(hexMaster, "6", "x", 1)} {
		if k, err := ParseMaster(bad); err == nil || !k.Zero() || !strings.Contains(err.Error(), "openssl rand -hex 32") || (bad != "" && strings.Contains(err.Error(), bad[1:9])) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Wrap(master, Key{}, "x"); err == nil {
		t.Error("no key was wrapped")
	}
	if _, err := Wrap(tdesKey(t, canary), tdesKey(t, canary), "x"); err == nil {
		t.Error("wrapped under a TDES key")
	}
}
