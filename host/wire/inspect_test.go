package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"possim/reader/card"
)

// A canary is a PAN that is on no list of test numbers.
const canary = "6222021001123456789"

// TestCanaryNeverShows puts a PAN wherever a message may carry one, in every
// dialect, and looks for it in everything that prints.
func TestCanaryNeverShows(t *testing.T) {
	chip := []byte{0x5A, 10, 0x62, 0x22, 0x02, 0x10, 0x01, 0x12, 0x34, 0x56, 0x78, 0x9F,
		0x57, 13, 0x62, 0x22, 0x02, 0x10, 0x01, 0x12, 0x34, 0x56, 0x78, 0x9D, 0x29, 0x12, 0x20,
		0x70, 12, 0x5A, 10, 0x62, 0x22, 0x02, 0x10, 0x01, 0x12, 0x34, 0x56, 0x78, 0x9F}
	for _, name := range Names() {
		d, _ := ByName(name)
		m := Message{
			MTI: "0200", PAN: canary, Track2: canary + "=29121010000000001", Track3: "99" + canary + "=1561560",
			PINBlock: Secret("\x06\x12\x71\x31\x76\xFE\xDC\xBA"), Chip: chip, QR: "card " + canary + ".",
			Private62: []byte("card " + canary), Private63: canary, Additional: canary,
			Rest: []Field{{34, Secret(canary)}, {45, Secret("B" + canary + "^A/B^2912101")}, {46, Secret(canary)}, {102, Secret(canary)}, {103, Secret(canary)}, {120, Secret(canary)}},
		}
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		for cut := range frame {
			checkNoCanary(t, d, frame[:cut])
		}
		checkNoCanary(t, d, frame)
		if printed := fmt.Sprintf("%v %+v %#v", m.PINBlock, m.PINBlock, m.PINBlock); strings.Contains(printed, "127131") || strings.Contains(printed, "0x6, 0x12") {
			t.Errorf("a PIN block prints: %s", printed)
		}
	}
}

func checkNoCanary(t *testing.T, d *Dialect, frame []byte) {
	t.Helper()
	p := d.Inspect(frame, nil)
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	_, err = d.Decode(frame, &m)
	for _, out := range []string{p.String(), string(asJSON), fmt.Sprint(err), fmt.Sprintf("%v", m), fmt.Sprintf("%+v", m.Rest)} {
		if strings.Contains(out, canary) || strings.Contains(out, upperHex([]byte(canary))) || strings.Contains(out, "29121010000") || strings.Contains(out, canary[6:15]) {
			t.Fatalf("%s: the PAN shows in\n%s", d, out)
		}
	}
}

