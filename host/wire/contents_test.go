package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"possim/host/money"
)

// contents lists each kind of content with what it reads and writes back.
var contents = []struct {
	name  string
	field string
	back  func(string) (value any, written string, err error)
}{
	{"totals", "000000012345002000000001000001" + "0" + "000000000000000000000000000000" + "0", func(s string) (any, string, error) {
		v, err := ParseTotals(s)
		w, _ := v.Field48()
		return v, w, err
	}},
	{"details", "02" + "00000123" + "00006210947000000021" + "000000001234" + "01000124" + "06222020000000000155" + "000000000001", func(s string) (any, string, error) {
		v, err := ParseDetails(s)
		w, _ := Details48(v)
		return v, w, err
	}},
	{"uploaded", "0030", func(s string) (any, string, error) {
		v, err := ParseUploaded(s)
		w, _ := Uploaded48(v)
		return v, w, err
	}},
	{"balance", "1002156C000000123456" + "1001156D000000000001", func(s string) (any, string, error) {
		v, err := ParseBalances(s)
		w := ""
		for _, b := range v {
			one, _ := b.Field54()
			w += one
		}
		return v, w, err
	}},
	{"security", "2610000000000000", func(s string) (any, string, error) {
		v, err := ParseSub53(s)
		return v, v.String(), err
	}},
	{"original", "23341568118605290100048020000", func(s string) (any, string, error) {
		v, err := ParseOriginal61(s)
		return v, v.Field61(), err
	}},
	{"tagged", "A30196211111111111111111" + "A2007010020400"[:5] + "0100204", func(s string) (any, string, error) {
		v, err := ParseTagged(s)
		w, _ := Tagged59(v)
		return v, w, err
	}},
	{"sequence", "Sequence No12306099999906", func(s string) (any, string, error) {
		v, err := ParseSequence([]byte(s))
		w, _ := Sequence62(v)
		return v, string(w), err
	}},
	{"list", "1\x9F\x06\x05\xA0\x00\x00\x03\x33\x9F\x22\x01\x02\xDF\x05\x0820301231", func(s string) (any, string, error) {
		v, err := ParseList([]byte(s))
		return v, string(v.Field62()), err
	}},
	{"query", "117", func(s string) (any, string, error) {
		v, err := ParseListQuery([]byte(s))
		w, _ := ListQuery62(v)
		return v, string(w), err
	}},
	{"texts", "CUP\xBD\xBB\xD2\xD7\xB3\xC9\xB9\xA6            approved", func(s string) (any, string, error) {
		v, err := ParseTexts(s)
		w, _ := v.Field63()
		return v, w, err
	}},
	{"institutions", "01020000   48020000   ", func(s string) (any, string, error) {
		v, err := ParseInstitutions(s)
		w, _ := v.Field44()
		return v, w, err
	}},
}

// TestContents: what is written equals what was read, and a piece of it is an error
// that names the part, or reads as what it says and no more.
func TestContents(t *testing.T) {
	for _, c := range contents {
		t.Run(c.name, func(t *testing.T) {
			if _, w, err := c.back(c.field); err != nil || w != c.field {
				t.Fatalf("got  %q, %v\nwant %q", w, err, c.field)
			}
			for n := range c.field {
				_, w, err := c.back(c.field[:n])
				var part *PartError
				if err != nil && (!errors.As(err, &part) || part.At > n) {
					t.Errorf("%q: %v names no part within it", c.field[:n], err)
				}
				if err == nil && strings.TrimRight(w, " ") != strings.TrimRight(c.field[:n], " ") && c.name != "texts" {
					t.Errorf("%q reads and is written as %q", c.field[:n], w)
				}
			}
		})
	}
}

// FuzzContents reads anything as any content: no panic, and what reads is written
// and reads as the same again.
func FuzzContents(f *testing.F) {
	for i, c := range contents {
		f.Add(byte(i), c.field)
	}
	f.Fuzz(func(t *testing.T, which byte, field string) {
		c := contents[int(which)%len(contents)]
		v, w, err := c.back(field)
		if err != nil {
			return
		}
		again, w2, err := c.back(w)
		if err != nil || w2 != w || !reflect.DeepEqual(v, again) {
			t.Fatalf("%s %q: %#v is written as %q and read as %#v, %v", c.name, field, v, w, again, err)
		}
	})
}

