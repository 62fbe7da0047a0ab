package load

import (
	"context"
	"sync"
	"time"

	"possim/emulator"
)

// Recover has each terminal send after a run, on connections of its own, what it owes the
// host still: a run that its count ended may leave reversals that nobody has acknowledged.
func (l *Load) Recover(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for _, t := range l.trunks {
		t.now, t.closed = nil, false
		t.run(ctx, &readers)
	}
	defer func() {
		cancel()
		for _, t := range l.trunks {
			t.close()
		}
		readers.Wait()
	}()
	for _, t := range l.tills {
		for s := t.terminal.State(); s.Open != nil || len(s.Queue) > 0; s = t.terminal.State() {
			if _, err := t.terminal.Do(ctx, emulator.Order{Kind: emulator.Balance}); err != nil {
				return err
			}
			if err := l.Sleep(ctx, time.Minute); err != nil {
				return err
			}
		}
	}
	return nil
}
