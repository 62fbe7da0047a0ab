package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const preludeHex = "6006010000 603100311812 "

// TestMalformed breaks frames in every way there is a word for.
func TestMalformed(t *testing.T) {
	tests := []struct {
		name, dialect, frame string
		ascii                bool
		offset               int
		label, says          string
		readable             []int // fields that Decode leaves in the message
	}{
		{name: "nothing", dialect: "unionpay", offset: 0, label: "tpdu", says: "wants 5 bytes and 0 are left"},
		{name: "half a TPDU", dialect: "unionpay", frame: "600601", offset: 0, label: "tpdu", says: "wants 5 bytes and 3"},
		{name: "half a header", dialect: "unionpay", frame: "6006010000 6031", offset: 5, label: "header", says: "wants 6 bytes and 2"},
		{name: "no MTI", dialect: "unionpay", frame: preludeHex, offset: 11, label: "mti", says: "wants 2 bytes and 0"},
		{name: "MTI not digits", dialect: "unionpay", frame: preludeHex + "02A0 0000000000000000", offset: 12, label: "mti", says: "not a decimal digit"},
		{name: "half a bitmap", dialect: "unionpay", frame: preludeHex + "0200 3020", offset: 13, label: "bitmap", says: "wants 8 bytes and 2"},
		{name: "half a second bitmap", dialect: "iso87bcd", frame: "0200 8020000000000000 00", offset: 10, label: "bitmap", says: "wants 8 bytes and 1"},
		{name: "amount not digits", dialect: "unionpay", frame: preludeHex + "0200 3000000000000000 000000 00000012A400", offset: 28, label: "4", says: "not a decimal digit", readable: []int{3}},
		{name: "track cut off", dialect: "unionpay", frame: preludeHex + "0200 2000000020000000 000000 37 6210", offset: 24, label: "35", says: "wants 19 bytes and 2", readable: []int{3}},
		{name: "PAN longer than a PAN", dialect: "unionpay", frame: preludeHex + "0200 4000000000000000 20 62109470000000211234", offset: 21, label: "2", says: "at most 19"},
		{name: "length not decimal", dialect: "unionpay", frame: preludeHex + "0200 0000000000000010 001A 22", offset: 21, label: "60", says: "length 001A is not a decimal number"},
		{name: "length over 999", dialect: "unionpay", frame: preludeHex + "0200 0000000000000010 1011 22", offset: 21, label: "60", says: "at most 999"},
		{name: "no room for a length", dialect: "unionpay", frame: preludeHex + "0200 0000000000000010 00", offset: 21, label: "60", says: "wants 2 bytes and 1"},
		{name: "MAC cut off", dialect: "unionpay", frame: preludeHex + "0200 2000000000000001 000000 42373133", offset: 24, label: "64", says: "wants 8 bytes and 4", readable: []int{3}},
		{name: "trailing bytes", dialect: "unionpay", frame: preludeHex + "0200 2000000000000000 000000 FF", offset: 24, label: "trailer", says: "bytes follow the last field", readable: []int{3}},
		{name: "third bitmap", dialect: "iso87bcd", frame: "0200 A000000000000000 8000000000000000 000000", offset: 21, label: "65", says: "no such field", readable: []int{3}},
		{name: "sign", dialect: "iso87bcd", frame: "0200 0000001000000000 58 00000001", offset: 10, label: "28", says: "neither C nor D"},
		{name: "signed amount", dialect: "iso87bcd", frame: "0200 0000001000000000 43 0000000A", offset: 14, label: "28", says: "not a decimal digit"},
		{name: "bitmap not hexadecimal", dialect: "iso87ascii", ascii: true, frame: "020030200000000000G0", offset: 18, label: "bitmap", says: "not hexadecimal"},
		{name: "length with a sign", dialect: "iso87ascii", ascii: true, frame: "02004000000000000000+06123456", offset: 20, label: "2", says: "not a decimal number"},
		{name: "odd hexadecimal", dialect: "iso87ascii", ascii: true, frame: "02000000000000000200003ABC", offset: 20, label: "55", says: "odd"},
		{name: "chip data not hexadecimal", dialect: "iso87ascii", ascii: true, frame: "020000000000000002000049F3X", offset: 26, label: "55", says: "not hexadecimal"},
		{name: "STAN not digits", dialect: "iso87ascii", ascii: true, frame: "0200202000000000000000000000x001", offset: 28, label: "11", says: "not a digit", readable: []int{3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ByName(tt.dialect)
			if err != nil {
				t.Fatal(err)
			}
			frame := []byte(tt.frame)
			if !tt.ascii {
				frame = unhex(t, tt.frame)
			}
			var m Message
			_, err = d.Decode(frame, &m)
			var broken *DecodeError
			if !errors.As(err, &broken) {
				t.Fatalf("got %v, want a DecodeError", err)
			}
			if broken.Offset != tt.offset || broken.Label() != tt.label || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got offset %d, %s: %v\nwant offset %d, %s: %s", broken.Offset, broken.Label(), err, tt.offset, tt.label, tt.says)
			}
			want := Fields{}
			for _, n := range tt.readable {
				want.Add(n)
			}
			if m.Has.Remove(1); m.Has != want {
				t.Errorf("the message holds %b, want %b", m.Has, want)
			}
		})
	}
}

