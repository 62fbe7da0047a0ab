package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"possim/host/wire"
)

// TestDecodeForms: one message as hexadecimal, base64 and the bytes themselves, in
// every dialect, which auto finds; whole and broken off, when what came before is
// shown and the exit code is 3.
func TestDecodeForms(t *testing.T) {
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := d.Encode(nil, &wire.Message{
			MTI: "0200", ProcessingCode: "000000", Amount: 1234, STAN: "000001", EntryMode: "022", TID: "T0000001", // characters that are all hexadecimal digits would be taken for such
			MID: "898100054110001", Currency: "156", Private60: "22000001000", Chip: []byte{0x9F, 0x26, 1, 0xAB, 0x95, 1, 0},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{0, 2} {
			message := frame[:len(frame)-cut]
			for form, text := range map[string]string{
				"hex": hex.EncodeToString(message), "base64": base64.StdEncoding.EncodeToString(message), "binary": string(message),
			} {
				for _, dialect := range []string{name, "auto"} {
					decodeForm(t, name+" as "+form, dialect, text, cut > 0)
				}
			}
		}
	}
}

func decodeForm(t *testing.T, what, dialect, text string, broken bool) {
	t.Helper()
	a, stdout, stderr := testApp(text)
	code := a.run(t.Context(), []string{"decode", "--json", "--dialect", dialect})
	var got struct {
		Dialect, MTI, Why string
		Fields            map[string]any
		Error             *struct{ Field string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%s, --dialect %s: exit %d, %v\n%s%s", what, dialect, code, err, stdout, stderr)
	}
	want := exitOK
	if broken {
		want = exitFile
	}
	if code != want || (got.Error != nil) != broken || got.MTI != "0200" || got.Fields["4"] != "000000001234" {
		t.Errorf("%s, --dialect %s: exit %d, want %d\n%s%s", what, dialect, code, want, stdout, stderr)
	}
	if (got.Why != "") != (dialect == "auto") || dialect == "auto" && !strings.HasPrefix(got.Why, got.Dialect) {
		t.Errorf("%s, --dialect %s: why %q", what, dialect, got.Why)
	}
	// Broken off, the packed dialects may be one as near as the other.
	if !strings.HasPrefix(what, got.Dialect+" ") && !broken {
		t.Errorf("%s, --dialect %s: taken for %s", what, dialect, got.Dialect)
	}
}

// TestDecodeWhy: people are told on stderr, where it is in nobody's way.
func TestDecodeWhy(t *testing.T) {
	a, stdout, stderr := testApp("")
	code := a.run(t.Context(), []string{"decode", "--dialect", "auto", "0800002000000080000030303030303130303030303030"})
	if code != exitFile || !strings.Contains(stderr.String(), "comes nearest") || strings.Contains(stdout.String(), "nearest") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}
