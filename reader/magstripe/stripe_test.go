package magstripe

import (
	"strings"
	"testing"

	"possim/reader/card"
)

// TestCharacters: the sentinels as published for the two alphabets, least
// significant bit first, parity last (MSR606 manual, tables of the appendix).
func TestCharacters(t *testing.T) {
	for _, tt := range []struct {
		a    *alphabet
		char byte
		want string
	}{
		{&alpha, '%', "1010001"},
		{&alpha, '?', "1111100"},
		{&alpha, '^', "0111110"},
		{&alpha, 'A', "1000011"},
		{&alpha, ' ', "0000001"},
		{&numeric, ';', "11010"},
		{&numeric, '?', "11111"},
		{&numeric, '=', "10110"},
		{&numeric, '0', "00001"},
		{&numeric, '8', "00010"},
	} {
		bits := tt.a.appendChar(nil, tt.char-tt.a.offset)
		if got := bitsText(bits); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.char, got, tt.want)
		}
		value, odd := tt.a.char(bits)
		if value+tt.a.offset != tt.char || !odd {
			t.Errorf("%s reads as %q, odd %v", tt.want, value+tt.a.offset, odd)
		}
	}
}

// TestEncode compares with an encoder that shares nothing with this one, LRC included.
func TestEncode(t *testing.T) {
	for _, tt := range []struct {
		number int
		data   string
	}{
		{1, testTrack1}, {2, testTrack2}, {3, testTrack3}, {1, "A"}, {2, "0"}, {2, "1234567890:<=>"},
	} {
		l := layouts[tt.number-1]
		full := string(l.start) + tt.data + "?"
		want := foreignBits(full, l.bits, 0)
		for _, data := range []string{tt.data, full} {
			bits, err := l.encode(tt.number, data)
			if err != nil {
				t.Fatal(err)
			}
			if got := bitsText(bits); got != want {
				t.Errorf("track %d, %d characters: bits differ", tt.number, len(data))
			}
		}
	}
}

func TestNewStripeErrors(t *testing.T) {
	for _, tt := range []struct {
		tracks [3]card.TrackData
		want   string
	}{
		{[3]card.TrackData{"Bshout^X"}, "track 1: position 2"},
		{[3]card.TrackData{"", "12A4"}, "track 2: position 3"},
		{[3]card.TrackData{"", ";12?4?"}, "track 2: position 3"},
		{[3]card.TrackData{"", "", "1\x004"}, "track 3: position 2"},
		{[3]card.TrackData{"", "1é"}, "track 2: position 2"},
		{[3]card.TrackData{card.TrackData(strings.Repeat("A", 77))}, "track 1: 80 characters with sentinels and LRC, it holds 79"},
		{[3]card.TrackData{"", card.TrackData(strings.Repeat("1", 38))}, "track 2: 41 characters"},
		{[3]card.TrackData{"", "", card.TrackData(strings.Repeat("1", 105))}, "track 3: 108 characters"},
	} {
		_, err := NewStripe(tt.tracks[0], tt.tracks[1], tt.tracks[2])
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
	full := card.TrackData(strings.Repeat("1", 37))
	if _, err := NewStripe("", full, ""); err != nil {
		t.Errorf("a full track 2: %v", err)
	}
}

// TestGeometry: where ISO/IEC 7811-2 puts the first bit, and how many cells a card
// of 85.6 mm has room for (252 at 75 bpi, 707 at 210).
func TestGeometry(t *testing.T) {
	s := newStripe(t, testTrack1, testTrack2, testTrack3)
	for i, want := range []struct{ leading, cells int }{{61, 707}, {22, 252}, {61, 707}} {
		l := layouts[i]
		flux := s.flux[i]
		first, last := flux[0].at, flux[len(flux)-1].at
		if first < -0.1 || first > 0.6 || last < 84.5 || last > cardLength {
			t.Errorf("track %d: flux from %.2f to %.2f mm", i+1, first, last)
		}
		zeros := 0
		for j := 1; flux[j].at-flux[j-1].at > 0.75*l.cell(); j++ {
			zeros++
		}
		if start := flux[zeros].at; zeros != want.leading || start < firstBit-0.02 || start > firstBit+0.02 {
			t.Errorf("track %d: %d zeros, first one bit at %.2f mm", i+1, zeros, start)
		}
		if cells := (last - first) / l.cell(); cells < float64(want.cells)-3 || cells > float64(want.cells)+0.5 {
			t.Errorf("track %d: %.1f cells", i+1, cells)
		}
		for j := range flux[1:] {
			if flux[j].strength*flux[j+1].strength >= 0 {
				t.Fatalf("track %d: transitions %d and %d have one polarity", i+1, j, j+1)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	for s := range StatusError + 1 {
		var back Status
		if text, _ := s.MarshalText(); back.UnmarshalText(text) != nil || back != s {
			t.Errorf("status %s does not come back", text)
		}
	}
	for v := range VerdictPartial + 1 {
		var back Verdict
		if text, _ := v.MarshalText(); back.UnmarshalText(text) != nil || back != v {
			t.Errorf("verdict %s does not come back", text)
		}
	}
	for p := range ProfileReversal + 1 {
		var back Profile
		if text, _ := p.MarshalText(); back.UnmarshalText(text) != nil || back != p {
			t.Errorf("profile %s does not come back", text)
		}
	}
	for d := range Reverse + 1 {
		var back Direction
		if text, _ := d.MarshalText(); back.UnmarshalText(text) != nil || back != d {
			t.Errorf("direction %s does not come back", text)
		}
	}
	var s Status
	if err := s.UnmarshalText([]byte("fine")); err == nil {
		t.Error("a status called fine was taken")
	}
	if got := Status(99).String(); got != "invalid(99)" {
		t.Errorf("Status(99) is %s", got)
	}
}
