package kernel

import (
	"context"

	"possim/reader"
)

// Identify reads who a card is and asks it for nothing: application selection and the
// records, as Start begins, and no cryptogram. It is what a terminal does with the chip of
// a card that is presented again, for a void or a refund of what it paid (PBOC's
// simplified flow, 简化流程), and how one begins that is to know the card before it knows the
// amount: see Proceed. The Decision is Identified where it could be read; errors are
// as Start's.
func (k *Kernel) Identify(ctx context.Context, t reader.Transceiver, tx Transaction) (Result, error) {
	s, err := k.newSession(t, tx)
	if err != nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: err}, err
	}
	s.decision = Identified
	if err = inOrder(ctx, s.selectApplication, s.readRecords); err == nil {
		k.read = s
	}
	return s.result(ctx, err)
}
