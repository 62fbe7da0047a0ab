package hsm

import (
	"errors"
	"strings"
	"testing"
)

func kbpk(t testing.TB, block, s string) Key {
	if block[0] == 'D' || block[0] == 'E' {
		return aesKey(t, s)
	}
	return tdesKey(t, s)
}

// testdata/tr31.json: the examples of TR-31:2018 A.7, ANSI X9.143:2021 8 and ISO
// 20038:2017 B, blocks of a Thales payShield 10k, and psec's, each with its source.
func TestKeyBlockVectors(t *testing.T) {
	versions := map[byte]int{}
	for _, v := range vectors(t, "tr31.json") {
		block := v["key_block"]
		under := kbpk(t, block, v["kbpk"])
		k, h, err := OpenKeyBlock(under, block)
		if err != nil {
			t.Errorf("%s: %v", v["source"], err)
			continue
		}
		versions[block[0]]++
		is(t, v["source"], k.Reveal(), v["key"])
		if got := h.format(len(block)); !strings.HasPrefix(block, got) {
			t.Errorf("%s: the header comes back as %s", v["source"], got)
		}
		again, err := h.Seal(under, k, seeded())
		if err != nil {
			t.Errorf("%s: %v", v["source"], err)
			continue
		}
		if back, h2, err := OpenKeyBlock(under, again); err != nil || !back.Equal(k) || h2.Usage != h.Usage {
			t.Errorf("%s: sealed again: %v", v["source"], err)
		}
	}
	for _, v := range []byte("ABCDE") {
		if versions[v] == 0 {
			t.Errorf("no vector of version %c", v)
		}
	}
}

