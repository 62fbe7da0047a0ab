package wire

import (
	"bytes"
	"strings"
	"testing"
)

// TestAnswer builds on the golden messages: the fields an answer repeats, the
// addresses swapped, nothing required.
func TestAnswer(t *testing.T) {
	for _, name := range Names() {
		golden := readGolden(t, name)
		for i := 0; i < len(golden); i += 2 {
			req, want := golden[i].message, golden[i+1].message
			got := req.Answer()
			if got.MTI != want.MTI || !bytes.Equal(got.TPDU, want.TPDU) {
				t.Errorf("%s %s: got %s to %X, want %s to %X", name, golden[i].name, got.MTI, got.TPDU, want.MTI, want.TPDU)
			}
			if got.Requirement() != RequireNothing {
				t.Errorf("%s %s: requires %d", name, golden[i].name, got.Requirement())
			}
			if err := Matches(&req, &got); err != nil {
				t.Errorf("%s %s: %v", name, golden[i].name, err)
			}
			if err := Matches(&req, &want); err != nil {
				t.Errorf("%s %s: the golden answer: %v", name, golden[i].name, err)
			}
			for _, secret := range []int{35, 36, 52, 55, 64, 128} {
				if got.Present(secret) {
					t.Errorf("%s %s: the answer repeats field %d", name, golden[i].name, secret)
				}
			}
		}
	}
}

// TestAnswerSharesNothing: an answer may be changed without changing its request.
func TestAnswerSharesNothing(t *testing.T) {
	req := Message{MTI: "0200", TPDU: []byte{0x60, 1, 2, 3, 4}, Header: []byte{0x60, 0x31, 3, 0, 0, 0}, Rest: []Field{{7, Secret("0601013000")}}}
	ans := req.Answer()
	ans.Require(RequireSignOn)
	ans.TPDU[0], ans.Rest[0].Value[0] = 0, 'x'
	if req.Requirement() != 3 || req.TPDU[0] != 0x60 || req.Rest[0].Value[0] != '0' {
		t.Errorf("the request changed: %s", spell(req))
	}
	if ans.Header[2] != 0x03 || ans.Requirement() != RequireSignOn {
		t.Errorf("got header %X, want requirement 3", ans.Header)
	}
}

// TestMatches names the field that differs, with both values.
func TestMatches(t *testing.T) {
	req := Message{MTI: "0200", ProcessingCode: "000000", Amount: 1234, STAN: "000007", TID: "00000001", MID: "898100054110001"}
	tests := []struct {
		name   string
		change func(*Message)
		says   []string
	}{
		{"the same", func(*Message) {}, nil},
		{"more fields", func(m *Message) { m.RRN = "000000000001" }, nil},
		{"type", func(m *Message) { m.MTI = "0410" }, []string{"0210", "0410"}},
		{"processing code", func(m *Message) { m.ProcessingCode = "310000" }, []string{"field 3", "310000", "000000"}},
		{"amount", func(m *Message) { m.Amount = 123400 }, []string{"field 4", "1234.00", "12.34"}},
		{"STAN", func(m *Message) { m.STAN = "000006" }, []string{"field 11", "000006", "000007"}},
		{"TID", func(m *Message) { m.TID = "00000002" }, []string{"field 41", "00000002"}},
		{"MID", func(m *Message) { m.MID = "898100054110002" }, []string{"field 42", "898100054110002"}},
		{"STAN missing", func(m *Message) { m.STAN = "" }, []string{"no field 11"}},
		{"amount missing", func(m *Message) { m.Amount = 0 }, []string{"no field 4"}},
	}
	for _, tt := range tests {
		ans := req
		ans.MTI = "0210"
		tt.change(&ans)
		err := Matches(&req, &ans)
		if (err == nil) != (tt.says == nil) {
			t.Errorf("%s: got %v", tt.name, err)
			continue
		}
		for _, want := range tt.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", tt.name, err, want)
			}
		}
	}
	// An echo carries neither amount nor STAN, so its answer need not.
	if err := Matches(&Message{MTI: "0820", TID: "00000001"}, &Message{MTI: "0830", TID: "00000001", STAN: "000001"}); err != nil {
		t.Errorf("echo: %v", err)
	}
	// An amount of zero that was sent must come back.
	zero := Message{MTI: "0200"}
	zero.Has.Add(4)
	if err := Matches(&zero, &Message{MTI: "0210"}); err == nil {
		t.Error("an answer without the amount matches a request for 0.00")
	}
}

