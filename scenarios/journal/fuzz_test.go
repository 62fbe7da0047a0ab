package journal_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// echoing is a host that answers each frame with the same one as an answer.
type echoing struct {
	d   *wire.Dialect
	got [][]byte
	box [][]byte
}

func (h *echoing) Dial(context.Context) (wire.Link, error) { return h, nil }

func (h *echoing) Send(_ context.Context, frame []byte) error {
	h.got = append(h.got, frame)
	var m wire.Message
	if _, err := h.d.Decode(frame, &m); err == nil && m.MTI.Answer() != "" {
		m.MTI, m.Code, m.RRN = m.MTI.Answer(), wire.Approved, "615200000001"
		if a, err := h.d.Encode(nil, &m, nil); err == nil {
			frame = a
		}
	}
	h.box = append(h.box, frame)
	return nil
}

func (h *echoing) Receive(context.Context, time.Duration) ([]byte, error) {
	if len(h.box) == 0 {
		return nil, wire.ErrNoAnswer
	}
	frame := h.box[0]
	h.box = h.box[1:]
	return frame, nil
}

func (h *echoing) Close() error { return nil }

// FuzzPlay: whatever stands in the lines of a journal, nothing panics that checks it,
// plays it, writes it again, or answers it from itself.
func FuzzPlay(f *testing.F) {
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			f.Fatal(err)
		}
		m := purchase()
		f.Add(name, journalOf(f, d, nil, exchange{1, m, approval(m, "615200000001")}, exchange{2, sale(2), nil}, exchange{1, reversalOf(sale(3), "000002"), nil}))
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		d, err := wire.ByName(name)
		if err != nil {
			t.Skip()
		}
		survey, err := journal.Check(strings.NewReader(text), d, 5)
		if err != nil || len(survey.Problems) > 0 {
			return
		}
		r, err := journal.NewReader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		host := &echoing{d: d}
		var again strings.Builder
		w := journal.NewWriter(&again, config(t, d))
		p := journal.Player{Dialect: d, Last: survey.Last, Rand: rand.NewChaCha8([32]byte{}), Seen: func(e journal.Entry, _ []byte) { w.Entry(e) },
			Stage: journal.Stage{Dial: host.Dial, Now: func() time.Time { return start }}}
		report, err := p.Play(t.Context(), r)
		if err == nil && report.Missed < len(report.Misses) {
			t.Errorf("%d misses, and %d of them shown", report.Missed, len(report.Misses))
		}
		r, _ = journal.NewReader(strings.NewReader(text))
		s, err := journal.NewResponder(r, d, hsm.MACECB, registry.TestTMK, hsm.Key{})
		if err != nil {
			t.Fatal(err)
		}
		for _, frame := range host.got {
			_, _, _ = s.Answer(t.Context(), frame)
		}
		_, _ = s.Report()
	})
}
