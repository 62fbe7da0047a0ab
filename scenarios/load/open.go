package load

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"possim/emulator"
)

// mostOpening bounds how many terminals sign on at the same time.
const mostOpening = 64

// StartError says why the run could not begin.
type StartError struct {
	TID   string
	Order emulator.OrderKind
	Out   emulator.Outcome
}

// Error names the terminal, and what the host said.
func (e *StartError) Error() string {
	return fmt.Sprintf("the %s of terminal %s: %s", e.Order, e.TID, said(e.Out))
}

// said is how an order ended, in words.
func said(out emulator.Outcome) string {
	switch {
	case out.Code != "" && out.Cause == "":
		return "the host answers " + string(out.Code)
	case out.Note != "":
		return string(out.Cause) + ": " + out.Note
	}
	return cmp.Or(string(out.Cause), string(out.Result))
}

// opening is what the first terminal found out for all.
type opening struct{ signsOn, settles bool }

// open prepares the terminals: the first finds out what the host does, the others do the
// same. One that fails afterwards tries again with its first order.
func (l *Load) open(ctx, work context.Context) error {
	o := opening{true, true}
	if err := l.tills[0].open(work, &o); err != nil {
		return err
	}
	var next atomic.Int64
	var openers sync.WaitGroup
	for range min(mostOpening, len(l.tills)-1) {
		openers.Go(func() {
			for i := next.Add(1); i < int64(len(l.tills)) && ctx.Err() == nil; i = next.Add(1) {
				known := o
				if err := l.tills[i].open(work, &known); err != nil {
					l.tally.unopened()
					l.Log.Warn().Err(err).Msg("a terminal is not signed on: its first order does it")
				}
			}
		})
	}
	openers.Wait()
	return context.Cause(ctx)
}

// open signs on and closes the batch that an earlier run left. Where messages carry no
// MAC neither is needed, and a host that does not do it is let be.
func (t *till) open(ctx context.Context, o *opening) error {
	start := emulator.State{LastSTAN: t.firstSTAN()}
	t.start(start)
	if !o.signsOn {
		return nil
	}
	out, err := t.terminal.Do(ctx, emulator.Order{Kind: emulator.SignOn})
	if err != nil {
		return err
	}
	if out.Result != emulator.Approved {
		if t.load.MAC != "" || out.Cause == emulator.HostDown {
			return &StartError{t.tid, emulator.SignOn, out}
		}
		o.signsOn = false
		t.start(start)
		return nil
	}
	if !o.settles {
		return nil
	}
	signedOn := t.terminal.State()
	if out, err = t.terminal.Do(ctx, emulator.Order{Kind: emulator.Settle}); err != nil {
		return err
	}
	if out.Result != emulator.Approved {
		o.settles = false
		t.start(signedOn) // what stands open of the settlement was nobody's
		return nil
	}
	out, err = t.terminal.Do(ctx, emulator.Order{Kind: emulator.SignOn}) // the new batch
	if err == nil && out.Result != emulator.Approved {
		err = &StartError{t.tid, emulator.SignOn, out}
	}
	return err
}

// firstSTAN is a number that an earlier run of today has probably not come to: they go
// round once a day with the clock.
func (t *till) firstSTAN() int {
	now := t.load.Now()
	const day = 24 * 60 * 60
	return ((now.Hour()*60+now.Minute())*60 + now.Second()) * 999_999 / day
}
