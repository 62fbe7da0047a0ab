package wire

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/moov-io/iso8583"
)

// randomMessage fills a message with legal content for d, each field present with
// the same chance.
func randomMessage(r *rand.Rand, d *Dialect) Message {
	m := Message{MTI: MTI(fmt.Sprintf("0%d%d0", 1+r.IntN(8), r.IntN(4)))}
	if d.tpdu > 0 {
		m.TPDU, m.Header = randomBytes(r, 5), randomBytes(r, 6)
	}
	last := 64
	if r.IntN(2) == 0 {
		last = 128
	}
	chance := 1 + r.IntN(8)
	for number := 2; number <= last; number++ {
		row, ok := d.rows[number]
		if !ok || r.IntN(8) >= chance || number == 64 && last == 128 {
			continue
		}
		if err := m.set(number, last, randomContent(r, d, row)); err != nil {
			panic(err)
		}
	}
	if m.Has[1] != 0 {
		m.Has.Add(1)
	} else if m.MAC != nil && last == 128 {
		m.MAC = nil
	}
	return m
}

// spell tells a message in full, which its own Format never does.
func spell(m Message) string {
	type open Message
	return fmt.Sprintf("%#v", open(m))
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

func randomFrom(r *rand.Rand, alphabet string, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return b
}

func randomContent(r *rand.Rand, d *Dialect, row row) []byte {
	n := row.most
	if row.vary > 0 {
		n = r.IntN(min(row.most, 40) + 1)
	}
	if d.name == "iso87ascii" && row.kind == 'b' && row.vary > 0 {
		n /= 2
	}
	const numbers = "0123456789"
	switch row.kind {
	case 'n':
		return randomFrom(r, numbers, n)
	case 'x':
		return append(randomFrom(r, "CD", 1), randomFrom(r, numbers, n-1)...)
	case 'z':
		return randomFrom(r, numbers+"=", n)
	case 'b':
		return randomBytes(r, n)
	}
	// A fixed text keeps no spaces at its end.
	return append(randomFrom(r, numbers+" ABCxyz", n-min(n, 1)), randomFrom(r, "\xd6\xd0Z9", min(n, 1))...)
}

// TestMoovAgrees has moov's own Message, on the same spec, write and read what the
// plan does.
func TestMoovAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range Names() {
		d, _ := ByName(name)
		for range 300 {
			m := randomMessage(r, d)
			frame, err := d.Encode(nil, &m, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d.tpdu > 0 {
				frame = frame[tpduSize+headerSize:]
			}
			compareWithMoov(t, d, &m, frame)
		}
	}
}

func compareWithMoov(t *testing.T, d *Dialect, m *Message, frame []byte) {
	t.Helper()
	theirs := iso8583.NewMessage(d.spec)
	theirs.MTI(string(m.MTI))
	fields := m.present()
	mac := macField(fields)
	for number := 2; number <= lastField; number++ {
		if fields.Has(number) {
			if err := theirs.BinaryField(number, m.content(number, mac, nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	want, err := theirs.Pack()
	if err != nil || !bytes.Equal(frame, want) {
		t.Fatalf("%s: Encode\n got %X\nwant %X, %v", d, frame, want, err)
	}
	read := iso8583.NewMessage(d.spec)
	if err := read.Unpack(frame); err != nil {
		t.Fatalf("%s: moov cannot read %X: %v", d, frame, err)
	}
	for number := 2; number <= lastField; number++ {
		if !fields.Has(number) {
			continue
		}
		if got, _ := read.GetBytes(number); !bytes.Equal(got, m.content(number, mac, nil)) {
			t.Fatalf("%s: field %d: moov reads %X, want %X", d, number, got, m.content(number, mac, nil))
		}
	}
}

// TestRandomMessagesSurvive decodes what was encoded, and encodes it again.
func TestRandomMessagesSurvive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range Names() {
		d, _ := ByName(name)
		for range 300 {
			m := randomMessage(r, d)
			frame, err := d.Encode(nil, &m, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var got Message
			if _, err := d.Decode(frame, &got); err != nil {
				t.Fatalf("%s: %X: %v", name, frame, err)
			}
			if !reflect.DeepEqual(got, m) {
				t.Fatalf("%s: got\n%s\nwant\n%s", name, spell(got), spell(m))
			}
			again, err := d.Encode([]byte("before"), &got, nil)
			if err != nil || !bytes.Equal(again, append([]byte("before"), frame...)) {
				t.Fatalf("%s: got\n%X, %v\nwant\n%X", name, again, err, frame)
			}
		}
	}
}

// unionPayByHand writes a message of the UnionPay dialect from nothing but the
// rules of its field table: an oracle that shares no code with the plan.
//
// Kinds: N fixed number right-aligned, L fixed number left-aligned, V and W number
// with LL and LLL, A characters filled with spaces, T and U characters with LL and
// LLL, B bytes, C bytes with LLL.
func unionPayByHand(mti string, fields map[int]string) []byte {
	table := map[int]string{
		2: "V", 3: "N6", 4: "N12", 11: "N6", 12: "N6", 13: "N4", 14: "N4", 15: "N4", 22: "L3", 23: "N3", 25: "N2", 26: "N2",
		32: "V", 35: "V", 36: "W", 37: "A12", 38: "A6", 39: "A2", 41: "A8", 42: "A15", 44: "T", 48: "W", 49: "A3", 52: "B8",
		53: "N16", 54: "U", 55: "C", 57: "U", 58: "U", 59: "U", 60: "W", 61: "W", 62: "C", 63: "U", 64: "B8",
	}
	var bitmap [64]byte
	body := ""
	for number := 1; number <= 64; number++ {
		bitmap[number-1] = '0'
		value, ok := fields[number]
		if !ok {
			continue
		}
		bitmap[number-1] = '1'
		body += byHand(table[number], value)
	}
	out := mti
	for i := 0; i < 64; i += 4 {
		var nibble int
		fmt.Sscanf(string(bitmap[i:i+4]), "%b", &nibble)
		out += fmt.Sprintf("%X", nibble)
	}
	raw, err := hex.DecodeString(out + body)
	if err != nil {
		panic(err)
	}
	return raw
}

// byHand returns a field as hexadecimal digits.
func byHand(kind, value string) string {
	digits := strings.ReplaceAll(value, "=", "D")
	odd := strings.Repeat("0", len(digits)%2)
	var size int
	fmt.Sscanf(kind[1:], "%d", &size)
	switch kind[0] {
	case 'N':
		return odd + digits
	case 'L':
		return digits + odd
	case 'V':
		return fmt.Sprintf("%02d", len(digits)) + digits + odd
	case 'W':
		return fmt.Sprintf("%04d", len(digits)) + digits + odd
	case 'A':
		return fmt.Sprintf("%X", fmt.Sprintf("%-*s", size, value))
	case 'T':
		return fmt.Sprintf("%02d%X", len(value), value)
	case 'U', 'C':
		return fmt.Sprintf("%04d%X", len(value), value)
	}
	return fmt.Sprintf("%X", value)
}

// TestUnionPayByHand compares the plan with the oracle, field by field and at random.
func TestUnionPayByHand(t *testing.T) {
	d := UnionPay()
	r := rand.New(rand.NewPCG(5, 6))
	named := []int{2, 3, 4, 11, 12, 13, 14, 15, 22, 23, 25, 26, 32, 35, 36, 37, 38, 39, 41, 42, 44, 48, 49, 52, 53, 54, 55, 57, 58, 59, 60, 61, 62, 63, 64}
	for round := range 400 {
		m := Message{TPDU: make([]byte, 5), Header: make([]byte, 6), MTI: "0200"}
		fields := map[int]string{}
		for i, number := range named {
			if round < len(named) && i != round || r.IntN(2) == 0 && round >= len(named) {
				continue
			}
			value := randomContent(r, d, d.rows[number])
			fields[number] = string(value)
			if err := m.set(number, 64, value); err != nil {
				t.Fatal(err)
			}
		}
		want := unionPayByHand("0200", fields)
		got, err := d.Encode(nil, &m, nil)
		if err != nil || !bytes.Equal(got[11:], want) {
			t.Fatalf("got  %X, %v\nwant %X", got, err, want)
		}
		var back Message
		if _, err := d.Decode(got, &back); err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("got %s, %v\nwant %s", spell(back), err, spell(m))
		}
	}
}
