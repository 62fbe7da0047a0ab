// Package loadtest is a host for tests and examples of loads that are about terminals: it
// approves whatever it is sent, at once, keeps no books and verifies no MAC.
//
//	world := load.World{Dial: loadtest.Dial, ...}
//
// Its dialect is UnionPay's.
package loadtest

import (
	"context"
	"time"

	"possim/host/wire"
)

// room is how many answers may wait: a terminal takes one before it asks again.
const room = 8

// Dial is a wire.Dialer to the host.
func Dial(context.Context) (wire.Link, error) { return yes{make(chan []byte, room)}, nil }

// yes is a Link to it. What is sent is answered in the sender's goroutine.
type yes struct{ answers chan []byte }

func (l yes) Send(_ context.Context, frame []byte) error {
	var req wire.Message
	if _, err := wire.UnionPay().Decode(frame, &req); err != nil {
		return err
	}
	ans := req.Answer()
	ans.Code = wire.Approved
	answer, err := wire.UnionPay().Encode(nil, &ans, nil)
	if err == nil {
		l.answers <- answer
	}
	return err
}

func (l yes) Receive(ctx context.Context, _ time.Duration) ([]byte, error) {
	select {
	case answer := <-l.answers:
		return answer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l yes) Close() error { return nil }
