package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"possim/scenarios/journal"
)

// update plays, and writes the journal again with the answers of now: beside the old
// one, whose place the new one takes when all of it was played.
func (p *replay) update(ctx context.Context, player *journal.Player, r *journal.Reader) error {
	redact, err := journal.NewRedactor(randomness, true)
	if err != nil {
		return err
	}
	config := journal.Config{Dialect: player.Dialect, Redact: redact, Seed: r.Header.Seed, Tool: tool(),
		Method: cmp.Or(player.Method, methodOf(r.Header)), TMK: player.Stage.TMK}
	if r.Header.Start != nil {
		config.Start = *r.Header.Start
	}
	player.MostMisses = -1 // a difference is what it is for
	var stopped error      // the replay has ended before its end
	err = fillFile(p.path, 0o600, func(out io.Writer) error {
		w := journal.NewWriter(out, config)
		w.Header()
		player.Seen = func(e journal.Entry, now []byte) {
			switch {
			case e.Frame == nil || e.Frame.FromTerminal():
				w.Entry(e)
			case now != nil:
				_ = w.Frame(w.Start.Add(time.Duration(e.Frame.T*float64(time.Second))), e.Frame.Conn, false, now) // kept
			}
		}
		if _, stopped = p.played(ctx, player, r); stopped != nil {
			return stopped
		}
		return w.Err()
	})
	switch {
	case stopped != nil:
		return stopped
	case err != nil:
		return badWorld(fmt.Errorf("%s: %w", p.path, err))
	}
	return nil
}
