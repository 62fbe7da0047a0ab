package kernel

import (
	"context"

	"possim/reader"
)

// Identify reads who a card is and asks it for nothing: application selection and the
// records, as Start begins, and no cryptogram. It is what a terminal does with the chip of
// a card that is presented again, for a void or a refund of what it paid (PBOC's
// simplified flow, 简化流程). The Decision is Identified where it could be read; errors are
// as Start's.
func (k *Kernel) Identify(ctx context.Context, t reader.Transceiver, tx Transaction) (Result, error) {
	k.open = nil
	s, err := k.newSession(t, tx)
	if err != nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: err}, err
	}
	s.decision = Identified
	if err = s.selectApplication(ctx); err == nil {
		err = s.readRecords(ctx)
	}
	return s.result(ctx, err)
}
