package card

import (
	"errors"
	"strings"
	"testing"
)

// Tracks that are odd but legal, or published somewhere, and what they say.
var goodTracks = []struct {
	name, track string
	n           int
	pan         PAN
	expiry      string
	code        ServiceCode
}{
	{"plain track 2", "4111111111111111=29121010000012300000", 2, "4111111111111111", "2912", "101"},
	{"framed", ";4111111111111111=29121010000012300000?", 2, "4111111111111111", "2912", "101"},
	{"framed with LRC", ";4111111111111111=29121010000012300000?:", 2, "4111111111111111", "2912", "101"},
	{"nothing after the service code (moov-io/iso8583 refuses it)", "6210947000000021=1808101", 2, "6210947000000021", "1808", "101"},
	{"no expiry (moov-io/iso8583 refuses it)", "6210947000000021==101123", 2, "6210947000000021", "", "101"},
	{"no service code", "6210947000000021=2912=123", 2, "6210947000000021", "2912", ""},
	{"neither", "6210947000000021===", 2, "6210947000000021", "", ""},
	{"ends after the expiry", "6210947000000021=2912", 2, "6210947000000021", "2912", ""},
	{"ends after the separator", "6210947000000021=", 2, "6210947000000021", "", ""},
	{"19 digits", "6799990200000001114=25121011234000012", 2, "6799990200000001114", "2512", "101"},
	{"PAN 59 with country", "5900000000000006=7562912101123", 2, "5900000000000006", "2912", "101"},
	{"month 17 (Card::Magnetic t/track2.t)", "0000000000000000=171700012345888", 2, "0000000000000000", "1717", "000"},
	{"fails Luhn, 17 digits", "12345678901234567=2912101", 2, "12345678901234567", "2912", "101"},
	{"expired in 1998", "4111111111111111=9812101", 2, "4111111111111111", "9812", "101"},
	{"moov-io/iso8583 track_test.go", "4000340000000506=2512111123400001230", 2, "4000340000000506", "2512", "111"},
	{"jlee-r7/magcards", ";349485681971183=130410111088875500000?", 2, "349485681971183", "1304", "101"},

	{"plain track 1", "%B4111111111111111^DOE/JOHN^29121010000000000123000000?", 1, "4111111111111111", "2912", "101"},
	{"all absent", "B4815881002861896^YATES/EUGENE L            ^^^356858      00998000000", 1, "4815881002861896", "", ""},
	{"no name", "B4242424242424242^ /^11052011000000000000", 1, "4242424242424242", "1105", "201"},
	{"empty name", "B4242424242424242^^11052011000000000000", 1, "4242424242424242", "1105", "201"},
	{"MagTek's manual, lower case", "B123^Smith/Joann^9812101000", 1, "123", "9812", "101"},
	{"format A (Card::Magnetic)", "%A0000000000000000^RECSKY^171700012345888?", 1, "0000000000000000", "1717", "000"},
	{"UnionPay", "%996210947000000021^ZHANG/SAN                 ^2912101123450000000000123 00?", 1, "6210947000000021", "2912", "101"},
	{"UnionPay, padded to 19", "%996210947000000021   ^ZHANG SAN                 ^29121011234500000000001?", 1, "6210947000000021", "2912", "101"},
	{"grouped digits", "%B3782 822463 10005^DOE/JOHN^2912101?", 1, "378282246310005", "2912", "101"},
	{"PAN 59 with country", "%B5900000000000006^756DOE/JOHN^2912101?", 1, "5900000000000006", "2912", "101"},
	{"PAN 59 without country", "%B5900000000000006^DOE/JOHN^2912101?", 1, "5900000000000006", "2912", "101"},
	{"ends after the name", "%B4111111111111111^DOE/JOHN^?", 1, "4111111111111111", "", ""},

	{"ISO/IEC 4909", iso4909(";01 4111111111111111= 724 724 1 0000 0000 0000 03 0 300123 4 04 04 00 2912 1 = 000000000001= 000000000002= 1 = 0000?"), 3, "4111111111111111", "2912", ""},
	{"UnionPay 99, 156/156", iso4909(";99 6210947000000021= 156 156 0 0000 0000 0000 00 3 000000 0 00 00 00 2912 0 =000000000000= 000000000000= 1 000000 00000000?"), 3, "6210947000000021", "2912", ""},
	{"start sentinel of a reader", iso4909("+99 6210947000000021= 156 156 0 0000 0000 0000 00 3 000000 0 00 00 00 2912 0 =000000000000= 000000000000= 1 000000 00000000?"), 3, "6210947000000021", "2912", ""},
	{"country left out (2006)", iso4909(";01 = = 978 2 0000 0000 0000 00 3 123456 0 00 00 00 2912 1 = = = 1 =?"), 3, "", "2912", ""},
	{"giro card, two-part number", iso4909(";01 5912345678= 12345678901= 280 978 2 0000 0000 0000 00 3 123456 0 00 00 00 2912 1 000000000 = = 1 =?"), 3, "5912345678", "2912", ""},
	{"an issuer's own layout", ";991234567890=12?", 3, "1234567890", "", ""},
	{"an issuer's own layout, empty", ";991234567890=?", 3, "1234567890", "", ""},
}