// TestQuirksSurvive: what terminals in the field write otherwise than the dialect
// would comes out as it came in.
func TestQuirksSurvive(t *testing.T) {
	tests := []struct{ name, dialect, frame string }{
		{"track 2 padded with F", "unionpay", preludeHex + "0200 0000000020000000 33 621094700000 0021D2912101000000010F"},
		{"field 60 padded with F", "unionpay", preludeHex + "0200 0000000000000010 0013 2200000100020F"},
		{"entry mode with a fourth digit", "unionpay", preludeHex + "0200 0000040000000000 0211"},
		{"entry mode padded with F", "unionpay", preludeHex + "0200 0000040000000000 021F"},
		{"card sequence number padded with F", "unionpay", preludeHex + "0200 0000020000000000 F001"},
		{"encrypted track 2, 39 digits", "unionpay", preludeHex + "0200 0000000020000000 39 1234567890123456789D054B9F3BA85D08A56C20"},
		{"a private field with bytes", "unionpay", preludeHex + "0200 0000000000020000 0003 000102"},
		{"empty fields", "unionpay", preludeHex + "0200 4000000000000218 00 0000 0000 0000"},
		{"spaces for a text", "unionpay", preludeHex + "0210 0000000004000000 202020202020"},
		{"field 24", "unionpay", preludeHex + "0800 0000010000000000 0009"},
		{"second bitmap of zeros", "iso87bcd", "0200 A000000000000000 0000000000000000 000000"},
		{"MAC in 64 beside fields above it", "iso87bcd", "0200 8000000000000001 0400000000000000 0102030405060708 0301"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := ByName(tt.dialect)
			frame := unhex(t, tt.frame)
			var m Message
			if _, err := d.Decode(frame, &m); err != nil {
				t.Fatal(err)
			}
			if again, err := d.Encode(nil, &m, nil); err != nil || !bytes.Equal(again, frame) {
				t.Errorf("got  %X, %v\nwant %X", again, err, frame)
			}
		})
	}
}

// TestMACNotLast: a field 64 that does not end the message covers nothing, so it
// is not taken for a MAC.
func TestMACNotLast(t *testing.T) {
	var m Message
	mab, err := ISO87BCD().Decode(unhex(t, "0200 8000000000000001 0400000000000000 0102030405060708 0301"), &m)
	if err != nil || mab != nil || m.MAC != nil {
		t.Errorf("got mab %X, MAC %X, %v: want neither", mab, m.MAC, err)
	}
}

// TestEncodeErrors names the field and the rule, and never what is in it.
func TestEncodeErrors(t *testing.T) {
	const secret = "4761739001010010"
	tests := []struct {
		name, dialect string
		message       Message
		field         int
		says          string
	}{
		{"no MTI", "unionpay", Message{}, PartMTI, "0 long, and the field is always 4"},
		{"MTI", "iso87ascii", Message{MTI: "02O0"}, PartMTI, "not a digit"},
		{"PAN too long", "unionpay", Message{MTI: "0200", PAN: secret + "0000"}, 2, "20 long, and the field holds at most 19"},
		{"PAN not digits", "iso87ascii", Message{MTI: "0200", PAN: secret + "x"}, 2, "not a digit"},
		{"processing code short", "unionpay", Message{MTI: "0200", ProcessingCode: "00000"}, 3, "5 long, and the field is always 6"},
		{"amount negative", "unionpay", Message{MTI: "0200", Amount: -1}, 4, "negative"},
		{"amount too large", "unionpay", Message{MTI: "0200", Amount: 1_000_000_000_000}, 4, "13 long"},
		{"STAN empty but marked", "unionpay", Message{MTI: "0200", Has: Fields{1 << 10}}, 11, "0 long"},
		{"track 2 with a letter", "unionpay", Message{MTI: "0200", Track2: secret + "=29x"}, 35, "not a track character"},
		{"TID too long", "unionpay", Message{MTI: "0200", TID: "123456789"}, 41, "9 long, and the field is always 8"},
		{"PIN block short", "iso87bcd", Message{MTI: "0200", PINBlock: Secret("1234")}, 52, "4 long"},
		{"chip data too long", "iso87ascii", Message{MTI: "0200", Chip: make([]byte, 500)}, 55, "500 long, and the field holds at most 499"},
		{"TPDU", "unionpay", Message{MTI: "0200", TPDU: []byte{1}}, PartTPDU, "1 bytes long and must be 5"},
		{"header", "unionpay", Message{MTI: "0200", Header: []byte{1}}, PartHeader, "1 bytes long and must be 6"},
		{"third bitmap", "unionpay", Message{MTI: "0200", Rest: []Field{{65, Secret("1")}}}, 65, "no such field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := ByName(tt.dialect)
			out, err := d.Encode([]byte("before"), &tt.message, nil)
			var broken *EncodeError
			if !errors.As(err, &broken) || broken.Field != tt.field || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want field %d: %s", err, tt.field, tt.says)
			}
			if string(out) != "before" {
				t.Errorf("dst came back as %q", out)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells the PAN: %v", err)
			}
		})
	}
}

// TestSealErrors: a seal that fails, or returns what no MAC field holds.
func TestSealErrors(t *testing.T) {
	m := Message{MTI: "0200", STAN: "000001"}
	noKey := errors.New("no key")
	if _, err := UnionPay().Encode(nil, &m, func([]byte) ([]byte, error) { return nil, noKey }); !errors.Is(err, noKey) {
		t.Errorf("got %v, want %v", err, noKey)
	}
	_, err := UnionPay().Encode(nil, &m, func([]byte) ([]byte, error) { return []byte("short"), nil })
	var broken *EncodeError
	if !errors.As(err, &broken) || broken.Field != 64 {
		t.Errorf("got %v, want an error of field 64", err)
	}
}

// TestUnknownDialect lists the known ones.
func TestUnknownDialect(t *testing.T) {
	_, err := ByName("unionpya")
	if err == nil || !strings.Contains(err.Error(), "unionpay, iso87ascii, iso87bcd") {
		t.Errorf("got %v", err)
	}
}
