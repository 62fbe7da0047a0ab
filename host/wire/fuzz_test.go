package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// fuzzDialect decodes anything: it must not panic, an error must name a place in
// the frame, and what decodes must encode and decode to the same again. In
// iso87ascii hexadecimal may come in lower case, so there the second encoding must
// equal the first; elsewhere the first must equal the frame.
func fuzzDialect(f *testing.F, d *Dialect) {
	for _, g := range readGolden(f, d.name) {
		f.Add(g.frame)
		f.Add(g.frame[:len(g.frame)/2])
		f.Add(append(bytes.Clone(g.frame), 0))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var m Message
		before := bytes.Clone(frame)
		mab, err := d.Decode(frame, &m)
		if !bytes.Equal(frame, before) {
			t.Fatal("Decode changed the frame")
		}
		if _, err := json.Marshal(d.Inspect(frame, nil)); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			var broken *DecodeError
			if !errors.As(err, &broken) || broken.Offset < 0 || broken.Offset > len(frame) {
				t.Fatalf("%v names no place in %d bytes", err, len(frame))
			}
			return
		}
		out, err := d.Encode(nil, &m, nil)
		if err != nil {
			t.Fatalf("%X decodes and does not encode: %v", frame, err)
		}
		if d.name != "iso87ascii" && !bytes.Equal(out, frame) {
			t.Fatalf("got  %X\nwant %X", out, frame)
		}
		var again Message
		mab2, err := d.Decode(out, &again)
		if err != nil || !reflect.DeepEqual(again, m) || len(mab) != len(mab2) {
			t.Fatalf("got  %s, %v\nwant %s", spell(again), err, spell(m))
		}
	})
}

func FuzzUnionPay(f *testing.F)   { fuzzDialect(f, UnionPay()) }
func FuzzISO87ASCII(f *testing.F) { fuzzDialect(f, ISO87ASCII()) }
func FuzzISO87BCD(f *testing.F)   { fuzzDialect(f, ISO87BCD()) }

// FuzzFrames reads any stream: no panic, no frame longer than allowed, and what
// was read writes to a part of the stream.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x01a\x00\x00\x00\x02bc"), 10)
	f.Add([]byte("\x00\x09abc"), 4)
	f.Add([]byte("\xff\xff"), 0)
	f.Fuzz(func(t *testing.T, stream []byte, most int) {
		r := bytes.NewReader(stream)
		for {
			frame, err := ReadFrame(r, most)
			if err != nil {
				return
			}
			var back bytes.Buffer
			if err := WriteFrame(&back, frame); err != nil || !bytes.Contains(stream, back.Bytes()) {
				t.Fatalf("%X, %v is not in %X", back.Bytes(), err, stream)
			}
			if most > 0 && len(frame) > most || len(frame) == 0 {
				t.Fatalf("%d bytes, and at most %d are taken", len(frame), most)
			}
		}
	})
}

// escapes are how JSON and %q write what does not print: \u0006 followed by digits
// is not a number that begins with 6.
var escapes = regexp.MustCompile(`\\(x[0-9a-f]{2}|u[0-9a-f]{4})`)

// FuzzNoPANShows puts a PAN into a field meant for one and into whichever others the
// fuzzer picks, beside its own bytes, and looks for it in what decode prints.
func FuzzNoPANShows(f *testing.F) {
	f.Add(byte(0), "29121010000000001", "hello", []byte{0x9C, 1, 0})
	f.Add(byte(255), "", canary, []byte{0x70, 3, 0x5A, 1, 0x62})
	f.Add(byte(0xCE), "", "&"+canary[1:], []byte("&2220")) // & is \u0026 in JSON
	f.Fuzz(func(t *testing.T, which byte, track, note string, chip []byte) {
		m := Message{MTI: "0200", Private63: note, Chip: chip}
		if which&1 != 0 {
			m.PAN = canary
		}
		if which&2 != 0 || which&19 == 0 {
			m.Track2 = canary + "=291210100000"
		}
		if which&4 != 0 {
			m.Additional = "no " + canary
		}
		if which&8 != 0 {
			m.Private62 = []byte(note + canary + track)
		}
		if which&16 != 0 {
			m.Chip = append([]byte{0x5A, 10, 0x62, 0x22, 0x02, 0x10, 0x01, 0x12, 0x34, 0x56, 0x78, 0x9F}, chip...)
		}
		for _, name := range Names() {
			d, _ := ByName(name)
			frame, err := d.Encode(nil, &m, nil)
			if err != nil {
				continue
			}
			p := d.Inspect(frame, nil)
			asJSON, _ := json.Marshal(p)
			for _, out := range []string{p.String(), string(asJSON)} {
				if strings.Contains(escapes.ReplaceAllString(out, "?"), canary) {
					t.Fatalf("%s shows the PAN:\n%s", name, out)
				}
			}
		}
	})
}
