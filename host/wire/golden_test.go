package wire

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// A goldenMessage is one message of testdata/golden: its bytes, and the message
// they mean.
type goldenMessage struct {
	name    string
	frame   []byte
	message Message
	starts  map[string]int // offset of each part or field
}

// readGolden reads a file of messages written by hand.
func readGolden(t testing.TB, dialect string) []goldenMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "golden", dialect+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []goldenMessage
	for _, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "-- "):
			all = append(all, goldenMessage{name: strings.Trim(line, "- "), starts: map[string]int{}})
		default:
			all[len(all)-1].add(t, line)
		}
	}
	return all
}

// add reads "label | bytes | value | why".
func (g *goldenMessage) add(t testing.TB, line string) {
	t.Helper()
	columns := strings.Split(line, " | ")
	if len(columns) < 3 {
		t.Fatalf("%s: %q has no value", g.name, line)
	}
	label := strings.TrimSpace(columns[0])
	g.starts[label] = len(g.frame)
	g.frame = append(g.frame, goldenBytes(t, columns[1])...)
	value := strings.TrimRight(strings.TrimSuffix(columns[2], "|"), " ")
	if raw, ok := strings.CutPrefix(value, "0x"); ok {
		decoded, err := hex.DecodeString(raw)
		if err != nil {
			t.Fatalf("%s %s: %v", g.name, label, err)
		}
		value = string(decoded)
	}
	g.store(label, value)
}

// goldenBytes reads hexadecimal and quoted characters.
func goldenBytes(t testing.TB, column string) []byte {
	t.Helper()
	var out []byte
	for i, piece := range strings.Split(column, `"`) {
		if i%2 == 1 {
			out = append(out, piece...)
			continue
		}
		raw, err := hex.DecodeString(strings.ReplaceAll(piece, " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", column, err)
		}
		out = append(out, raw...)
	}
	return out
}

// store puts the value where the field belongs, by hand and by name.
func (g *goldenMessage) store(label, value string) {
	m := &g.message
	number, err := strconv.Atoi(label)
	if err != nil {
		switch label {
		case "tpdu":
			m.TPDU = []byte(value)
		case "header":
			m.Header = []byte(value)
		case "mti":
			m.MTI = MTI(value)
		}
		return
	}
	m.Has.Add(number)
	if number > 64 {
		m.Has.Add(1)
	}
	switch number {
	case 4:
		m.Amount, _ = strconv.ParseInt(value, 10, 64)
	case 44:
		m.Additional = value + strings.Repeat(" ", 22-len(value))
	case 63:
		m.Private63 = value + strings.Repeat(" ", max(0, 3-len(value)))
	case 52:
		m.PINBlock = Secret(value)
	case 55:
		m.Chip = []byte(value)
	case 64, 128:
		m.MAC = []byte(value)
	case 7:
		m.Rest = append(m.Rest, Field{7, Secret(value)})
	default:
		*m.namedText(number) = value
	}
}

// TestGolden holds each dialect against messages written from the specification,
// both ways.
func TestGolden(t *testing.T) {
	for _, name := range Names() {
		d, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		messages := readGolden(t, name)
		if len(messages) != 6 {
			t.Fatalf("%s: %d messages, want 6", name, len(messages))
		}
		for _, g := range messages {
			t.Run(name+"/"+g.name, func(t *testing.T) { checkGolden(t, d, g) })
		}
	}
}

func checkGolden(t *testing.T, d *Dialect, g goldenMessage) {
	var got Message
	mab, err := d.Decode(g.frame, &got)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if !reflect.DeepEqual(got, g.message) {
		t.Errorf("Decode:\n got %s\nwant %s", spell(got), spell(g.message))
	}
	if again, err := d.Encode(nil, &got, nil); err != nil || !bytes.Equal(again, g.frame) {
		t.Errorf("Encode of what was decoded:\n got %X, %v\nwant %X", again, err, g.frame)
	}
	if built, err := d.Encode(nil, &g.message, nil); err != nil || !bytes.Equal(built, g.frame) {
		t.Errorf("Encode:\n got %X, %v\nwant %X", built, err, g.frame)
	}
	checkSeal(t, d, g, mab)
}

// checkSeal encodes the message without its MAC and has a seal put it back.
func checkSeal(t *testing.T, d *Dialect, g goldenMessage, mab []byte) {
	if g.message.MAC == nil {
		if mab != nil {
			t.Errorf("Decode gave bytes %X under a MAC, and there is none", mab)
		}
		return
	}
	end := g.starts["64"] + g.starts["128"]
	want := g.frame[g.starts["mti"]:end]
	if !bytes.Equal(mab, want) {
		t.Errorf("Decode: bytes under the MAC\n got %X\nwant %X", mab, want)
	}
	bare, mac := g.message, g.message.MAC
	bare.MAC = nil
	bare.Has.Remove(64)
	bare.Has.Remove(128)
	sealed, err := d.Encode(nil, &bare, func(under []byte) ([]byte, error) {
		if !bytes.Equal(under, want) {
			t.Errorf("Encode: bytes under the MAC\n got %X\nwant %X", under, want)
		}
		return mac, nil
	})
	if err != nil || !bytes.Equal(sealed, g.frame) {
		t.Errorf("Encode with a seal:\n got %X, %v\nwant %X", sealed, err, g.frame)
	}
}
