package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestAuto finds the dialect of every golden message, with its length, without,
// with a length in characters, and without what stands before the message type.
func TestAuto(t *testing.T) {
	for _, name := range Names() {
		for _, g := range readGolden(t, name) {
			framed, _ := AppendFrame(nil, g.frame)
			inCharacters := fmt.Appendf(nil, "%04d%s", len(g.frame), g.frame)
			for _, tt := range []struct {
				how  string
				data []byte
				says string
			}{
				{"bare", g.frame, name + ": "},
				{"with its length", framed, "after 2 bytes of length"},
				{"with a length in characters", inCharacters, "after 4 bytes of length"},
				{"without TPDU and header", g.frame[g.starts["mti"]:], "nothing before the message type"},
				{"with a TPDU alone", append([]byte{0x60, 0, 3, 0, 0}, g.frame[g.starts["mti"]:]...), "a TPDU"},
			} {
				d, why := Auto(tt.data)
				p := d.Inspect(tt.data, nil)
				if d.Name() != name || p.Err != nil || !strings.Contains(why, tt.says) || p.MTI != string(g.message.MTI) {
					t.Errorf("%s %s, %s: got %s because %s, %v", name, g.name, tt.how, d, why, p.Err)
				}
			}
		}
	}
}

// TestAutoBroken: of a message that breaks off the likeliest dialect is named, and
// why holds nothing of what is in it.
func TestAutoBroken(t *testing.T) {
	m := Message{MTI: "0200", PAN: canary, ProcessingCode: "000000", Track2: canary + "=29121010000000001", TID: "00000001"}
	for _, name := range Names() {
		d, _ := ByName(name)
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, why := Auto(frame[:len(frame)-4])
		if got.Name() != name || !strings.Contains(why, "comes nearest") || strings.Contains(why, canary[6:12]) {
			t.Errorf("%s: got %s because %s", name, got, why)
		}
	}
	if d, why := Auto(nil); d == nil || why == "" {
		t.Errorf("of nothing: %v, %q", d, why)
	}
}

// TestParseInput takes a message in every form that people have one in.
func TestParseInput(t *testing.T) {
	packed := readGolden(t, "unionpay")[0].frame
	ascii := readGolden(t, "iso87ascii")[0].frame
	digits := []byte("08200000000000800001000000013030303030303143") // an ISO 8583 message of hexadecimal digits alone
	var spaced, dumped, canonical strings.Builder
	for i := 0; i < len(packed); i += 16 {
		line := packed[i:min(i+16, len(packed))]
		fmt.Fprintf(&spaced, "% X\n", line)
		fmt.Fprintf(&dumped, "%08x: ", i)
		for j := range line {
			fmt.Fprintf(&dumped, "%02x%s", line[j], strings.Repeat(" ", j&1))
		}
		fmt.Fprintf(&dumped, "  %s\n", strings.Repeat(".", len(line)))
		half := min(8, len(line))
		fmt.Fprintf(&canonical, "%08x  % x  % x  |%s|\n", i, line[:half], line[half:], strings.Repeat(".", len(line)))
	}
	fmt.Fprintf(&canonical, "%08x\n", len(packed))
	for _, tt := range []struct {
		name, form string
		data       string
		want       []byte
	}{
		{"hex", "hex", hex.EncodeToString(packed), packed},
		{"upper case and spaces", "hex", spaced.String(), packed},
		{"0x and colons", "hex", "0x" + strings.TrimSuffix(strings.ReplaceAll(spaced.String(), " ", ":"), "\n"), packed},
		{"xxd", "hex dump", dumped.String(), packed},
		{"hexdump -C", "hex dump", canonical.String(), packed},
		{"base64", "base64", base64.StdEncoding.EncodeToString(packed) + "\n", packed},
		{"base64 for addresses", "base64", base64.RawURLEncoding.EncodeToString(packed), packed},
		{"base64 of a message that breaks off", "base64", base64.StdEncoding.EncodeToString(packed[:len(packed)-3]), packed[:len(packed)-3]},
		{"characters that break off", "binary", string(ascii[:len(ascii)-3]), ascii[:len(ascii)-3]},
		{"binary", "binary", string(packed), packed},
		{"characters", "binary", string(ascii) + "\n", ascii},
		{"hex of characters", "hex", hex.EncodeToString(ascii), ascii},
		{"digits that only as characters make a message", "binary", string(digits), digits},
	} {
		got, form, err := ParseInput([]byte(tt.data))
		if err != nil || form != tt.form || !bytes.Equal(got, tt.want) {
			t.Errorf("%s: got %X as %s, %v\nwant %X as %s", tt.name, got, form, err, tt.want, tt.form)
		}
	}
	for _, tt := range []struct{ data, want string }{
		{"", "1:1: nothing there"}, {" \n", "1:1: nothing there"}, {"-", "1:1: nothing there"},
		{"6006\n01 0g", "2:5: 'g' is not a hexadecimal digit"},
		{"600", "1:4: an odd number of hexadecimal digits (3)"},
		{"hello, world", "1:1: 'h' is not"},
	} {
		_, _, err := ParseInput([]byte(tt.data))
		var in *InputError
		if !errors.As(err, &in) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.data, err, tt.want)
		}
	}
}

// FuzzAuto takes anything in any form: no panic, always a dialect, and no PAN in
// why.
func FuzzAuto(f *testing.F) {
	for _, name := range Names() {
		for _, g := range readGolden(f, name) {
			f.Add(g.frame)
			f.Add([]byte(hex.EncodeToString(g.frame)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		message, form, err := ParseInput(data)
		if (err == nil) != (form != "") || err == nil && len(message) == 0 {
			t.Fatalf("%X as %q, %v", message, form, err)
		}
		d, why := Auto(message)
		if d == nil || why == "" {
			t.Fatal("no dialect, or no reason")
		}
		d.Inspect(message, nil)
	})
}

// TestNames: each dialect is found under the name it has.
func TestNames(t *testing.T) {
	for _, name := range Names() {
		if d, err := ByName(name); err != nil || d.Name() != name {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}
