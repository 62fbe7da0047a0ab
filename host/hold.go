package host

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"possim/host/ledger"
)

// DefaultHoldDays is how long a pre-authorisation holds (RULES: day and limits).
const DefaultHoldDays = 30

// holds is what Due knows of the holds in the book: where it has read to, and those
// that stood when it read them, in the order of the journal.
type holds struct {
	mu   sync.Mutex
	read uint64
	open []openHold
}

type openHold struct {
	key ledger.Key
	at  time.Time // of the pre-authorisation
	by  uint64    // the posting that set it up last
}

// expireHolds gives back what is held longer than it may be. A hold that a
// completion took is let go of, and met again should the completion be undone.
func (h *Host) expireHolds(ctx context.Context, at time.Time) error {
	h.holds.mu.Lock()
	defer h.holds.mu.Unlock()
	postings := h.Book.Postings(ctx, h.holds.read)
	if sifter, ok := h.Book.(ledger.Sifter); ok {
		postings = sifter.PostingsOf(ctx, h.holds.read, ledger.Hold)
	}
	for p, err := range postings {
		if err != nil {
			return fmt.Errorf("reading the journal for holds: %w", err)
		}
		if k := raises(&p); k != "" {
			first, err := h.Book.Find(ctx, k)
			if err != nil {
				return fmt.Errorf("hold %s: %w", k, err)
			}
			h.holds.open = append(h.holds.open, openHold{k, first.At, p.Seq})
		}
		h.holds.read = p.Seq
	}
	days := h.HoldDays
	if days == 0 {
		days = DefaultHoldDays
	}
	kept := h.holds.open[:0:0]
	for i, hold := range h.holds.open {
		if at.Before(hold.at.In(at.Location()).AddDate(0, 0, days)) {
			kept = append(kept, hold)
			continue
		}
		if err := h.expire(ctx, hold, at); err != nil {
			h.holds.open = append(kept, h.holds.open[i:]...)
			return err
		}
	}
	h.holds.open = kept
	return nil
}

// raises is the key of the hold that a posting sets up, or sets up again: it adds to
// what is held, and to the rest of the one pre-authorisation.
func raises(p *ledger.Posting) (hold ledger.Key) {
	if p.Refused != "" {
		return ""
	}
	holds := false
	for i := range p.Moves {
		switch mv := &p.Moves[i]; {
		case mv.Reg.Kind == ledger.Hold && mv.Add > 0:
			holds = true
		case mv.Reg.Kind == ledger.Rest && mv.Add > 0:
			hold = ledger.Key(mv.Reg.Owner)
		}
	}
	if !holds {
		return ""
	}
	return hold
}

// expire undoes a hold that stands. The key names the hold and what set it up last,
// so that it happens once each time.
func (h *Host) expire(ctx context.Context, hold openHold, at time.Time) error {
	k := hold.key
	p, err := h.Book.Find(ctx, k)
	if err != nil {
		return fmt.Errorf("hold %s: %w", k, err)
	}
	if p.UndoneBy != "" {
		return nil
	}
	day, _ := h.day(at)
	rec := readRecord(p.Memo)
	rec.Kind, rec.Of = "expiry", k
	tx := ledger.Tx{Key: k + "/expiry/" + ledger.Key(strconv.FormatUint(hold.by, 10)), Undoes: k, UndoesSeq: p.Seq, At: at, Day: day, Memo: rec.encode()}
	if _, err := h.Book.Commit(ctx, tx); err != nil {
		return fmt.Errorf("hold %s could not be let go: %w", k, err)
	}
	h.Log.Info().Str("tid", rec.TID).Str("mid", rec.MID).Str("pan", rec.PAN).Str("auth", authCode(p.Seq)).Msg("a hold expired")
	return nil
}
