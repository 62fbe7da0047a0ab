package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/magstripe"
)

func do(t *testing.T, w *world, c emulator.Config, o emulator.Order) emulator.Outcome {
	t.Helper()
	out, err := w.terminal(c).Do(context.Background(), o)
	if err != nil {
		t.Fatalf("%s: %v", o.Kind, err)
	}
	return out
}

func (w *world) sees(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(strings.Join(w.screens, "\n"), text) {
		t.Errorf("the screens never said %q:\n%s", text, strings.Join(w.screens, "\n"))
	}
}

func TestSaleApproved(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(1234))
	if out.Result != emulator.Approved || out.Code != wire.Approved || out.STAN != "000001" || out.Entry != "swipe" {
		t.Fatalf("got %+v", out)
	}
	if w.net() != 1234 || len(w.slips) != 1 || w.slips[0] != out.Slip {
		t.Fatalf("charged %d with %d slips", w.net(), len(w.slips))
	}
	if w.saved.Open != nil || w.saved.Unprinted || len(w.saved.Queue) != 0 {
		t.Fatalf("left behind: %+v", w.saved)
	}
	w.sees(t, "交易成功")
}

func TestDeclineIsAnOutcome(t *testing.T) {
	w := newWorld(t)
	w.refuse = wire.RestrictedCard
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(1234))
	if out.Result != emulator.Declined || out.Code != "62" || out.Slip != "" || len(w.slips) != 0 {
		t.Fatalf("got %+v", out)
	}
	w.sees(t, "受限制的卡")
	w.sees(t, "restricted card")
}

func TestBadReadsAreNamedAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{
		bad(magstripe.VerdictTooFast, magstripe.StatusNoStart),
		bad(magstripe.VerdictWorn, magstripe.StatusParity),
		good(plainTrack2),
	}
	out := do(t, w, emulator.Config{}, sale(1234))
	if out.Result != emulator.Approved || len(out.Reads) != 3 {
		t.Fatalf("got %+v", out)
	}
	w.sees(t, "刷卡过快")
	w.sees(t, "磁条信号弱")
}

func TestTrack2AloneIsEnough(t *testing.T) {
	w := newWorld(t)
	s := good(plainTrack2)
	s.Tracks[0].Status, s.Verdict = magstripe.StatusParity, magstripe.VerdictTooFast
	w.swipes = []reader.Presentation{s}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
}

func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	other := money.Yuan(280000)
	for name, test := range map[string]struct {
		config emulator.Config
		swipes []reader.Presentation
		typed  []emulator.Answer
		down   bool
		want   emulator.Cause
	}{
		"the second amount differs": {typed: []emulator.Answer{{}, {Amount: &other}}, want: emulator.AmountMismatch},
		"the first amount differs":  {typed: []emulator.Answer{{Amount: &other}}, want: emulator.AmountMismatch},
		"cancel key":                {typed: []emulator.Answer{{Cancel: true}}, want: emulator.Cancelled},
		"no card":                   {want: emulator.NoCard},
		"chip card, chip reader":    {config: emulator.Config{ChipReader: true}, swipes: []reader.Presentation{good(chipTrack2)}, want: emulator.ChipFirst},
		"nobody listens":            {swipes: []reader.Presentation{good(plainTrack2)}, down: true, want: emulator.HostDown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.swipes, w.answers, w.down = test.swipes, test.typed, test.down
			out := do(t, w, test.config, sale(28000))
			if out.Result != emulator.Refused || out.Cause != test.want || out.Reversal != emulator.ReversalNone {
				t.Fatalf("got %+v", out)
			}
			if len(w.wire) != 0 || w.saved.Open != nil || len(w.saved.Queue) != 0 {
				t.Fatalf("sent %v, left %+v", w.wire, w.saved)
			}
		})
	}
}