// TestMTIAnswer: requests have an even third digit and answers the next one.
func TestMTIAnswer(t *testing.T) {
	for _, tt := range []struct{ mti, want MTI }{
		{"0200", "0210"}, {"0201", "0210"}, {"0220", "0230"}, {"0221", "0230"}, {"0400", "0410"}, {"0420", "0430"},
		{"0820", "0830"}, {"0100", "0110"}, {"0202", "0212"}, {"0210", ""}, {"0230", ""}, {"", ""}, {"02", ""}, {"02x0", ""},
	} {
		if got := tt.mti.Answer(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.mti, got, tt.want)
		}
	}
}

// TestKindOf reads the golden requests, and neighbours of a purchase that are none.
func TestKindOf(t *testing.T) {
	for _, name := range Names() {
		golden := readGolden(t, name)
		for i, want := range []Kind{Purchase, "", Reversal, "", Echo, ""} {
			if got, ok := KindOf(&golden[i].message); got != want || ok != (want != "") {
				t.Errorf("%s %s: got %q, want %q", name, golden[i].name, got, want)
			}
		}
	}
	for _, m := range []Message{
		{MTI: "0200", ProcessingCode: "000000", Condition: "00", Private60: "36000001000"},
		{MTI: "0200", ProcessingCode: "200000", Condition: "00", Private60: "25000001000"},
		{MTI: "0200"},
		{MTI: "0100", ProcessingCode: "010000"},
		{MTI: "0320", Private60: "00000001299"},
		{MTI: "0800", Private60: "00000001299"},
		{MTI: "0820"}, {MTI: "0800"}, {MTI: "0510"}, {MTI: "0600"},
	} {
		if got, ok := KindOf(&m); ok {
			t.Errorf("%s is taken for a %s", spell(m), got)
		}
	}
	for _, m := range []Message{{MTI: "0200", ProcessingCode: "002000"}, {MTI: "0201", ProcessingCode: "000000", Condition: "00"}} {
		if got, _ := KindOf(&m); got != Purchase {
			t.Errorf("%s: got %q, want a purchase", spell(m), got)
		}
	}
	if got, _ := KindOf(&Message{MTI: "0420"}); got != Reversal {
		t.Errorf("0420: got %q, want a reversal", got)
	}
}

// TestStart: what Start writes, KindOf reads.
func TestStart(t *testing.T) {
	for _, name := range Names() {
		d, _ := ByName(name)
		for _, k := range kindsOf(d) {
			tx, ok := d.Transaction(k)
			if !ok {
				t.Fatalf("%s has no %s", name, k)
			}
			m := Message{Private60: "22000042"}
			tx.Start(&m)
			if got, _ := KindOf(&m); got != k {
				t.Errorf("%s: got %q, want %q", name, got, k)
			}
			if m.Batch() != "000042" {
				t.Errorf("%s %s: the batch became %q", name, k, m.Batch())
			}
		}
		if _, ok := d.Transaction("barter"); ok {
			t.Errorf("%s knows barter", name)
		}
	}
}

