package main

import (
	"context"

	"possim/host/wire"
)

// environment is what a run against a real host met in the environment. A scenario that
// fails for want of a host or a state is no expectation that failed.
type environment struct {
	reached bool  // the host was there at least once
	dial    error // the last dial that failed
	state   error // why a terminal's state could not be had
}

// watch remembers whether anybody could be dialled.
func (e *environment) watch(dial wire.Dialer) wire.Dialer {
	return func(ctx context.Context) (wire.Link, error) {
		link, err := dial(ctx)
		if err == nil {
			e.reached = true
		} else {
			e.dial = err
		}
		return link, err
	}
}

// wrong returns what kept the run from being one.
func (e *environment) wrong() error {
	switch {
	case e.state != nil:
		return e.state
	case e.dial != nil && !e.reached:
		return badWorld(e.dial)
	}
	return nil
}
