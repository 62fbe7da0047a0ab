package journal_test

import (
	"fmt"
	"strings"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// responder is the host of a journal.
func responder(t *testing.T, d *wire.Dialect, text string, bdk hsm.Key) *journal.Responder {
	t.Helper()
	r, err := journal.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := journal.NewResponder(r, d, hsm.MACECB, registry.TestTMK, bdk)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asked has a terminal ask, and returns the answer; nil is silence.
func asked(t *testing.T, s *journal.Responder, m *wire.Message, seal wire.Seal) *wire.Message {
	t.Helper()
	frame, err := s.Dialect.Encode(nil, m, seal)
	if err != nil {
		t.Fatal(err)
	}
	frame, ok, err := s.Answer(t.Context(), frame)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return nil
	}
	a := &wire.Message{}
	if _, err := s.Dialect.Decode(frame, a); err != nil {
		t.Fatal(err)
	}
	return a
}

// reversal takes a sale back by field 90.
func reversalOf(m *wire.Message, original string) *wire.Message {
	r := *m
	r.MTI, r.Track2 = wire.MTIReversal, ""
	r.OriginalData = "0200" + original + "0601090000" + strings.Repeat("0", 22)
	return &r
}

// TestAnotherTerminalState: a terminal in another batch, with another card and other
// STANs, is answered with its own; what names another message than it did then is a
// miss with the nearest recorded one.
func TestAnotherTerminalState(t *testing.T) {
	d := wire.ISO87ASCII()
	first, second := sale(1), sale(2)
	text := journalOf(t, d, nil, exchange{1, first, approval(first, "615200000001")}, exchange{1, second, approval(second, "615200000002")},
		exchange{1, reversalOf(sale(3), "000002"), approval(reversalOf(sale(3), "000002"), "615200000003")})
	live := func(n int) *wire.Message {
		m := sale(n)
		m.PAN, m.Track2, m.Private60 = "6222020000000023", "6222020000000023=29121010000000000", "22000077000600"
		return m
	}
	for _, right := range []bool{true, false} {
		s := responder(t, d, text, hsm.Key{})
		for i, n := range []int{901, 902} {
			if a := asked(t, s, live(n), nil); a == nil || a.STAN != fmt.Sprintf("%06d", n) || a.Batch() != "000077" || a.RRN != fmt.Sprintf("61520000000%d", i+1) {
				t.Fatalf("sale %d: got %+v", n, a)
			}
		}
		original := "000902"
		if !right {
			original = "000901"
		}
		a := asked(t, s, reversalOf(live(903), original), nil)
		report, err := s.Report()
		if err != nil {
			t.Fatal(err)
		}
		got := said(report)
		if right && (a == nil || a.STAN != "000903" || report.Missed > 0) {
			t.Errorf("got %+v\n%s", a, got)
		}
		if want := "nearest: line 6\n    field 90: recorded 0200000002"; !right && (a != nil || report.Missed != 2 || !strings.Contains(got, want) || !strings.Contains(got, "match key: the terminal names another message")) {
			t.Errorf("a reversal of another sale: got\n%s\nwant %s", got, want)
		}
	}
}

// TestOtherOrder: requests may come in another order, each once.
func TestOtherOrder(t *testing.T) {
	d := wire.ISO87ASCII()
	of := func(n int, minor int64) *wire.Message {
		m := sale(n)
		m.Amount = minor
		return m
	}
	text := journalOf(t, d, nil, exchange{1, of(1, 100), approval(of(1, 100), "615200000001")}, exchange{2, of(2, 200), approval(of(2, 200), "615200000002")})
	s := responder(t, d, text, hsm.Key{})
	for n, want := range map[int64]string{200: "615200000002", 100: "615200000001"} {
		if a := asked(t, s, of(int(n), n), nil); a == nil || a.RRN != want {
			t.Errorf("%d: got %+v", n, a)
		}
	}
	if a := asked(t, s, of(3, 100), nil); a != nil || !s.Done() {
		t.Errorf("once more: got %+v, done %t", a, s.Done())
	}
}

// TestNeverCame: every recorded request that never came is counted, to the end of a
// journal longer than what is looked at side by side.
func TestNeverCame(t *testing.T) {
	d := wire.ISO87ASCII()
	var all []exchange
	for n := 1; n <= 700; n++ {
		all = append(all, exchange{1, sale(n), approval(sale(n), fmt.Sprintf("615200%06d", n))})
	}
	s := responder(t, d, journalOf(t, d, nil, all...), hsm.Key{})
	if a := asked(t, s, sale(1), nil); a == nil || s.Done() {
		t.Fatalf("got %+v, done %t", a, s.Done())
	}
	report, err := s.Report()
	if got := said(report); err != nil || report.Missed != 699 || len(report.Misses) != journal.UsualMisses || !strings.Contains(got, "and 599 more misses") || !s.Done() {
		t.Errorf("%v: %d misses, %d of them shown", err, report.Missed, len(report.Misses))
	}
}

// TestUnreadableRequest is a miss that says what it may be.
func TestUnreadableRequest(t *testing.T) {
	d := wire.ISO87ASCII()
	s := responder(t, d, journalOf(t, d, nil, exchange{1, sale(1), approval(sale(1), "615200000001")}), hsm.Key{})
	m := sale(1)
	m.TPDU, m.Header = []byte{0x60, 0, 0, 0, 0}, []byte{0x60, 0x31, 0, 0x31, 0x11, 0x08}
	frame, err := wire.UnionPay().Encode(nil, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Answer(t.Context(), frame); ok || err != nil {
		t.Errorf("it is answered: %t, %v", ok, err)
	}
	report, err := s.Report()
	if got := said(report); err != nil || !strings.Contains(got, "something came and cannot be read") || !strings.Contains(got, "likely cause: dialect: it reads as unionpay") {
		t.Errorf("%v\n%s", err, got)
	}
}