// TestInspect is the contract of possim decode --json on the published beginning
// of a sign-on and on messages of our own.
func TestInspect(t *testing.T) {
	tests := []struct{ name, dialect, frame, want string }{
		{
			"with its length", "unionpay", "0025 6006010000 613100311108 0820 0000000000C00010 " + tid + mid + " 0011 000000013010",
			`{"dialect":"unionpay","length":52,"tpdu":"6006010000","header":"613100311108","mti":"0820","bitmap":"0000000000C00010",` +
				`"fields":{"41":"00000001","42":"898100054110001","60":"00000001301"},"kind":"echo",` +
				`"parts":{"60":[{"part":"60.1","name":"transaction type 交易类型码","value":"00","means":"management 管理"},{"part":"60.2","name":"batch 批次号","value":"000001"},{"part":"60.3","name":"network code 网络管理信息码","value":"301","means":"echo 回响测试"}]},` +
				`"error":{"offset":0,"field":"length","message":"the length before the frame is wrong: it says 37 bytes and 52 follow"}}`,
		},
		{
			"binary, EMV and secrets", "unionpay", preludeHex + "0200 4000000020001200 16 6210947000000021 33 6210947000000021D29121010000000010 0BC415260F12F644 0009 9F3602001E9C01",
			`{"dialect":"unionpay","length":65,"tpdu":"6006010000","header":"603100311812","mti":"0200","bitmap":"4000000020001200",` +
				`"fields":{"2":"621094******0021","35":"621094******0021=****************","52":"****"},` +
				`"error":{"offset":56,"field":"55","message":"integrated circuit card data: the frame ends before the field does: it wants 9 bytes and 7 are left"}}`,
		},
		{
			"chip data as tags", "iso87bcd", "0200 0000000000000200 0015 9F3602001E 5A08 6210947000000021",
			`{"dialect":"iso87bcd","length":27,"mti":"0200","bitmap":"0000000000000200","fields":{"55":{"9F36":"001E","5A":"621094******0021"}},` +
				`"parts":{"55":[{"part":"9F36","name":"application transaction counter","value":"001E"},{"part":"5A","name":"application PAN","value":"621094******0021"}]}}`,
		},
		{
			"chip data that is none", "iso87bcd", "0200 0000000000000200 0004 9F36 05 00",
			`{"dialect":"iso87bcd","length":16,"mti":"0200","bitmap":"0000000000000200","fields":{"55":{"?":"4 bytes that are not BER-TLV"}},"notes":["field 55, byte 0: not BER-TLV"],"error":{"offset":10,"field":"55","message":"integrated circuit card data: byte 0: not BER-TLV"}}`,
		},
		{
			"a tag that comes twice", "iso87bcd", "0200 0000000000000200 0006 72 01 AA 72 01 BB",
			`{"dialect":"iso87bcd","length":18,"mti":"0200","bitmap":"0000000000000200","fields":{"55":{"72":["AA","BB"]}},` +
				`"parts":{"55":[{"part":"72","name":"issuer script template 2"},{"part":"72","name":"issuer script template 2"}]},"notes":["field 55, in 72: byte 0: not BER-TLV"]}`,
		},
		{
			"GBK and bytes in a text", "unionpay", preludeHex + "0210 000000000010000A 05 BDBBD2D700 0000 0003 CAA7B0",
			`{"dialect":"unionpay","length":34,"tpdu":"6006010000","header":"603100311812","mti":"0210","bitmap":"000000000010000A","fields":{"44":"BDBBD2D700","61":"","63":"CAA7B0"}}`,
		},
		{
			"batch details", "unionpay", preludeHex + "0320 0000000000010000 0042 01 00 000123 00006210947000000021 000000001234",
			`{"dialect":"unionpay","length":44,"tpdu":"6006010000","header":"603100311812","mti":"0320","bitmap":"0000000000010000","fields":{"48":"01000001230000621094******0021000000001234"},` +
				`"parts":{"48":[{"part":"48.1","name":"transaction 明细","parts":[{"name":"card type 卡类型","value":"00"},{"name":"STAN 流水号","value":"000123"},{"name":"PAN 卡号","value":"621094******0021"},{"name":"amount 金额","value":"12.34"}]}]}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := ByName(tt.dialect)
			got, err := json.Marshal(d.Inspect(unhex(t, tt.frame), nil))
			if err != nil || string(got) != tt.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

const (
	tid = "3030303030303031"
	mid = "383938313030303534313130303031"
)

// TestInspectFindsTheLength: with the two bytes before it or without, and offsets
// count from the first byte given.
func TestInspectFindsTheLength(t *testing.T) {
	for _, name := range Names() {
		d, _ := ByName(name)
		for _, g := range readGolden(t, name) {
			framed, _ := AppendFrame(nil, g.frame)
			bare, with := d.Inspect(g.frame, nil), d.Inspect(framed, nil)
			if bare.Err != nil || with.Err != nil || bare.String() != with.String() || bare.Length != len(g.frame) {
				t.Errorf("%s %s: %v, %v, length %d, want %d", name, g.name, bare.Err, with.Err, bare.Length, len(g.frame))
			}
			half := len(framed) - 1
			if p := d.Inspect(framed[:half], nil); p.Err == nil || p.Err.Offset < lengthSize || p.Err.Offset > half {
				t.Errorf("%s %s, last byte missing: %v", name, g.name, p.Err)
			}
		}
	}
}

// TestInspectShows a card of the test list in clear when it is asked to, and no
// other.
func TestInspectShows(t *testing.T) {
	for _, tt := range []struct{ pan, want string }{
		{"6210947000000021", `"2":"6210947000000021","35":"6210947000000021=29121010000000010"`},
		{"6222021001123456", `"2":"622202******3456","35":"622202******3456=*****************"`},
	} {
		m := Message{MTI: "0200", PAN: card.PAN(tt.pan), Track2: card.TrackData(tt.pan + "=29121010000000010")}
		frame, err := UnionPay().Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(UnionPay().Inspect(frame, card.IsTest))
		if err != nil || !strings.Contains(string(got), tt.want) {
			t.Errorf("got %s, %v, want %s in it", got, err, tt.want)
		}
	}
}

// TestPictureIsHarmless: what comes off the wire cannot steer a terminal.
func TestPictureIsHarmless(t *testing.T) {
	m := Message{MTI: "0200", TID: "\x1b[2J0001", Additional: "\x1b]0;x\a", Private63: "a\u202eb"}
	for _, d := range []*Dialect{UnionPay(), ISO87ASCII()} {
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if out := d.Inspect(frame, nil).String(); strings.ContainsAny(out, "\x1b\a\u202e") {
			t.Errorf("%s: %q", d, out)
		}
	}
}