// iso4909 takes the spaces out that part the fields.
func iso4909(track string) string { return strings.ReplaceAll(track, " ", "") }

func TestGoodTracksRoundTrip(t *testing.T) {
	for _, c := range goodTracks {
		t.Run(c.name, func(t *testing.T) {
			id, data, err := reformat(c.n, TrackData(c.track))
			if err != nil {
				t.Fatal(err)
			}
			if id.PAN != c.pan || id.Expiry.YYMM() != c.expiry || id.ServiceCode != c.code {
				t.Errorf("got %s %s %q", id.PAN.Reveal(), id.Expiry, string(id.ServiceCode))
			}
			if want := bare(c.track); string(data) != want {
				t.Errorf("formats to %s\nwant       %s", string(data), want)
			}
			if back, _, err := reformat(c.n, data.Framed(c.n)); err != nil || back != id {
				t.Errorf("framed again: %v %v", back, err)
			}
		})
	}
}

// reformat parses and formats a track of the given number.
func reformat(n int, t TrackData) (id Identity, data TrackData, err error) {
	switch n {
	case 1:
		var got Track1
		if got, err = ParseTrack1(t); err == nil {
			id = got.Identity()
			data, err = got.Data()
		}
	case 2:
		var got Track2
		if got, err = ParseTrack2(t); err == nil {
			id = got.Identity()
			data, err = got.Data()
		}
	case 3:
		var got Track3
		if got, err = ParseTrack3(t); err == nil {
			id = got.Identity()
			data, err = got.Data()
		}
	}
	return id, data, err
}

// bare strips sentinels and LRC.
func bare(track string) string {
	if i := strings.IndexByte(track, '?'); i >= 0 {
		return track[1:i]
	}
	return track
}

