package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// connected is a card that is held.
type connected struct {
	name     string // of its reader
	protocol protocol
	after    disposition // what becomes of the card when it is let go

	mu      sync.Mutex // guards what follows
	session session
	dead    error // why no further command goes to it
}

// Transmit implements reader.Transceiver.
func (c *connected) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead != nil {
		return nil, c.dead
	}
	if len(apdu) < 4 {
		return nil, fmt.Errorf("an APDU of %d bytes; want a header of 4 at least", len(apdu))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.protocol == protocolT0 {
		apdu = tpdu(apdu)
	}
	answer, err := within(ctx, c.session, func() ([]byte, error) { return c.session.transmit(apdu) })
	switch {
	case ctx.Err() != nil:
		c.dead = ErrLost
		if len(answer) > 0 { // the card has answered, and the session was closed just behind that
			err = nil
		}
	case errors.Is(err, ErrNoAnswer):
		err = c.why(ctx, err)
	}
	return answer, err
}

// why tells a card that was taken out from one that does not answer, where pcscd
// knows already.
func (c *connected) why(ctx context.Context, err error) error {
	all, problem := within(ctx, c.session, c.session.slots)
	if problem != nil {
		return err
	}
	slot, problem := at(all, c.name)
	switch {
	case problem != nil:
		return fmt.Errorf("%w: %w", problem, err)
	case !slot.Present:
		return fmt.Errorf("%w: %w", ErrRemoved, err)
	}
	return err
}

// release lets the card go.
func (c *connected) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(c.dead, ErrReleased) {
		return nil
	}
	var err error
	if c.dead == nil {
		err = c.session.disconnect(c.after)
	}
	c.session.close()
	c.dead = ErrReleased
	return err
}

// dead is a card that takes no command.
type dead struct{ err error }

// Transmit implements reader.Transceiver.
func (d dead) Transmit(context.Context, []byte) ([]byte, error) { return nil, d.err }

// tpdu gives an APDU the form that T=0 has room for: no Le behind data, and a P3 of 00
// behind a bare header (ISO/IEC 7816-3, 12.2.1 and 12.2.4). Extended lengths are left as they are.
func tpdu(apdu []byte) []byte {
	switch n := len(apdu); {
	case n == 4:
		return append(apdu[:4:4], 0)
	case n > 5 && apdu[4] > 0 && n == 5+int(apdu[4])+1:
		return apdu[:n-1]
	}
	return apdu
}