func TestChipCardSellsOnAStripeOnlyTerminal(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good(chipTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
}

func TestNoAnswerIsReversed(t *testing.T) {
	for _, lost := range []string{"0200", "0210"} {
		t.Run(lost+" lost", func(t *testing.T) {
			w := newWorld(t)
			w.lose[lost] = 1
			w.swipes = []reader.Presentation{good(plainTrack2)}
			out := do(t, w, emulator.Config{}, sale(8800))
			if out.Result != emulator.Reversed || out.Cause != emulator.NoAnswer || out.Reversal != emulator.ReversalAcknowledged {
				t.Fatalf("got %+v", out)
			}
			if got := strings.Join(w.wire, " "); got != ">0200 000001 >0400 000001 <" {
				t.Fatalf("on the wire: %s", got)
			}
			if w.net() != 0 || len(w.slips) != 0 {
				t.Fatalf("charged %d, %d slips", w.net(), len(w.slips))
			}
		})
	}
}

func TestAnswersThatAreNotOurs(t *testing.T) {
	flip := func(at int) func([]byte) [][]byte {
		return func(f []byte) [][]byte {
			if at < 0 {
				return [][]byte{f[:len(f)/2]}
			}
			f[at] ^= 0x01
			return [][]byte{f}
		}
	}
	for name, test := range map[string]struct {
		spoil func([]byte) [][]byte
		want  emulator.Cause
	}{
		"cut short":      {flip(-1), emulator.Unreadable},
		"another's STAN": {func(f []byte) [][]byte { return [][]byte{restan(t, f, "000999")} }, emulator.Unmatched},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.swipes = []reader.Presentation{good(plainTrack2)}
			w.spoil = func(f []byte) [][]byte { w.spoil = nil; return test.spoil(f) }
			out := do(t, w, emulator.Config{}, sale(8800))
			if out.Result != emulator.Reversed || out.Cause != test.want || out.Note == "" {
				t.Fatalf("got %+v", out)
			}
			if w.net() != 0 {
				t.Fatalf("charged %d", w.net())
			}
		})
	}
}

// restan gives an answer another STAN.
func restan(t *testing.T, frame []byte, stan string) []byte {
	t.Helper()
	var m wire.Message
	d := wire.UnionPay()
	if _, err := d.Decode(frame, &m); err != nil {
		t.Fatal(err)
	}
	m.STAN = stan
	out, err := d.Encode(nil, &m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReversalGoesBeforeTheNextSale(t *testing.T) {
	w := newWorld(t)
	w.lose["0210"], w.lose["0410"] = 1, 4
	w.swipes = []reader.Presentation{good(plainTrack2), good(plainTrack2), good(plainTrack2)}
	first := do(t, w, emulator.Config{}, sale(100))
	if first.Result != emulator.Unknown || first.Reversal != emulator.ReversalQueued {
		t.Fatalf("got %+v", first)
	}
	second := do(t, w, emulator.Config{Tries: 1}, sale(200))
	if second.Result != emulator.Refused || second.Cause != emulator.ReversalPending {
		t.Fatalf("got %+v", second)
	}
	third := do(t, w, emulator.Config{}, sale(300))
	if third.Result != emulator.Approved || w.net() != 300 {
		t.Fatalf("got %+v, charged %d", third, w.net())
	}
	want := ">0200 000001 >0400 000001 >0400 000001 >0400 000001 >0400 000001 >0400 000001 < >0200 000002 <"
	if got := strings.Join(w.wire, " "); got != want {
		t.Fatalf("on the wire:\n got %s\nwant %s", got, want)
	}
}

func TestWhichAnswersEndAReversal(t *testing.T) {
	for code, done := range map[wire.Code]bool{"00": true, "12": true, "25": true, "96": false, "64": false} {
		w := newWorld(t)
		w.lose["0210"], w.ackWith = 1, code
		w.swipes = []reader.Presentation{good(plainTrack2)}
		if out := do(t, w, emulator.Config{}, sale(100)); (out.Result == emulator.Reversed) != done {
			t.Errorf("0410 with %s: got %+v", code, out)
		}
	}
}

func TestStateThatCannotBeSavedSendsNothing(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	term := w.terminal(emulator.Config{})
	term.Save = func(emulator.State) error { return errors.New("disk full") }
	_, err := term.Do(context.Background(), sale(100))
	var save *emulator.SaveError
	if !errors.As(err, &save) || len(w.wire) != 0 {
		t.Fatalf("got %v after sending %v", err, w.wire)
	}
}

// TestPowerCutAnywhere throws the switch at every touch of the outside, under
// every loss of a message, and wants the books and the slips to agree afterwards:
// charged with a slip, or not charged with none.
func TestPowerCutAnywhere(t *testing.T) {
	for _, lose := range []string{"", "0200", "0210", "0400", "0410", "0210 0400", "0210 0410"} {
		points := 0
		for cut := 1; ; cut++ {
			w := newWorld(t)
			for _, mti := range strings.Fields(lose) {
				w.lose[mti] = 1
			}
			w.swipes, w.cutAt = []reader.Presentation{good(plainTrack2)}, cut
			at, died := cutDuring(w, sale(8800))
			if !died {
				break
			}
			points++
			w.cutAt = 0
			out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
			if out.Reversal == emulator.ReversalQueued || w.saved.Open != nil || len(w.saved.Queue) != 0 {
				t.Fatalf("lost %q, cut at %q (%d): still open after recovery: %+v", lose, at, cut, w.saved)
			}
			if charged, printed := w.net(), len(w.slips) > 0; charged != 0 && charged != 8800 || (charged != 0) != printed {
				t.Fatalf("lost %q, cut at %q (%d): charged %d, %d slips, wire %v", lose, at, cut, charged, len(w.slips), w.wire)
			}
		}
		if points < 15 {
			t.Errorf("lost %q: only %d points of a sale were cut", lose, points)
		}
	}
}

// cutDuring carries out an order until the power goes.
func cutDuring(w *world, o emulator.Order) (at string, died bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case powerCut:
			at, died = r.at, true
		default:
			panic(r)
		}
	}()
	if _, err := w.terminal(emulator.Config{}).Do(context.Background(), o); err != nil {
		w.t.Error(err)
	}
	return "", false
}