// TestSub60 reads every length that is in use, and writes it back.
func TestSub60(t *testing.T) {
	for _, tt := range []struct {
		digits string
		want   Sub60
	}{
		{"", Sub60{}},
		{"22000001", Sub60{Type: "22", Batch: "000001"}},
		{"00000001301", Sub60{Type: "00", Batch: "000001", Network: "301"}},
		{"220007570006", Sub60{Type: "22", Batch: "000757", Network: "000", ReadCapability: "6"}},
		{"2200075700060", Sub60{Type: "22", Batch: "000757", Network: "000", ReadCapability: "6", ICCondition: "0"}},
		{"22000065000501", Sub60{Type: "22", Batch: "000065", Network: "000", ReadCapability: "5", ICCondition: "0", PartialDebit: "1"}},
		{"22000065000501000", Sub60{Type: "22", Batch: "000065", Network: "000", ReadCapability: "5", ICCondition: "0", PartialDebit: "1", Account: "000"}},
	} {
		m := Message{Private60: tt.digits}
		if got := m.Sub60(); got != tt.want || got.String() != tt.digits {
			t.Errorf("%s: got %+v, %s", tt.digits, got, got)
		}
	}
	if got := ParseSub60("2200"); got != (Sub60{Type: "22"}) {
		t.Errorf("a batch number cut off: got %+v", got)
	}
}

// TestOriginal reads and writes fields 61 and 90.
func TestOriginal(t *testing.T) {
	o := Original{Batch: "233415", STAN: "681186", Date: "0529"}
	if got, err := ParseOriginal61("2334156811860529"); got != o || err != nil || o.Field61() != "2334156811860529" {
		t.Errorf("61: got %+v, %v, %s", got, err, o.Field61())
	}
	if _, err := ParseOriginal61("23341568118"); err == nil {
		t.Error("61: eleven digits pass")
	}
	o = Original{MTI: "0200", STAN: "000001", Date: "0601", Time: "013000"}
	digits := "0200" + "000001" + "0601013000" + strings.Repeat("0", 22)
	if got, err := ParseOriginal90(digits); got != o || err != nil || o.Field90() != digits {
		t.Errorf("90: got %+v, %v, %s", got, err, o.Field90())
	}
	if _, err := ParseOriginal90(digits[1:]); err == nil {
		t.Error("90: 41 digits pass")
	}
	if got := (Original{STAN: "000001"}).Field90(); got != "0000"+"000001"+strings.Repeat("0", 32) {
		t.Errorf("90 of what is not known: %s", got)
	}
}

// TestReversed: field 90 wins where it is present.
func TestReversed(t *testing.T) {
	m := Message{MTI: "0400", STAN: "000009", Private60: "22000042000"}
	if got, err := m.Reversed(); err != nil || got != (Original{Batch: "000042", STAN: "000009"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	m.OriginalData = "0200" + "000001" + "0601013000" + strings.Repeat("0", 22)
	if got, err := m.Reversed(); err != nil || got != (Original{MTI: "0200", Batch: "000042", STAN: "000001", Date: "0601", Time: "013000"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	m.OriginalData = "0200"
	if _, err := m.Reversed(); err == nil {
		t.Error("a field 90 of four digits passes")
	}
}

// TestPresence: a field of zero that was marked is present, one that was cleared
// is not.
func TestPresence(t *testing.T) {
	var m Message
	m.Has.Add(4)
	if !m.Present(4) || m.Present(11) {
		t.Error("Has does not mark presence")
	}
	m = Message{Amount: 1, STAN: "000001", PAN: "4761739001010010", Chip: []byte{}, MAC: []byte("12345678"), Rest: []Field{{7, Secret("x")}}, Pads: []Pad{{2, 15}}}
	for _, number := range []int{2, 4, 7, 11, 55, 64} {
		if !m.Present(number) {
			t.Errorf("field %d is not present", number)
		}
		m.Clear(number)
		if m.Present(number) {
			t.Errorf("field %d is present after Clear", number)
		}
	}
	if len(m.Pads) != 0 {
		t.Errorf("Clear left %v", m.Pads)
	}
}
