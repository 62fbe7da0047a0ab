package host

import (
	"context"

	"possim/host/wire"
)

// usualAnswer is room for all but a few answers, in bytes.
const usualAnswer = 256

// Handler returns what answers each frame of a dialect: it decodes, decides and encodes.
// ok is false when there is nothing to send.
//
// A malformed frame is answered 30 where it can still be said who asked (message
// type, STAN and TID are readable around what is wrong); otherwise it is only
// logged. Neither posts anything.
func (h *Host) Handler(dialect *wire.Dialect) func(ctx context.Context, frame []byte) (answer []byte, ok bool) {
	read := h.Reader(dialect)
	return func(ctx context.Context, frame []byte) ([]byte, bool) {
		return read(frame).Answer(ctx, make([]byte, 0, usualAnswer))
	}
}

// Reader is Handler in two steps: whose a frame is can be asked before it is decided.
func (h *Host) Reader(dialect *wire.Dialect) func(frame []byte) Received {
	_, uploads := dialect.Transaction(wire.BatchEnd)
	return func(frame []byte) Received {
		d := h.deal()
		d.dialect, d.bytes, d.Last = dialect, len(frame), !uploads
		d.MAB, d.Malformed = dialect.Decode(frame, &d.Message)
		if d.Malformed != nil {
			dialect.Salvage(frame, &d.Message)
		}
		return Received{d}
	}
}

// Received is a frame that was read. It lies in the frame until it is answered, which is
// once.
type Received struct{ deal *deal }

// Whose is the terminal that sent it, "" where that cannot be read.
func (r Received) Whose() string { return r.deal.TID }

// Answer decides, and appends the answer to dst; ok is false when there is nothing to send.
func (r Received) Answer(ctx context.Context, dst []byte) (answer []byte, ok bool) {
	d := r.deal
	defer dismiss(d)
	log := &d.h.Log
	if d.Malformed != nil && (d.MTI.Answer() == "" || d.STAN == "" || d.TID == "") {
		log.Warn().Err(d.Malformed).Int("bytes", d.bytes).Str("dialect", d.dialect.Name()).Msg("unreadable frame, not answered")
		return nil, false
	}
	decision := d.decision(ctx)
	if decision.Silent {
		return nil, false
	}
	d.dialect.Fit(&decision.Answer)
	answer, err := d.dialect.Encode(dst, &decision.Answer, decision.Seal)
	if err != nil {
		log.Error().Err(err).Uint64("seq", decision.Seq).Msg("the answer cannot be written in this dialect: not sent, the terminal will reverse")
		return nil, false
	}
	return answer, true
}