// TestStateHoldsNoSecret looks for the card in everything the terminal keeps.
func TestStateHoldsNoSecret(t *testing.T) {
	for cut := 1; ; cut++ {
		w := newWorld(t)
		w.swipes, w.cutAt = []reader.Presentation{good(plainTrack2)}, cut
		_, died := cutDuring(w, sale(8800))
		if kept := fmt.Sprintf("%#v %+v", w.saved, w.saved.Open); strings.Contains(kept, "6222020000000015") {
			t.Fatalf("cut %d: the state keeps the card number: %s", cut, kept)
		}
		if !died {
			return
		}
	}
}

func TestReprintAfterAPowerCutSaysItIsOne(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	for w.cutAt = 1; ; w.cutAt++ {
		if at, _ := cutDuring(w, sale(8800)); at == "before print" {
			break
		}
		was := w.cutAt
		*w = *newWorld(t)
		w.cutAt, w.swipes = was, []reader.Presentation{good(plainTrack2)}
	}
	w.cutAt = 0
	do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if len(w.slips) != 1 || !strings.Contains(w.slips[0], "DUPLICATED") || w.net() != 8800 {
		t.Fatalf("charged %d, slips %q", w.net(), w.slips)
	}
	do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if len(w.slips) != 1 {
		t.Fatal("the slip was offered twice")
	}
}

func TestInterruptedSaleIsReversedByTheNextOrder(t *testing.T) {
	w := newWorld(t)
	w.lose["0210"] = 1
	w.swipes = []reader.Presentation{good(plainTrack2)}
	ctx, interrupt := context.WithCancel(context.Background())
	term := w.terminal(emulator.Config{})
	term.Dial = func(context.Context) (wire.Link, error) { return interrupting{&hostLink{w: w}, interrupt}, nil }
	if _, err := term.Do(ctx, sale(100)); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if out.Result != emulator.Reversed || w.net() != 0 {
		t.Fatalf("got %+v, charged %d", out, w.net())
	}
}

// interrupting is a line during which somebody presses Ctrl-C.
type interrupting struct {
	*hostLink
	interrupt func()
}

func (l interrupting) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	l.interrupt()
	return nil, ctx.Err()
}

func TestEcho(t *testing.T) {
	w := newWorld(t)
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Echo}); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	w.down = true
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Echo})
	if out.Result != emulator.Refused || out.Cause != emulator.HostDown {
		t.Fatalf("got %+v", out)
	}
}

func TestSTANWraps(t *testing.T) {
	w := newWorld(t)
	w.saved.LastSTAN = 999_999
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); out.STAN != "000001" {
		t.Fatalf("after 999999 came %s", out.STAN)
	}
}

func TestEveryDialectSellsAndReverses(t *testing.T) {
	for _, name := range wire.Names() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d, err := wire.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			w.dialect = d
			w.lose["0210"] = 1
			w.swipes = []reader.Presentation{good(plainTrack2), good(plainTrack2)}
			if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Reversed {
				t.Fatalf("got %+v", out)
			}
			if out := do(t, w, emulator.Config{}, sale(2)); out.Result != emulator.Approved || w.net() != 2 {
				t.Fatalf("got %+v", out)
			}
		})
	}
}

// TestAnswerWithoutACodeDecidesNothing: it is ours, and says neither yes nor no.
func TestAnswerWithoutACodeDecidesNothing(t *testing.T) {
	for _, code := range []wire.Code{"", "0", "  ", "\x00\x00", "0-"} {
		w := newWorld(t)
		w.refuse = code
		if code == "" {
			w.spoil = func(f []byte) [][]byte { w.spoil = nil; return [][]byte{recode(t, f, "")} }
		}
		w.swipes = []reader.Presentation{good(plainTrack2)}
		out := do(t, w, emulator.Config{}, sale(100))
		if out.Result != emulator.Reversed || out.Cause != emulator.Unreadable || w.net() != 0 {
			t.Errorf("code %q: got %+v, charged %d", code, out, w.net())
		}
	}
}

// recode gives an answer another response code, or none.
func recode(t *testing.T, frame []byte, code wire.Code) []byte {
	t.Helper()
	var m wire.Message
	d := wire.UnionPay()
	if _, err := d.Decode(frame, &m); err != nil {
		t.Fatal(err)
	}
	m.Clear(39)
	m.Code = code
	out, err := d.Encode(nil, &m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
