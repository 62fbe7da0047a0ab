package wire

import (
	"context"
	"errors"
	"time"
)

// Link carries frames between two sides: one sender beside one receiver. TCP,
// in-process, faults and the recorder are all Links. A frame is what a Dialect
// encodes, without the length bytes of the framing.
type Link interface {
	// Send puts one frame on its way. ErrNotSent means that no byte of it left.
	Send(ctx context.Context, frame []byte) error
	// Receive returns the next frame, or ErrNoAnswer when none came within wait
	// (0 polls). The frame is the caller's.
	Receive(ctx context.Context, wait time.Duration) ([]byte, error)
	Close() error
}

// Dialer opens a Link; it fails with ErrNotSent wrapped when nobody listens.
type Dialer func(ctx context.Context) (Link, error)

// What a Link says when it cannot deliver.
var (
	ErrNoAnswer   = errors.New("nothing came")
	ErrNotSent    = errors.New("nothing was sent")
	ErrLinkClosed = errors.New("the connection is closed")
)

// Seal computes a MAC over the bytes before it. nil means that the message carries none.
type Seal func(mab []byte) ([]byte, error)
