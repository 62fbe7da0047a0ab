package protocol

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"possim/reader"
)

// pinpad says and hears PKTDATA.
func pinpad(d *ABECSDevice, command string) string {
	return unpacked(d.Receive(0, abecsPacket([]byte(command))))
}

// unpacked is the data of a packet, behind an ACK or without one.
func unpacked(b []byte) string {
	if i := strings.IndexByte(string(b), abecsSYN); i >= 0 {
		data, ok := abecsData(b[i:])
		if !ok {
			return "a wrong CRC"
		}
		return string(data)
	}
	return ""
}

// TestCHPAsPrinted is the exchange of ABECS 2.12, section 3.3.2: ATR, SELECT, GET RESPONSE.
func TestCHPAsPrinted(t *testing.T) {
	d := new(ABECSDevice)
	pinpad(d, "OPN")
	if got := pinpad(d, "CHP00501000"); got != "CHP043" {
		t.Errorf("an empty slot: %s", got)
	}
	d.Insert()
	for _, c := range []struct{ command, card, want string }{
		{"CHP00501000", "3B29008072A4456400FF0010", "CHP0000270123B29008072A4456400FF0010"},
		{"CHP0290201200A4040007A0000000041010", "6132", "CHP0000070026132"},
		{"CHP0150200500C0000032", "6A86", "CHP0000070026A86"},
		{"CHP00500000", "", "CHP000003000"},
	} {
		got := pinpad(d, c.command)
		if o := d.Order(); o.Kind != OrderNone {
			if o.Kind == OrderCommand && !strings.HasSuffix(c.command, strings.ToUpper(hex.EncodeToString(o.APDU))) {
				t.Errorf("%s reaches the card as % X", c.command, o.APDU)
			}
			data, _ := hex.DecodeString(c.card)
			got = unpacked(d.Answer(data, nil))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.command, got, c.want)
		}
	}
	for command, want := range map[string]string{
		"CHP0150200500C0000032": "CHP061", // no power
		"CHP0050100":            "CHP011",
		"CHP00511000":           "CHP051", // a SAM
		"CHP00591000":           "CHP043", // no contactless
		"CHP0290201200A4":       "CHP011", // cut off
	} {
		if got := pinpad(d, command); got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
	pinpad(d, "RMC032"+strings.Repeat(" ", 32))
	if got := pinpad(d, "CHP00501000"); got != "CHP043" {
		t.Errorf("after RMC: %s", got)
	}
}

// TestGCRWithAChip: no tables, no application; a stripe after that is a fallback, once
// (6.8.1.1). Tables of another version are told, and a GCR without data goes on.
func TestGCRWithAChip(t *testing.T) {
	gcr := func(version string) string { return block("GCR", "0099"+strings.Repeat("0", 24)+version+"00") }
	d := new(ABECSDevice)
	pinpad(d, "OPN")
	d.Insert()
	if got := pinpad(d, gcr("TABVER0918")); got != "GCR020" {
		t.Errorf("%s", got)
	}
	pinpad(d, "GCR")
	if got := unpacked(d.Answer([]byte(t0ATR), nil)); got != "GCR070" {
		t.Errorf("%s", got)
	}
	d.Remove()
	stripe := swipeOf([3]reader.Track{t1, t2, blank})
	for i, want := range []string{"002", "000", "001"} {
		if i == 2 {
			d.Insert()
			pinpad(d, gcr(noTables))
			if got := unpacked(d.Answer(nil, errors.New("mute"))); got != "GCR060" {
				t.Errorf("%s", got)
			}
			d.Remove()
		}
		pinpad(d, gcr(noTables))
		if got := unpacked(d.Swipe(stripe)); !strings.HasPrefix(got, "GCR000342"+want) {
			t.Errorf("swipe %d: %.12s", i, got)
		}
	}
}

// TestGCRAnswersOfAPinpadWithTables: another version is gone over, its kernel's troubles
// with a chip are not the card's, and an old pinpad without CHP is told.
func TestGCRAnswersOfAPinpadWithTables(t *testing.T) {
	waiting := func() *abecs {
		a := newABECS().(*abecs)
		a.Ask()
		a.Feed([]byte{abecsEOT})
		a.Feed(append([]byte{ack}, abecsPacket([]byte("OPN000"))...))
		a.Feed([]byte{ack})
		a.Reply()
		return a
	}
	for answer, want := range map[string]string{
		"GCR020": "GCR", "GCR070": abecsPowerOn, "GCR076": abecsPowerOn,
		block("GCR000", "03"+strings.Repeat("0", 7)+"00"+strings.Repeat(" ", 76)+"00"+strings.Repeat(" ", 37)+"000"+strings.Repeat(" ", 104)): abecsPowerOn,
	} {
		a := waiting()
		a.Feed(abecsPacket([]byte(answer)))
		if got := unpacked(a.Reply()); got != want {
			t.Errorf("%.9s is followed by %q", answer, got)
		}
	}
	a := waiting()
	a.Feed(abecsPacket([]byte("GCR070")))
	a.Reply()
	if got := tell(a.Feed(abecsPacket([]byte("ERR010")))); len(got) != 1 || !strings.Contains(got[0], "no CHP") {
		t.Errorf("%q", got)
	}
	a = waiting()
	stripe := "001000000" + "00" + strings.Repeat(" ", 76) + "16" + "4111111111111111" + strings.Repeat(" ", 21) + "000" + strings.Repeat(" ", 104)
	if got := tell(a.Feed(abecsPacket([]byte(block("GCR000", stripe))))); len(got) != 2 || !strings.Contains(got[0], "fallback") {
		t.Errorf("%q", got)
	}
}