// TestContentErrors names the part and the place, and never what stood there.
func TestContentErrors(t *testing.T) {
	for _, tt := range []struct {
		want string
		err  error
	}{
		{"field 48, domestic credit count (at 27): want 3 digits: not a digit", second(ParseTotals("0000000000000000000000000000x0" + strings.Repeat("0", 32)))},
		{"field 48, foreign flag (at 61): want 0 to 3", second(ParseTotals(strings.Repeat("0", 61) + "4"))},
		{"field 48, end (at 62): 1 characters too many", second(ParseTotals(strings.Repeat("0", 63)))},
		{"field 48, domestic debit count (at 12): it does not fit into 3 digits", second(Totals{Domestic: Sums{DebitCount: 1000}}.Field48())},
		{"field 48, count (at 0): 9 transactions, and a message carries at most 8", second(ParseDetails("09"))},
		{"field 48, PAN (at 10): want 20 characters, and 3 are left", second(ParseDetails("0100000123000"))},
		{"field 48, PAN (at 10): it is 21 characters long and must be 20", second(Details48([]Detail{{CardType: "00", STAN: "000001", PAN: "621094700000002162109"}}))},
		{"field 54, sign (at 7): want C or D", second(ParseBalance("1002156X000000123456"))},
		{"field 53, track flag (at 2): want 0 or 1", second(ParseSub53("2620000000000000"))},
		{"field 61, 61.2 STAN (at 6): want 6 characters, and 5 are left", second(ParseOriginal61("23341568118"))},
		{"field 61, 61.4 authorisation mode (at 16): want 2 characters, and 1 are left", second(ParseOriginal61("23341568118605290"))},
		{`field 59, item 1, value (at 5): want 19 characters, and 3 are left`, second(ParseTagged("A3019621"))},
		{"field 62, Sequence No (at 0): another text", second(ParseSequence([]byte("0123456789abcdef")))},
		{"field 62, objects (at 1): not BER-TLV", second(ParseList([]byte("1\x9F\x06\x05")))},
		{"field 62, state (at 0): want 0 to 3", second(ParseList([]byte("4")))},
		{"field 63, 63.2 issuer text (at 3): not GBK", second(ParseTexts("CUP\xFF\xFF"))},
	} {
		if fmt.Sprint(tt.err) != tt.want {
			t.Errorf("got  %v\nwant %s", tt.err, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestTotals: a host may answer 0 or 1 where the sums agree.
func TestTotals(t *testing.T) {
	mine := Totals{Domestic: Sums{Debit: 12345, DebitCount: 2, Credit: 100, CreditCount: 1}}
	theirs := mine
	theirs.Domestic.Agreed, theirs.Foreign.Agreed = Balanced, Unbalanced
	field, err := theirs.Field48()
	if want := "0000000123450020000000001000011" + "0000000000000000000000000000002"; err != nil || field != want {
		t.Errorf("got  %s, %v\nwant %s", field, err, want)
	}
	if !mine.Domestic.Same(theirs.Domestic) || !theirs.Domestic.Agreed.OK() || theirs.Foreign.Agreed.OK() || !NotCompared.OK() {
		t.Error("the flags mean something else")
	}
}

// TestQRCode tells the schemes and never shows a code.
func TestQRCode(t *testing.T) {
	for _, tt := range []struct {
		code string
		want Scheme
	}{
		{"6211111111111111111", SchemeUnionPay}, {"134567890123456789", SchemeWeChat}, {"101234567890123456", SchemeWeChat},
		{"2812345678901234", SchemeAlipay}, {"301234567890123456789012", SchemeAlipay}, {"281234567890123456", SchemeAlipay},
		{"621111111111111111", ""}, {"161234567890123456", ""}, {"281234567890123", ""}, {"3112345678901234", ""},
		{"28123456789012345678901234", ""}, {"", ""}, {"62111111111111111x1", ""},
	} {
		got, err := ParseQRCode(tt.code)
		if s, _ := got.Scheme(); s != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.code, s, err, tt.want)
		}
		if err != nil && tt.code != "" && strings.Contains(err.Error(), tt.code) {
			t.Errorf("the error shows the code: %v", err)
		}
	}
	code := QRCode("6234567890123456789")
	asJSON, _ := json.Marshal(code)
	for _, out := range []string{fmt.Sprintf("%v %s %x %#v %q", code, code, code, code, code), string(asJSON)} {
		if strings.Contains(out, "567890") || strings.Contains(out, "363233343536") || !strings.Contains(out, "623456*********6789") {
			t.Errorf("a payment code prints as %s", out)
		}
	}
	var m Message
	if err := m.SetTerminalInfo(TerminalInfo{DeviceType: "04", Serial: "00000304P3000001", Random: "000021", Cipher: Secret("1A2B3C4D"), Version: "310001  "}); err != nil {
		t.Fatal(err)
	}
	if err := m.SetScanCode(code); err != nil {
		t.Fatal(err)
	}
	if want := "A2065" + "01002040201600000304P300000103006000021040081A2B3C4D05008310001  " + "A3019" + code.Reveal(); m.QR != want {
		t.Errorf("field 59\n got %s\nwant %s", m.QR, want)
	}
	got, _ := m.ScanCode()
	info, ok := m.TerminalInfo()
	if got != code || !ok || info.Serial != "00000304P3000001" || string(info.Cipher) != "1A2B3C4D" || info.Version != "310001  " {
		t.Errorf("got %s, %+v, %v", got, info, ok)
	}
}

// TestEntries reads the lists that a terminal asks for.
func TestEntries(t *testing.T) {
	got, err := Entries(unhex(t, "9F0605A000000333 9F220102 DF05083230333031323331 9F0605A000000003 9F220192 DF05083230333031323331"))
	if want := []Entry{{"A000000333", "02"}, {"A000000003", "92"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	got, err = Entries(unhex(t, "9F0608A000000333010101 9F0608A000000333010102"))
	if want := []Entry{{AID: "A000000333010101"}, {AID: "A000000333010102"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	object, err := AppendTLV(nil, "9F06", unhex(t, "A000000333"))
	if err != nil || upperHex(object) != "9F0605A000000333" {
		t.Errorf("got %X, %v", object, err)
	}
	for _, tag := range []string{"", "9F", "9F0600", "zz"} {
		if _, err := AppendTLV(nil, tag, nil); err == nil {
			t.Errorf("tag %q passes", tag)
		}
	}
}

// TestBalance: what the account owes has a D.
func TestBalance(t *testing.T) {
	b := BalanceField{Type: AvailableBalance, Amount: money.Yuan(-5)}
	if got, err := b.Field54(); got != "0002156D000000000005" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if got := Operator63("1"); got != "1  " {
		t.Errorf("operator: got %q", got)
	}
}
