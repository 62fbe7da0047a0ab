package host

import (
	"context"

	"possim/host/wire"
)

// usualAnswer is room for all but a few answers, in bytes.
const usualAnswer = 256

// Handler returns what a server calls with each frame of a dialect: it decodes,
// decides and encodes. ok is false when there is nothing to send.
//
// A malformed frame is answered 30 where it can still be said who asked (message
// type, STAN and TID are readable around what is wrong); otherwise it is only
// logged. Neither posts anything.
func (h *Host) Handler(dialect *wire.Dialect) func(ctx context.Context, frame []byte) (answer []byte, ok bool) {
	_, uploads := dialect.Transaction(wire.BatchEnd)
	return func(ctx context.Context, frame []byte) ([]byte, bool) {
		r := Request{Last: !uploads}
		r.MAB, r.Malformed = dialect.Decode(frame, &r.Message)
		if r.Malformed != nil {
			dialect.Salvage(frame, &r.Message)
		}
		if r.Malformed != nil && (r.MTI.Answer() == "" || r.STAN == "" || r.TID == "") {
			h.Log.Warn().Err(r.Malformed).Int("bytes", len(frame)).Str("dialect", dialect.Name()).Msg("unreadable frame, not answered")
			return nil, false
		}
		decision := h.Decide(ctx, r)
		if decision.Silent {
			return nil, false
		}
		dialect.Fit(&decision.Answer)
		answer, err := dialect.Encode(make([]byte, 0, usualAnswer), &decision.Answer, decision.Seal)
		if err != nil {
			h.Log.Error().Err(err).Uint64("seq", decision.Seq).Msg("the answer cannot be written in this dialect: not sent, the terminal will reverse")
			return nil, false
		}
		return answer, true
	}
}
