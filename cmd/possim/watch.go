package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"possim/scenarios"
)

// watchEvery is how often the files are looked at: faster than a hand goes from the
// editor to the other window.
const watchEvery = 300 * time.Millisecond

// clearScreen moves to the corner and erases screen and what scrolled off it (ECMA-48
// CUP and ED; 3 is xterm's).
const clearScreen = "\x1b[H\x1b[2J\x1b[3J"

// watching runs the scenarios now, and again whenever a file has changed and stood
// still for one look: an editor may write in two steps. It looks at what is in the
// files, and so needs nothing of the system beyond reading. Only an interruption ends it.
func (r *run) watching(ctx context.Context, args []string) error {
	ran, before := "", r.fingerprint(args)
	for {
		if now := r.fingerprint(args); now != ran && now == before {
			ran = now
			if isTerminal(r.stdout) {
				fmt.Fprint(r.stdout, clearScreen)
			}
			code := r.exit(ctx, r.once(ctx, args))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fmt.Fprintf(r.stderr, "exit code %d; waiting for a change\n", code)
		} else {
			before = now
		}
		if err := r.sleep(ctx, watchEvery); err != nil {
			return err
		}
	}
}

// fingerprint changes when a file does, comes or goes.
func (r *run) fingerprint(args []string) string {
	h := sha256.New()
	paths := args
	if r.cards != "" {
		paths = append(paths[:len(paths):len(paths)], r.cards)
	}
	for _, path := range paths {
		sources, err := scenarios.Sources(path)
		fmt.Fprintf(h, "%q %v\n", path, err)
		for _, s := range sources {
			fmt.Fprintf(h, "%q %x\n", s.Path, sha256.Sum256(s.Data))
		}
	}
	return string(h.Sum(nil))
}
