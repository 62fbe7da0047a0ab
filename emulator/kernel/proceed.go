package kernel

import (
	"bytes"
	"context"
	"errors"

	"possim/reader/emv"
)

// errNotRead is a caller's mistake, as errNotOpen is.
var errNotRead = errors.New("kernel: Proceed without an Identify that read the card")

// Proceed goes on with the card that Identify read, without selecting it anew: from the
// authentication of its data to the first GENERATE AC. It is for terminals that learn
// what is to be paid, and what their acquirer says of the application, only when they know
// the card, as pinpads do. The amounts of tx take the place of those that Identify was
// given, and with adjust, unless it is nil, what the terminal knows of the application may
// be set. Results and errors are Start's.
func (k *Kernel) Proceed(ctx context.Context, tx Transaction, adjust func(*Application)) (Result, error) {
	s := k.read
	k.read = nil
	err := errNotRead
	if s != nil {
		err = tx.check()
	}
	if err == nil {
		s.tx, s.decision = tx, ""
		if adjust != nil {
			adjust(&s.app)
		}
		s.terminal.Set(emv.TagTerminalVersion, bytes.Clone(s.app.Version))
		s.terminal.Set(emv.TagFloorLimit, be32(s.app.FloorLimit))
		err = s.describe()
	}
	if err != nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: err}, err
	}
	r, err := s.result(ctx, s.pay(ctx))
	if r.Decision == Online {
		k.open = s
	}
	return r, err
}
