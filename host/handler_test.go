package host

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
)

func dialects(t testing.TB) (all []*wire.Dialect) {
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func encoded(t testing.TB, d *wire.Dialect, m wire.Message) []byte {
	t.Helper()
	frame, err := d.Encode(nil, &m, nil)
	if err != nil {
		t.Fatalf("%s: %v", d, err)
	}
	return frame
}

// TestBusy: one request too many is answered 91 at once, and leaves no trace; when there
// is room again it is as any other.
func TestBusy(t *testing.T) {
	w := newWorld(t)
	w.run("card A expiry=2912")
	w.h.MostPending = 1
	book := &slowBook{Book: w.h.Book, begun: make(chan struct{}), letGo: make(chan struct{})}
	w.h.Book = book
	first, _ := w.message("sale", []string{"A", "1.00"})
	second := first
	second.STAN, second.MAC = "000777", make([]byte, 8)
	done := make(chan Decision)
	go func() { done <- w.h.Decide(t.Context(), Request{Message: first}) }()
	<-book.begun
	busy := w.h.Decide(t.Context(), Request{Message: second})
	if busy.Rule != "busy" || busy.Answer.Code != wire.Inoperative || busy.Answer.STAN != second.STAN || busy.Seq != 0 || busy.Seal != nil {
		t.Errorf("one too many: %+v", busy)
	}
	if d := w.h.Decide(t.Context(), Request{Message: wire.Message{MTI: wire.MTIFinancialAnswer}}); !d.Silent {
		t.Errorf("an answer, of which there are too many: %+v", d)
	}
	close(book.letGo)
	if d := <-done; d.Answer.Code != wire.Approved {
		t.Errorf("the one that was under way: %+v", d)
	}
	second.MAC = nil
	if d := w.h.Decide(t.Context(), Request{Message: second}); d.Answer.Code != wire.Approved || d.Repeat {
		t.Errorf("afterwards: %+v", d)
	}
}

// slowBook is a book whose first commit waits.
type slowBook struct {
	ledger.Book
	begun, letGo chan struct{}
	once         sync.Once
}

func (b *slowBook) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	b.once.Do(func() {
		close(b.begun)
		<-b.letGo
	})
	return b.Book.Commit(ctx, tx)
}

// TestHandler takes a sale, its repeat and its reversal through each dialect.
func TestHandler(t *testing.T) {
	for _, dialect := range dialects(t) {
		t.Run(dialect.Name(), func(t *testing.T) {
			w := newWorld(t)
			w.run("card A expiry=2912")
			handle := w.h.Handler(dialect)
			ask := func(m wire.Message) (wire.Message, []byte) {
				t.Helper()
				frame, ok := handle(context.Background(), encoded(t, dialect, m))
				if !ok {
					t.Fatalf("%s: no answer\n%s", m.MTI, w.log.String())
				}
				var a wire.Message
				if _, err := dialect.Decode(frame, &a); err != nil {
					t.Fatal(err)
				}
				return a, frame
			}
			sale, _ := w.message("sale", []string{"A", "12.34", "track=2912"})
			sale.EntryMode = "022"
			answer, frame := ask(sale)
			if err := wire.Matches(&sale, &answer); err != nil || answer.Code != "00" || answer.AuthCode == "" {
				t.Errorf("got %+v, %v", answer, err)
			}
			w.clock = w.clock.Add(duration(t, "1h"))
			if _, again := ask(sale); !bytes.Equal(frame, again) {
				t.Errorf("the repeat gets other bytes:\n%X\n%X", frame, again)
			}
			rev, _ := w.message("rev", []string{"-", "12.34"})
			if answer, _ := ask(rev); answer.Code != "00" || w.register("A") != "1000000.00" {
				t.Errorf("got %+v, balance %s", answer, w.register("A"))
			}
			zero, _ := w.message("sale", []string{"A", "0.00"})
			if answer, _ := ask(zero); answer.Code != "13" || !answer.Has.Has(4) {
				t.Errorf("got %+v", answer)
			}
		})
	}
}

func TestHandlerEcho(t *testing.T) {
	for _, dialect := range dialects(t) {
		tx, _ := dialect.Transaction(wire.Echo)
		m := wire.Message{TID: "00000001", MID: "898100054110001", STAN: "000001"}
		tx.Start(&m)
		w := newWorld(t)
		frame, ok := w.h.Handler(dialect)(context.Background(), encoded(t, dialect, m))
		var a wire.Message
		_, err := dialect.Decode(frame, &a)
		if !ok || err != nil || a.Code != wire.Approved || a.MTI != m.MTI.Answer() || a.NetworkCode != m.NetworkCode {
			t.Errorf("%s: got %+v, %v, %v", dialect, a, ok, err)
		}
	}
}

// TestBrokenFrames cuts a sale short at every byte: 30 once it can be said who
// asked, silence before; nothing is posted and no card is shown.
func TestBrokenFrames(t *testing.T) {
	for _, dialect := range dialects(t) {
		t.Run(dialect.Name(), func(t *testing.T) {
			w := newWorld(t)
			w.run("card A")
			handle := w.h.Handler(dialect)
			m, _ := w.message("sale", []string{"A", "12.34"})
			whole := encoded(t, dialect, m)
			before, silent, refused := len(w.journal()), 0, 0
			for n := range whole {
				frame, ok := handle(context.Background(), whole[:n])
				if !ok {
					silent++
					continue
				}
				refused++
				var a wire.Message
				if _, err := dialect.Decode(frame, &a); err != nil || a.Code != wire.FormatError || a.STAN != m.STAN {
					t.Errorf("cut at %d: got %+v, %v", n, a, err)
				}
			}
			if silent == 0 || refused == 0 {
				t.Errorf("%d silent, %d refused: want some of each", silent, refused)
			}
			if _, ok := handle(context.Background(), append(bytes.Clone(whole), 0)); !ok {
				t.Error("no answer to a frame with a byte too many")
			}
			if got := len(w.journal()); got != before {
				t.Errorf("%d postings", got-before)
			}
			if strings.Contains(w.log.String(), pan("A").Reveal()) {
				t.Error("the log shows the card")
			}
			if frame, ok := handle(context.Background(), whole); !ok || len(frame) == 0 {
				t.Error("the whole frame is not answered")
			}
		})
	}
}

