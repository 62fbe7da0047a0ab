package serialport

import (
	"context"
	"errors"
	"fmt"

	"possim/reader"
)

// errReleased is of a card that was given back, or that another took the place of.
var errReleased = errors.New("the card was released: wait for the next one")

// slot is a chip card in the reader. It is a reader.Transceiver over the port.
type slot struct{ r *Reader }

// inserted makes a presentation of a card that the reader powered.
func (r *Reader) inserted(atr []byte) *reader.Chip {
	s := &slot{r}
	r.slot = s
	return &reader.Chip{ATR: atr, Card: s, Release: s.release}
}

// Transmit implements reader.Transceiver. Like Next it returns within a tenth of a second
// of ctx's end or of Close.
func (s *slot) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	r := s.r
	r.turn.Lock()
	defer r.turn.Unlock()
	for r.answer = nil; ; {
		switch {
		case r.slot != s:
			return nil, errReleased
		case r.closed.Load():
			return nil, reader.ErrClosed
		case r.gone:
			return nil, r.errGone()
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case r.answer != nil && r.answer.Err != nil:
			return nil, fmt.Errorf("%s: %w", r.config.Path, r.answer.Err)
		case r.answer != nil:
			return r.answer.Data, nil
		}
		if apdu != nil {
			r.say(r.chips.Transmit(apdu))
			apdu = nil
			continue
		}
		r.step()
	}
}

// release takes the power from the card. Called again it does nothing.
func (s *slot) release() error {
	s.r.turn.Lock()
	defer s.r.turn.Unlock()
	s.r.free(s)
	return nil
}

// free ends the use of a card.
func (r *Reader) free(s *slot) {
	if r.slot != s {
		return
	}
	r.slot = nil
	if !r.closed.Load() {
		r.say(r.chips.Release())
	}
}
