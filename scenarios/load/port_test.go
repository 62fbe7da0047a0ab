package load

import (
	"context"
	"testing"
	"time"
)

// TestAnswerBesideTheTimeout: a program that had no processor when its wait ended takes the
// answer that had come by then.
func TestAnswerBesideTheTimeout(t *testing.T) {
	p := &port{in: make(chan []byte, 8)}
	p.session = &session{over: make(chan struct{}), trunk: &trunk{
		clock: func() time.Time { return time.Unix(1_800_000_000, 0) },
		within: func(ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
			p.in <- []byte("answer")
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		},
	}}
	for range 100 { // of two things that are there a select takes any
		if frame, err := p.Receive(t.Context(), time.Second); err != nil || string(frame) != "answer" {
			t.Fatalf("got %q, %v", frame, err)
		}
		p.patience.end()
	}
}
