package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// exchange is a request and its answer as they were recorded; nil is none.
type exchange struct {
	conn    int
	request *wire.Message
	answer  *wire.Message
}

// journalOf writes a journal of exchanges, one a second.
func journalOf(t testing.TB, d *wire.Dialect, seal wire.Seal, all ...exchange) string {
	t.Helper()
	var b strings.Builder
	w := journal.NewWriter(&b, config(t, d))
	w.Header()
	for i, x := range all {
		at := start.Add(time.Duration(i) * time.Second)
		for _, m := range []*wire.Message{x.request, x.answer} {
			if m == nil {
				continue
			}
			frame, err := d.Encode(nil, m, sealing(m, seal))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Frame(at, x.conn, m == x.request, frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

// sealing is what a message is sealed with: network management goes without.
func sealing(m *wire.Message, seal wire.Seal) wire.Seal {
	if m.MTI == wire.MTINetwork || m.MTI == wire.MTINetworkAnswer {
		return nil
	}
	return seal
}

// scripted is a host that answers as a test says.
type scripted struct {
	t      *testing.T
	d      *wire.Dialect
	answer func(*wire.Message) *wire.Message // nil is silence
	spoil  func(frame []byte) []byte
	seal   wire.Seal
	inbox  [][]byte
	got    []*wire.Message
	dials  int
	open   int
	most   int // connections that were open at a time
}

func (s *scripted) Dial(context.Context) (wire.Link, error) {
	s.dials, s.open = s.dials+1, s.open+1
	s.most = max(s.most, s.open)
	return s, nil
}

func (s *scripted) Send(_ context.Context, frame []byte) error {
	m := &wire.Message{}
	if _, err := s.d.Decode(frame, m); err != nil {
		s.t.Errorf("the host cannot read what came: %v", err)
	}
	s.got = append(s.got, m)
	a := s.answer(m)
	if a == nil {
		return nil
	}
	frame, err := s.d.Encode(nil, a, sealing(a, s.seal))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.spoil != nil {
		frame = s.spoil(frame)
	}
	s.inbox = append(s.inbox, frame)
	return nil
}

func (s *scripted) Receive(context.Context, time.Duration) ([]byte, error) {
	if len(s.inbox) == 0 {
		return nil, wire.ErrNoAnswer
	}
	frame := s.inbox[0]
	s.inbox = s.inbox[1:]
	return frame, nil
}

func (s *scripted) Close() error { s.open--; return nil }

// played plays a journal to a scripted host, the check before it.
func played(t *testing.T, text string, s *scripted, stage journal.Stage) journal.Report {
	t.Helper()
	survey, err := journal.Check(strings.NewReader(text), s.d, 20)
	if err != nil || len(survey.Problems) > 0 {
		t.Fatal(survey.Problems, err)
	}
	r, err := journal.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s.t, stage.Dial = t, s.Dial
	stage.Now = func() time.Time { return start }
	p := journal.Player{Dialect: s.d, Stage: stage, Last: survey.Last, Rand: rand.NewChaCha8([32]byte{})}
	report, err := p.Play(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// said is a report as people read it.
func said(r journal.Report) string {
	var b strings.Builder
	r.Print(&b, "j")
	return b.String()
}

// sale is the n-th purchase of a terminal.
func sale(n int) *wire.Message {
	m := purchase()
	m.STAN, m.PINBlock, m.Chip = fmt.Sprintf("%06d", n), nil, nil
	return m
}

// approval answers a request with numbers of the host's.
func approval(m *wire.Message, rrn string) *wire.Message {
	return &wire.Message{MTI: m.MTI.Answer(), ProcessingCode: m.ProcessingCode, Amount: m.Amount, STAN: m.STAN, Time: "090000", Date: "0601",
		RRN: rrn, AuthCode: rrn[6:], Code: wire.Approved, TID: m.TID, MID: m.MID, Currency: m.Currency, Private60: m.Private60}
}

// TestRefundDaysLater: a refund is sent with the reference number that its sale has now,
// however many sales lie between, and its answer must name it too.
func TestRefundDaysLater(t *testing.T) {
	d := wire.ISO87ASCII()
	refund := func(n int, rrn string) *wire.Message {
		m := sale(n)
		m.MTI, m.ProcessingCode, m.RRN = wire.MTIAdvice, "200000", rrn
		return m
	}
	var all []exchange
	for n := 1; n <= 300; n++ {
		all = append(all, exchange{1, sale(n), approval(sale(n), fmt.Sprintf("615200%06d", n))})
	}
	all = append(all, exchange{1, refund(301, "615200000007"), approval(refund(301, ""), "615200000301")})
	text := journalOf(t, d, nil, all...)
	host := &scripted{d: d, answer: func(m *wire.Message) *wire.Message {
		return approval(m, "9999"+m.STAN+"00")
	}}
	report := played(t, text, host, journal.Stage{})
	if got := host.got[300].RRN; report.Missed > 0 || got != "999900000700" {
		t.Errorf("the refund names %s\n%s", got, said(report))
	}
	host = &scripted{d: d, answer: func(m *wire.Message) *wire.Message {
		if m.STAN == "000200" {
			return approval(m, "999900000700") // given out already
		}
		return approval(m, "9999"+m.STAN+"00")
	}}
	report = played(t, text, host, journal.Stage{})
	if got := said(report); report.Missed != 1 || !strings.Contains(got, `and "999900000700" stands for the $rrn of line 15`) {
		t.Errorf("got\n%s", got)
	}
}

// TestOneConnectionASale: a connection is closed behind its last line, so that a host
// and a system have no more of them open than the recording had.
func TestOneConnectionASale(t *testing.T) {
	d := wire.ISO87ASCII()
	var all []exchange
	for n := 1; n <= 50; n++ {
		all = append(all, exchange{n, sale(n), approval(sale(n), fmt.Sprintf("615200%06d", n))})
	}
	host := &scripted{d: d, answer: func(m *wire.Message) *wire.Message { return approval(m, "615200"+m.STAN) }}
	if report := played(t, journalOf(t, d, nil, all...), host, journal.Stage{}); report.Missed > 0 || host.dials != 50 || host.most > 1 {
		t.Errorf("%d dials, %d open at a time\n%s", host.dials, host.most, said(report))
	}
}

// session is a host's side of a sign-on: its own keys under the test TMK.
func session(t *testing.T) (block []byte, seal wire.Seal) {
	t.Helper()
	tpk, _ := hsm.ParseKey(hsm.TDES, "11223344556677888877665544332211")
	tak, _ := hsm.ParseKey(hsm.TDES, "1122334455667788")
	block, err := hsm.Double.Build(registry.TestTMK, hsm.WorkingKeys{TPK: tpk, TAK: tak})
	if err != nil {
		t.Fatal(err)
	}
	seal, err = hsm.MACECB.Sealer(tak)
	if err != nil {
		t.Fatal(err)
	}
	return block, seal
}

// TestJournalFromTheMiddle: the terminals of a journal that begins mid-session sign on
// to the host under test; what the journal has only half of is left out and said.
func TestJournalFromTheMiddle(t *testing.T) {
	d := wire.UnionPay()
	block, seal := session(t)
	text := journalOf(t, d, seal,
		exchange{conn: 1, answer: approval(sale(6), "615200000006")}, // its request is before the cut
		exchange{1, sale(7), approval(sale(7), "615200000007")},
		exchange{conn: 1, request: sale(8)}) // its answer is behind it
	host := &scripted{d: d, seal: seal, answer: func(m *wire.Message) *wire.Message {
		if m.MTI != wire.MTINetwork {
			return approval(m, "615200"+m.STAN)
		}
		a := &wire.Message{MTI: wire.MTINetworkAnswer, STAN: m.STAN, Code: wire.Approved, TID: m.TID, MID: m.MID, Private60: "00000042003", Private62: block}
		return a
	}}
	report := played(t, text, host, journal.Stage{})
	if report.Missed+report.Keyless > 0 || report.SignedOn != 1 || report.Orphans != 1 || report.Open != 1 {
		t.Errorf("got %+v\n%s", report, said(report))
	}
	if got := host.got[0]; got.MTI != wire.MTINetwork || got.STAN != "000006" || !strings.HasPrefix(string(got.Private62), "Sequence No") {
		t.Errorf("the first message is a %s with STAN %s", got.MTI, got.STAN)
	}
	if got := host.got[1].Batch(); got != "000042" {
		t.Errorf("the sale is of batch %s, want the one that is open now", got)
	}

	refuses := &scripted{d: d, seal: seal, answer: func(m *wire.Message) *wire.Message {
		a := approval(m, "615200000007")
		if a.Code = wire.MACError; m.MTI == wire.MTINetwork {
			a.Code = "97"
		}
		return a
	}}
	report = played(t, text, refuses, journal.Stage{})
	if got := said(report); report.SignedOn != 0 || !strings.Contains(got, "likely cause: MAC key:") || !strings.Contains(got, "could not be signed on now: it was answered 97") {
		t.Errorf("got\n%s", got)
	}
}

// TestNoSignOnWhereNoneWas: a terminal that had no keys, and was told so, is not helped.
func TestNoSignOnWhereNoneWas(t *testing.T) {
	d := wire.UnionPay()
	_, seal := session(t)
	told := approval(sale(1), "615200000001")
	told.Code = wire.MACError
	text := journalOf(t, d, seal, exchange{1, sale(1), told})
	host := &scripted{d: d, seal: seal, answer: func(*wire.Message) *wire.Message { return told }}
	report := played(t, text, host, journal.Stage{})
	if slices.ContainsFunc(host.got, func(m *wire.Message) bool { return m.MTI == wire.MTINetwork }) || report.Missed > 0 {
		t.Errorf("got %d messages\n%s", len(host.got), said(report))
	}
}

// TestLostAnswer: an answer that was lost on its way to the recorder comes now: that is
// told and no miss. A second one is.
func TestLostAnswer(t *testing.T) {
	d := wire.ISO87ASCII()
	reversal := reversalOf(sale(2), "000002") // with the number of its sale
	text := journalOf(t, d, nil, exchange{conn: 1, request: sale(2)}, exchange{1, reversal, approval(reversal, "615200000003")}, exchange{1, sale(4), approval(sale(4), "615200000004")})
	host := &scripted{d: d, answer: func(m *wire.Message) *wire.Message { return approval(m, "9999"+m.STAN+string(m.MTI[1])+"0") }}
	report := played(t, text, host, journal.Stage{})
	if got := said(report); report.Missed != 0 || report.Open != 1 || !strings.Contains(got, "1 answers came to requests that have none in it") {
		t.Errorf("got\n%s", got)
	}
	twice := &scripted{d: d, answer: host.answer}
	twice.spoil = func(frame []byte) []byte { twice.inbox = append(twice.inbox, frame); return frame }
	if got := said(played(t, text, twice, journal.Stage{})); strings.Count(got, "an answer came that was not recorded") != 3 {
		t.Errorf("each comes twice:\n%s", got)
	}
}

// slow is a host whose answers are there only for who waits.
type slow struct {
	*scripted
	order string
}

func (h *slow) Dial(context.Context) (wire.Link, error) { return h, nil }

func (h *slow) Send(ctx context.Context, frame []byte) error {
	h.order += " sent"
	return h.scripted.Send(ctx, frame)
}

func (h *slow) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	if wait == 0 || len(h.inbox) == 0 {
		return nil, wire.ErrNoAnswer
	}
	h.order += " answered"
	return h.scripted.Receive(ctx, wait)
}

// TestReversalWaitsForItsSale: at full speed a reversal does not overtake, on another
// connection, the sale whose answer was lost.
func TestReversalWaitsForItsSale(t *testing.T) {
	d := wire.ISO87ASCII()
	reversal := reversalOf(sale(2), "000002")
	text := journalOf(t, d, nil, exchange{conn: 1, request: sale(2)}, exchange{2, reversal, approval(reversal, "615200000003")})
	host := &slow{scripted: &scripted{t: t, d: d, answer: func(m *wire.Message) *wire.Message { return approval(m, "61520000000"+string(m.MTI[1])) }}}
	r, err := journal.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p := journal.Player{Dialect: d, Stage: journal.Stage{Dial: host.Dial, Now: func() time.Time { return start }}}
	if report, err := p.Play(t.Context(), r); err != nil || report.Missed > 0 || host.order != " sent answered sent answered" {
		t.Errorf("%v:%s\n%s", err, host.order, said(report))
	}
}
