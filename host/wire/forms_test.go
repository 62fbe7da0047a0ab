package wire

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestReadings: fields that an acquirer writes otherwise decode, are named, and
// encode to the same bytes.
func TestReadings(t *testing.T) {
	for _, tt := range []struct {
		name, frame string
		field       int
		value       string
		form        Form
	}{
		{"field 48 in characters", preludeHex + "0200 2000000000018000 190000 0009 504130303331323334 313536", 48, "PA0031234", InCharacters},
		{"field 60 in characters", preludeHex + "0200 2000000000000010 000000 0013 32323030303030313030303530", 60, "2200000100050", InCharacters},
		{"field 61 in characters, 60 packed", preludeHex + "0220 2000000000000018 200000 0008 25000001 0016 30303030303030303030303030353239", 61, "0000000000000529", InCharacters},
		{"track 2 in characters", preludeHex + "0200 2000000020008000 000000 33 363231303934373030303030303032313D32393132313031303030303030303031 313536", 35, "6210947000000021=2912101000000001", InCharacters},
		{"field 62 counted in half bytes", "6006010000 603100311812 0800 0000000000000006 0004 5AA5 0003 303120", 62, "\x5A\xA5", InHalfBytes},
		{"field 55 counted in half bytes", preludeHex + "0200 0000000000000210 0010 9F3602001E 0008 22000001", 55, "\x9F\x36\x02\x00\x1E", InHalfBytes},
		{"field 59 in packed digits", preludeHex + "0200 0000000000000030 0003 0010 0008 22000001", 59, "001", InDigits},
		{"entry mode at the right", preludeHex + "0200 0000040000000000 0021", 22, "021", RightAligned},
		{"entry mode at the right, contactless", preludeHex + "0200 0000040000000000 0072", 22, "072", RightAligned},
	} {
		frame := unhex(t, tt.frame)
		var m Message
		if _, err := UnionPay().Decode(frame, &m); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := string(m.content(tt.field, 64, nil)); got != tt.value || m.reading(tt.field) != tt.form {
			t.Errorf("%s: got %q %s, want %q %s", tt.name, got, m.reading(tt.field), tt.value, tt.form)
		}
		if again, err := UnionPay().Encode(nil, &m, nil); err != nil || !bytes.Equal(again, frame) {
			t.Errorf("%s:\n got %X, %v\nwant %X", tt.name, again, err, frame)
		}
		p := UnionPay().Inspect(frame, nil)
		if p.Err != nil || !strings.Contains(fmt.Sprint(p.Notes), fmt.Sprintf("field %d, %s", tt.field, tt.form)) {
			t.Errorf("%s: notes %q, %v", tt.name, p.Notes, p.Err)
		}
		if _, why := Auto(frame); tt.form != RightAligned && !strings.Contains(why, "1 fields in another form") {
			t.Errorf("%s: %s", tt.name, why)
		}
		if ans := m.Answer(); !reflect.DeepEqual(ans.Readings, m.Readings) {
			t.Errorf("%s: the answer would be in another form", tt.name)
		}
		if m.Clear(tt.field); len(m.Readings) > 0 {
			t.Errorf("%s: Clear left %v", tt.name, m.Readings)
		}
	}
}

// TestCutFramesStayBroken: no other form makes a whole message of a piece of one.
func TestCutFramesStayBroken(t *testing.T) {
	keys := Message{MTI: "0810", STAN: "000001", TID: "00000001", Private60: "00000001003", Private62: bytes.Repeat([]byte{0x12}, 40), Private63: "CUP"}
	frame, err := UnionPay().Encode(nil, &keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	frames := [][]byte{frame}
	for _, g := range readGolden(t, "unionpay") {
		frames = append(frames, g.frame)
	}
	for _, frame := range frames {
		for cut := range frame {
			var m Message
			if _, err := UnionPay().Decode(frame[:cut], &m); err == nil {
				t.Errorf("%d bytes of %X pass for a message", cut, frame)
			}
		}
		for _, more := range []string{"\x00", "0", strings.Repeat("0", 6), strings.Repeat("0", 16)} {
			var m Message
			if _, err := UnionPay().Decode(append(bytes.Clone(frame), more...), &m); err == nil {
				t.Errorf("%X with %q behind it passes for a message", frame, more)
			}
		}
	}
}

// TestEncipheredTrackInBlocks: one acquirer's terminals encipher the characters of
// track 2 in whole blocks, and count 96 half bytes.
func TestEncipheredTrackInBlocks(t *testing.T) {
	frame := unhex(t, preludeHex+"0200 3020000020008000 000000 000000000001 000001 96 "+strings.Repeat("C2D829C00F1BD5EF", 6)+" 313536")
	var m Message
	if _, err := UnionPay().Decode(frame, &m); err != nil {
		t.Fatal(err)
	}
	if again, err := UnionPay().Encode(nil, &m, nil); err != nil || len(m.Track2) != 96 || !bytes.Equal(again, frame) {
		t.Errorf("track 2 of %d: got %X, %v\nwant %X", len(m.Track2), again, err, frame)
	}
}