func TestKeyBlockHeader(t *testing.T) {
	// ANSI X9.143:2021 8.4.2.
	const block = "B0120B0TX12S0100KS1800604B120F929280000015CEB14B76D551F21EC43A75390FA118A98C6CB049E3B9E864A5F4A8B9A5108A6DB5635C95B042D7"
	h, err := ParseKeyBlock(block)
	if err != nil {
		t.Fatal(err)
	}
	if h.Version != 'B' || h.Usage != "B0" || h.Algorithm != 'T' || h.Mode != 'X' || h.KeyVersion != "12" || h.Exportability != 'S' ||
		h.Reserved != "00" || len(h.Optional) != 1 || h.Optional[0] != (Option{"KS", "00604B120F9292800000"}) {
		t.Errorf("%+v", h)
	}
	// Lengths of optional blocks as knovichikhin/psec tests/test_tr31.py has them.
	for _, v := range []struct{ in, data string }{
		{"B0050P0TE00N0200KS00011600604B120F9292PB0C00000000", "00604B120F9292"},
		{"B0288P0TE00N0200KS0002010A" + strings.Repeat("P", 256) + "PB0600", strings.Repeat("P", 256)},
	} {
		h, at, err := splitKeyBlock(v.in)
		if err != nil || at != len(v.in) || len(h.Optional) != 2 || h.Optional[0].Data != v.data {
			t.Errorf("%s: %v %d", v.in[:30], err, at)
		}
	}
	for _, bad := range []string{
		"", "B0016P0TE00N000", "_0016P0TE00N0000", "B0017P0TE00N0000", "BXXXXP0TE00N0000", "B0016P0TE00N0X00", "B0016P0TE00N0100",
		"B0018P0TE00N0100KS", "B0020P0TE00N0100KS1Y", "B0020P0TE00N0100KS02", "B0020P0TE00N0100KS05", "B0020P0TE00N0100KS00",
		"B0022P0TE00N0100KS0000", "B0022P0TE00N0100KS0003", "B0024P0TE00N0100KS000101", "B0024P0TE00N0100KS0001FF", "B0020P0TE00N0100**04", "F0016P0TE00N0000",
		"B0017P0TE00N0000\x03", "B0018P0TE00N0000é",
	} {
		if _, err := ParseKeyBlock(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestKeyBlockRefusesChanges(t *testing.T) {
	for _, v := range vectors(t, "tr31.json") {
		block := v["key_block"]
		under := kbpk(t, block, v["kbpk"])
		for i := range block {
			c := byte('0')
			if block[i] == c {
				c = '1'
			}
			changed := block[:i] + string(c) + block[i+1:]
			k, _, err := OpenKeyBlock(under, changed)
			if err == nil || !k.Zero() {
				t.Errorf("%s: opened with character %d changed", v["source"], i+1)
			}
		}
		for _, cut := range []string{block[:len(block)-2], block + "00", block[:16], block[:40]} {
			if _, _, err := OpenKeyBlock(under, cut); err == nil {
				t.Errorf("%s: opened with %d characters", v["source"], len(cut))
			}
		}
		if _, _, err := OpenKeyBlock(kbpk(t, block, canary+canary[:16]), block); !errors.Is(err, ErrKeyBlock) || strings.Contains(err.Error(), block[40:48]) {
			t.Errorf("%s: another key: %v", v["source"], err)
		}
	}
}

func TestKeyBlockSeal(t *testing.T) {
	tmk, aes := tdesKey(t, canary), aesKey(t, canary+canary)
	for _, v := range []struct {
		h        KeyBlock
		under, k Key
	}{
		{KeyBlock{Version: 'A', Usage: "K0", Mode: 'B', Exportability: 'E'}, tmk, tdesKey(t, canary)},
		{KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E', Optional: []Option{{"KS", "00604B120F9292800"}}}, tmk, tdesKey(t, canary)},
		{KeyBlock{Version: 'B', Usage: "P0", Mode: 'E', Exportability: 'N'}, tdesKey(t, canary+canary[:16]), tdesKey(t, canary[:16])},
		{KeyBlock{Version: 'C', Usage: "M3", Mode: 'C', Exportability: 'N'}, tmk, aesKey(t, canary)},
		{KeyBlock{Version: 'D', Usage: "D0", Mode: 'B', Exportability: 'S', Optional: []Option{{"CT", strings.Repeat("x", 300)}}}, aes, aesKey(t, canary)},
		{KeyBlock{Version: 'D', Usage: "M7", Mode: 'C', Exportability: 'N'}, aesKey(t, canary+canary[:16]), key(t, HMAC, canary)},
		{KeyBlock{Version: 'E', Usage: "K1", Mode: 'B', Exportability: 'E', Optional: []Option{{"PB", "0"}}}, aesKey(t, canary), aes},
	} {
		block, err := v.h.Seal(v.under, v.k, seeded())
		if err != nil {
			t.Fatal(err)
		}
		if leaks(block) {
			t.Errorf("%s shows the key", block)
		}
		k, h, err := OpenKeyBlock(v.under, block)
		if err != nil || !k.Equal(v.k) || h.Usage != v.h.Usage {
			t.Errorf("%s: %v", block, err)
		}
		if _, at, _ := splitKeyBlock(block); at%8 != 0 {
			t.Errorf("%s: a header of %d characters", block, at)
		}
		// Padding hides the length: a shorter key of the family makes a block as long.
	}
	for name, f := range map[string]func() (string, error){
		"no key": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E'}.Seal(tmk, Key{}, seeded())
		},
		"no version": func() (string, error) {
			return KeyBlock{Usage: "K0", Mode: 'B', Exportability: 'E'}.Seal(tmk, tmk, seeded())
		},
		"no usage": func() (string, error) {
			return KeyBlock{Version: 'B', Mode: 'B', Exportability: 'E'}.Seal(tmk, tmk, seeded())
		},
		"no mode": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Exportability: 'E'}.Seal(tmk, tmk, seeded())
		},
		"family": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Algorithm: 'A', Mode: 'B', Exportability: 'E'}.Seal(tmk, tmk, seeded())
		},
		"under AES": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E'}.Seal(aes, tmk, seeded())
		},
		"random": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E'}.Seal(tmk, tmk, strings.NewReader(""))
		},
		"too long": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E', Optional: []Option{{"CT", strings.Repeat("x", 8999)}, {"CT", strings.Repeat("x", 999)}}}.Seal(tmk, tmk, seeded())
		},
		"option": func() (string, error) {
			return KeyBlock{Version: 'B', Usage: "K0", Mode: 'B', Exportability: 'E', Optional: []Option{{"C", "x"}}}.Seal(tmk, tmk, seeded())
		},
	} {
		if block, err := f(); err == nil || block != "" || leaks(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzKeyBlock(f *testing.F) {
	for _, v := range vectors(f, "tr31.json") {
		f.Add(v["key_block"])
	}
	f.Add("B0050P0TE00N0200KS00011600604B120F9292PB0C00000000")
	tdes, aes := tdesKey(f, "EFE0853B256B583D868F251CE99EA1D9"), aesKey(f, "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6")
	f.Fuzz(func(t *testing.T, block string) {
		h, at, err := splitKeyBlock(block)
		if err == nil {
			if at > len(block) || len(h.format(len(block))) < headerLength {
				t.Errorf("the header of %q ends at %d", block, at)
			}
			if h.check() != nil {
				t.Errorf("%q was read and would not be written", block)
			}
		}
		for _, k := range []Key{tdes, aes} {
			if got, _, err := OpenKeyBlock(k, block); err != nil && !got.Zero() {
				t.Error("an error and a key")
			}
		}
	})
}
