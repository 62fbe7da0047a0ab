package wire

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestPublished reads messages that other people published, and writes them back
// byte for byte.
func TestPublished(t *testing.T) {
	file, err := os.ReadFile("testdata/published.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(file)) {
		columns := strings.Split(strings.TrimSpace(line), " | ")
		if len(columns) != 3 || line[0] == '#' {
			continue
		}
		n++
		data := unhex(t, columns[2])
		d, why := Auto(data)
		frame, _, err := d.unframe(data)
		if d.Name() != "unionpay" || err != nil {
			t.Errorf("%s: %s, %v", columns[0], why, err)
		}
		var m Message
		if _, err := d.Decode(frame, &m); err != nil {
			t.Errorf("%s: %v", columns[0], err)
			continue
		}
		if got := string(m.MTI) + " " + m.Private60; got != columns[1] {
			t.Errorf("%s: got %s, want %s", columns[0], got, columns[1])
		}
		if again, err := d.Encode(nil, &m, nil); err != nil || !bytes.Equal(again, frame) {
			t.Errorf("%s:\n got %X, %v\nwant %X", columns[0], again, err, frame)
		}
		if p := d.Inspect(data, nil); p.Err != nil || len(p.Notes) > len(m.Readings) {
			t.Errorf("%s: %v, %q", columns[0], p.Err, p.Notes)
		}
		checkPublished(t, columns[0], &m)
	}
	if n != 11 {
		t.Errorf("%d messages, want 11", n)
	}
}

// checkPublished reads what the messages hold as typed content.
func checkPublished(t *testing.T, name string, m *Message) {
	t.Helper()
	switch m.MTI + " " + MTI(m.Sub60().Network) {
	case "0510 201":
		got, err := ParseTotals(m.Private48)
		if want := (Totals{Domestic: Sums{11, 11, 2, 2, Balanced}, Foreign: Sums{Agreed: Balanced}}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
	case "0830 372":
		list, err := ParseList(m.Private62)
		entries, err2 := Entries(list.Objects)
		if err != nil || err2 != nil || list.State != ListWhole || len(entries) != 5 || entries[4] != (Entry{"A000000333", "08"}) {
			t.Errorf("%s: got %v, %v, %v", name, entries, err, err2)
		}
	case "0830 382":
		list, err := ParseList(m.Private62)
		if entries, _ := Entries(list.Objects); err != nil || len(entries) != 10 || entries[0].AID != "A000000333010106" {
			t.Errorf("%s: got %v, %v", name, entries, err)
		}
	case "0800 003":
		if serial, err := ParseSequence(m.Private62); err != nil || serial != "306099999906" {
			t.Errorf("%s: got %s, %v", name, serial, err)
		}
	}
}