func TestBadTracksNameTheColumn(t *testing.T) {
	for _, c := range []struct {
		n      int
		track  string
		column int
		field  string
	}{
		{2, "", 1, "PAN"},
		{2, "4111111111111111", 17, "PAN"},
		{2, "=2912101", 1, "PAN"},
		{2, "41111111A1111111=2912101", 9, "character"},
		{2, "41111111:1111111=2912101", 9, "PAN"},
		{2, ";4111111111111111=2912101", 26, "end sentinel"},
		{2, "4111111111111111=2912101?", 25, "end sentinel"},
		{2, ";4111111111111111=2912101?::", 28, "LRC"},
		{2, "4111111111111111=29", 20, "expiry"},
		{2, "4111111111111111=291210", 24, "service code"},
		{2, "4111111111111111=2:12101", 19, "expiry"},
		{2, "12345678901234567890=2912101", 20, "PAN"},
		{2, "4111111111111111=2912101" + strings.Repeat("0", 20), 38, "length"},
		{1, "", 1, "format code"},
		{1, "4111111111111111^DOE^2912101", 1, "format code"},
		{1, "%B41111A1111111111^DOE^2912101?", 8, "PAN"},
		{1, "%B^DOE^2912101?", 3, "PAN"},
		{1, "%B4111111111111111^DOE?", 23, "name"},
		{1, "%B4111111111111111^" + strings.Repeat("N", 27) + "^2912101?", 46, "name"},
		{1, "B4111111111111111^D\x80E^2912101", 20, "character"},
		{3, "0", 1, "format code"},
		{3, "014111111111111111", 19, "PAN"},
		{3, "014111111111111111=7247", 24, "currency"},
		{3, "014111111111111111=724724=00", 29, "amount authorized per cycle"},
	} {
		_, _, err := reformat(c.n, TrackData(c.track))
		var te *TrackError
		if !errors.As(err, &te) {
			t.Errorf("track %d %q: %v", c.n, c.track, err)
			continue
		}
		if te.Track != c.n || te.Column != c.column || te.Field != c.field {
			t.Errorf("track %d %q: %v; want column %d, %s", c.n, c.track, err, c.column, c.field)
		}
	}
}

func TestDataRefusesWhatNoTrackHolds(t *testing.T) {
	for name, err := range map[string]error{
		"PAN with a separator": second(Track2{PAN: "41=11"}.Data()),
		"no PAN":               second(Track2{Expiry: Expiry{2029, 12}}.Data()),
		"two-digit code":       second(Track2{PAN: "4111111111111111", Expiry: Expiry{2029, 12}, ServiceCode: "10"}.Data()),
		"name with ^":          second(Track1{FormatCode: "B", PAN: "4111111111111111", Name: "A^B"}.Data()),
		"no format code":       second(Track1{PAN: "4111111111111111", Name: "A"}.Data()),
		"long field":           second(Track3{FormatCode: "01", PAN: "4111111111111111", Country: "1567"}.Data()),
		"month 100":            second(Track2{PAN: "4111111111111111", Expiry: Expiry{2029, 100}, ServiceCode: "101"}.Data()),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "4111") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ TrackData, err error) error { return err }

func TestBuiltByHand(t *testing.T) {
	t2, err := Track2{PAN: "4111111111111111", Expiry: Expiry{2029, 12}, ServiceCode: "101", Discretionary: "123"}.Data()
	if err != nil || t2.Reveal() != "4111111111111111=2912101123" {
		t.Errorf("%q %v", t2.Reveal(), err)
	}
	t2, err = Track2{PAN: "4111111111111111"}.Data()
	if err != nil || t2.Reveal() != "4111111111111111===" {
		t.Errorf("%q %v", t2.Reveal(), err)
	}
	t1, err := Track1{FormatCode: "B", PAN: "4111111111111111", Name: " /", Discretionary: "0"}.Data()
	if err != nil || t1.Reveal() != "B4111111111111111^ /^^^0" {
		t.Errorf("%q %v", t1.Reveal(), err)
	}
}

func TestIdentify(t *testing.T) {
	t1, t2 := TrackData("B4111111111111111^A/B^2912101"), TrackData("6222020000000015=3001201")
	t3 := TrackData("996210947000000021=1")
	for _, c := range []struct {
		t1, t2, t3 TrackData
		want       string
	}{
		{t1, t2, t3, "622202******0015 3001 201"},
		{t1, "", t3, "411111******1111 2912 101"},
		{t1, "22222", t3, "411111******1111 2912 101"},
		{"", "", t3, "621094******0021 - -"},
	} {
		id, err := Identify(c.t1, c.t2, c.t3)
		if err != nil || id.String() != c.want {
			t.Errorf("got %v %v, want %s", id, err, c.want)
		}
	}
	if _, err := Identify("", "22222", ""); err == nil || !strings.Contains(err.Error(), "track 2, column 6") {
		t.Error(err)
	}
	if _, err := Identify("", "", ""); err == nil {
		t.Error("no error without tracks")
	}
}