// TestWrongField spoils one character of each field in turn: the host says 30 as
// long as message type, STAN and TID can be read around it, and posts nothing.
func TestWrongField(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	handle := w.h.Handler(wire.ISO87ASCII())
	m, _ := w.message("sale", []string{"A", "12.34", "track=2912"})
	m.EntryMode, m.Condition, m.Private60 = "022", "00", ""
	whole := encoded(t, wire.ISO87ASCII(), m)
	before := len(w.journal())
	for field, at := range map[int]int{3: 20, 4: 30, 22: 44, 25: 48, 35: 60} {
		spoilt := bytes.Clone(whole)
		spoilt[at] = 'x'
		frame, ok := handle(context.Background(), spoilt)
		var a wire.Message
		if ok {
			_, _ = wire.ISO87ASCII().Decode(frame, &a)
		}
		if a.Code != wire.FormatError || a.STAN != m.STAN || a.TID != m.TID {
			t.Errorf("field %d spoilt: answered %v, got %q for STAN %q", field, ok, a.Code, a.STAN)
		}
	}
	if got := len(w.journal()); got != before {
		t.Errorf("%d postings", got-before)
	}
}

// journal returns the keys of all postings.
func (w *world) journal() (keys []string) {
	for p := range w.h.Book.Postings(context.Background(), 0) {
		keys = append(keys, string(p.Key))
	}
	return keys
}

// FuzzHandler: no frame makes the host panic, break its books, show a card, or
// answer something that is no answer; what does not decode posts nothing.
func FuzzHandler(f *testing.F) {
	for i, dialect := range dialects(f) {
		w := newWorld(nil)
		for _, words := range []string{"sale A 1.00", "sale A 1.00 track=2912", "rev - 1.00", "rev A 1.00 f90=02000000010601090000"} {
			args := strings.Fields(words)
			m, _ := w.message(args[0], args[1:])
			f.Add(i, encoded(f, dialect, m), encoded(f, dialect, m))
		}
		for _, words := range []string{"void A 1.00 f61=000001000001", "refund A 1.00 f61=0000000000000601 rrn=615200000002", "preauth A 1.00", "complete A 1.00 auth=000002 f61=0000000000000601", "balance A", "qr A 1.00"} {
			args := strings.Fields(words)
			m, _ := w.message(args[0], args[1:])
			f.Add(i, encoded(f, dialect, m), encoded(f, dialect, m))
		}
		for _, tx := range dialect.Transactions() {
			m := wire.Message{TID: "00000001", MID: registry.DefaultMID, STAN: "000001", Private62: []byte("100")}
			tx.Start(&m)
			f.Add(i, encoded(f, dialect, m), encoded(f, dialect, m))
			m.Private48, m.Private62 = strings.Repeat("0", 62), nil
			f.Add(i, encoded(f, dialect, m), encoded(f, dialect, m))
		}
		f.Add(i, []byte("0200"), []byte{})
	}
	all := dialects(f)
	f.Fuzz(func(t *testing.T, which int, first, second []byte) {
		dialect := all[uint(which)%uint(len(all))]
		w := newWorld(t)
		w.h.WalkIn = true
		handle := w.h.Handler(dialect)
		for _, frame := range [][]byte{first, second} {
			before := len(w.journal())
			answer, ok := handle(context.Background(), frame)
			var req, ans wire.Message
			if _, err := dialect.Decode(frame, &req); err != nil && len(w.journal()) != before {
				t.Fatalf("a frame that does not decode (%v) was posted", err)
			}
			if !ok {
				continue
			}
			if _, err := dialect.Decode(answer, &ans); err != nil {
				t.Fatalf("the answer does not decode: %v", err)
			}
			settled := ans.MTI == wire.MTISettlementAnswer && len(ans.Private48) == 62
			if ans.MTI != req.MTI.Answer() || len(ans.Code) != 2 && !settled {
				t.Fatalf("a %s with code %q answers a %s", ans.MTI, ans.Code, req.MTI)
			}
		}
		if err := w.balanced(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestBrokenInside: parts that do not fit their field are a format error.
func TestBrokenInside(t *testing.T) {
	for name, spoil := range map[string]func(*wire.Message){
		"TLV longer than its field": func(m *wire.Message) { m.Chip = []byte{0x9F, 0x26, 8, 1, 2} },
		"TLV without a length":      func(m *wire.Message) { m.Chip = []byte{0x95} },
		"field 60 cut short":        func(m *wire.Message) { m.TPDU, m.Private60 = []byte{0x60, 0, 0, 0, 0}, "2" },
		"field 60 without batch":    func(m *wire.Message) { m.TPDU, m.Private60 = []byte{0x60, 0, 0, 0, 0}, "2200000" },
	} {
		w := newWorld(t)
		w.run("card A")
		m, _ := w.message("sale", []string{"A", "12.34"})
		spoil(&m)
		before := len(w.journal())
		if got := w.h.Decide(context.Background(), Request{Message: m}); got.Answer.Code != wire.FormatError || len(w.journal()) != before {
			t.Errorf("%s: got %s (%s)", name, got.Answer.Code, got.Note)
		}
	}
}
