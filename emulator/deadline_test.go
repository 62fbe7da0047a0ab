package emulator_test

import (
	"context"
	"testing"
	"time"

	"possim/reader"
)

// patience is a context that ends when its time is up, which the test says.
type patience struct {
	context.Context
	up chan struct{}
}

func (p patience) Done() <-chan struct{} { return p.up }

func (p patience) Err() error {
	select {
	case <-p.up:
		return context.DeadlineExceeded
	default:
		return p.Context.Err()
	}
}

// silent is a card whose answer to one instruction never comes, from the nth on.
type silent struct {
	*inserted
	ins byte
	at  int
	up  func() // the time of the command under way passes
}

func (c *silent) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	if apdu[1] != c.ins {
		return c.inserted.Transmit(ctx, apdu)
	}
	if c.at--; c.at > 0 {
		return c.inserted.Transmit(ctx, apdu)
	}
	c.up()
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestAnswerThatNeverComes: each answer of a card has its time. Before the first
// GENERATE AC its end is a failed read, after it the card is gone.
func TestAnswerThatNeverComes(t *testing.T) {
	for _, c := range []struct {
		name string
		ins  byte
		at   int
		want string
	}{
		{"at the first SELECT, three times", 0xA4, 1, "approved 00  none swipe"},
		{"at a record, three times", 0xB2, 3, "approved 00  none swipe"},
		{"at the first GENERATE AC", 0xAE, 1, "refused  card-removed none chip"},
		{"at the second GENERATE AC", 0xAE, 2, "reversed 00 card-declined acknowledged chip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := chipWorld(t)
			up := func() {}
			waits := map[time.Duration]bool{}
			w.config.EMV.CardWait = 3 * time.Second
			w.within = func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
				waits[d] = true
				p := patience{ctx, make(chan struct{})}
				up = func() { close(p.up) }
				return p, func() {}
			}
			for range 3 {
				card := &silent{chipCard(t, noCVM), c.ins, c.at, func() { up() }}
				w.swipes = append(w.swipes, &reader.Chip{ATR: card.ATR(), Card: card})
			}
			w.swipes = append(w.swipes, good("6210947000000021=29122010000000000"))
			out := w.do(sale(20_000))
			got := string(out.Result) + " " + string(out.Code) + " " + string(out.Cause) + " " + string(out.Reversal) + " " + out.Entry
			if got != c.want || len(waits) != 1 || !waits[3*time.Second] {
				t.Errorf("got %q, want %q; waited %v; %s", got, c.want, waits, out.Note)
			}
			if c.at == 2 && w.charged[out.STAN] != 0 && !w.undone[out.STAN] {
				t.Error("the sale stands at the host")
			}
		})
	}
}
