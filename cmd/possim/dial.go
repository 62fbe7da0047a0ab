package main

import (
	"context"
	"time"

	"possim/host/wire"
)

// dialWait bounds the time that connecting to a host may take.
const dialWait = 10 * time.Second

// dialer connects to a host over TCP.
func dialer(address string, now func() time.Time) wire.Dialer {
	return func(ctx context.Context) (wire.Link, error) {
		ctx, cancel := context.WithTimeout(ctx, dialWait)
		defer cancel()
		link, err := wire.Dial(ctx, address, now)
		if err != nil {
			return nil, err
		}
		return link, nil
	}
}
