package card

import (
	"strings"
	"testing"
	"time"
)

// published passes Luhn; the club card's 17 digits, as on real cards, do not.
var published = []PAN{
	"4761739001010010", "4111111111111111", "4012888888881881", "5413330002001155", "5555555555554444",
	"5105105105105100", "374245455400001", "378282246310005", "6510000000000166", "6011111111111117",
	"3569990010082211", "3530111333300000", "36070500001376", "6799990200000001114", "6210947000000021",
	"6250947000000014",
}

func TestLuhn(t *testing.T) {
	for _, p := range published {
		if !p.LuhnValid() {
			t.Errorf("%s fails Luhn", p.Reveal())
		}
		for d := byte('0'); d <= '9'; d++ { // every other check digit is wrong
			if q := p[:len(p)-1] + PAN(d); q != p && q.LuhnValid() {
				t.Errorf("%s passes Luhn", q.Reveal())
			}
		}
		if d, err := CheckDigit(string(p[:len(p)-1])); err != nil || d != p[len(p)-1] {
			t.Errorf("%s: check digit %c %v", p.Reveal(), d, err)
		}
	}
	for _, p := range []PAN{"", "0", "12345678901234567", "411111111111111x", "x111111111111111"} {
		if p.LuhnValid() {
			t.Errorf("%q passes Luhn", p.Reveal())
		}
	}
	for _, s := range []string{"", "12a"} {
		if _, err := CheckDigit(s); err == nil {
			t.Errorf("CheckDigit(%q): no error", s)
		}
	}
}

func TestParsePAN(t *testing.T) {
	for _, s := range []string{"12345678", "4111111111111111", "6799990200000001114"} {
		if p, err := ParsePAN(s); err != nil || p.Reveal() != s || !p.Valid() {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{"", "1234567", "41111111111111112345", "4111 1111 1111 1111", "411111111111111x", "٤111111111111111"} {
		p, err := ParsePAN(s)
		if err == nil || p != "" || PAN(s).Valid() {
			t.Errorf("%q: accepted", s)
		} else if strings.Contains(err.Error(), "4111") {
			t.Errorf("%q: the error shows it: %v", s, err)
		}
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"6222021234560015": "622202******0015", "6799990200000001114": "679999*********1114",
		"1234567890123": "123456***0123", "123456789012": "************", "": "",
		"4111-1111-1111-1111": strings.Repeat("*", 19),
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIsTest(t *testing.T) {
	for _, p := range append(published, "6210947000123456", "6210947000123456789", "6222020000999999") {
		if !IsTest(p) || p.RevealTest() != p.Reveal() {
			t.Errorf("%s is not on the list", p.Reveal())
		}
	}
	for _, p := range []PAN{"", "4111111111111112", "411111111111111", "6222021234567890", "622202000099999", "62220200009999999",
		"621094700012345", "6210948000000021", "62220200009999x9"} {
		if IsTest(p) || (len(p) > 0 && p.RevealTest() == p.Reveal()) {
			t.Errorf("%s is on the list", p.Reveal())
		}
	}
}

func TestTrackRevealTest(t *testing.T) {
	for in, show := range map[TrackData]bool{
		"6222020000000015=2912101": true, "B6222020000000015^A/B^2912101": true, "996210947000000021=156": true,
		"6222021234567890=2912101": false, "B6222021234567890^A/B^2912101": false, "996222021234567890=156": false,
		"6222020000000015": false, "": true,
	} {
		if got := in.RevealTest() == in.Reveal(); got != show {
			t.Errorf("%s shown: %v", in.Reveal(), got)
		}
	}
}

func TestExpiry(t *testing.T) {
	for in, want := range map[string]Expiry{
		"2912": {2029, 12}, "0001": {2000, 1}, "4912": {2049, 12}, "5001": {1950, 1}, "9912": {1999, 12}, "": {},
	} {
		got, err := ParseExpiry(in)
		if err != nil || got != want || got.YYMM() != in {
			t.Errorf("%q: %+v %v", in, got, err)
		}
	}
	for _, in := range []string{"2913", "2900", "291", "29123", "29x2", "٢٩١٢"} {
		if _, err := ParseExpiry(in); err == nil {
			t.Errorf("%q accepted", in)
		}
	}
	var e Expiry
	if err := e.UnmarshalText([]byte("0612")); err != nil || e.YYMM() != "0612" {
		t.Errorf("%v %v", e, err)
	}
	if err := e.UnmarshalText([]byte("0613")); err == nil || e.YYMM() != "0612" {
		t.Errorf("a bad text changed it: %v %v", e, err)
	}
}

func TestExpiredAtTheEndOfTheMonth(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	e := Expiry{2026, time.June}
	last := time.Date(2026, time.June, 30, 23, 59, 59, 999999999, shanghai)
	if e.Expired(last) {
		t.Error("expired in its last instant")
	}
	if first := last.Add(1); !e.Expired(first) {
		t.Error("still good after its month")
	}
	if utc := last.Add(1).UTC(); e.Expired(utc) {
		t.Error("the zone of the time does not count: 16:00 UTC is still June there")
	}
	if dec := (Expiry{2026, time.December}); !dec.Expired(time.Date(2027, 1, 1, 0, 0, 0, 0, shanghai)) {
		t.Error("December does not end with the year")
	}
	for e, want := range map[Expiry]bool{{}: false, {2029, 13}: true, {2029, 0}: true} {
		if e.Expired(last) != want {
			t.Errorf("%v expired: %v", e, !want)
		}
	}
}

func TestServiceCode(t *testing.T) {
	type yes struct{ chip, intl, nat, online, pin, maybe, goods, cash bool }
	for code, w := range map[ServiceCode]yes{
		"101": {intl: true, goods: true, cash: true},
		"201": {chip: true, intl: true, goods: true, cash: true},
		"220": {chip: true, intl: true, online: true, pin: true, goods: true, cash: true},
		"621": {chip: true, nat: true, online: true, goods: true, cash: true},
		"525": {nat: true, online: true, pin: true, goods: true},
		"106": {intl: true, maybe: true, goods: true, cash: true},
		"107": {intl: true, maybe: true, goods: true},
		"103": {intl: true, pin: true, cash: true},
		"104": {intl: true, cash: true},
		"102": {intl: true, goods: true},
		"":    {}, "2": {}, "2a1": {},
	} {
		got := yes{code.HasChip(), code.International(), code.National(), code.OnlineOnly(), code.PINRequired(), code.PINIfPossible(), code.GoodsAllowed(), code.CashAllowed()}
		if got != w {
			t.Errorf("%q: got %+v, want %+v", code, got, w)
		}
	}
	if !ServiceCode("711").Private() || !ServiceCode("901").Test() || ServiceCode("101").Test() {
		t.Error("private or test")
	}
}
