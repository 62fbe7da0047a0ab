package main

import (
	"bytes"
	"os"
	"time"

	"possim/scenarios/journal"
)

// update has a replay write the journal again, with the answers of now. The function
// it returns puts the new one in the place of the old.
func (p *replay) update(player *journal.Player) (done func() error, err error) {
	file, r, err := p.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	redact, err := journal.NewRedactor(randomness, true)
	if err != nil {
		return nil, err
	}
	start := time.Time{}
	if r.Header.Start != nil {
		start = *r.Header.Start
	}
	method := player.Method
	if method == "" {
		method = methodOf(r.Header)
	}
	var out bytes.Buffer
	w := journal.NewWriter(&out, journal.Config{Dialect: player.Dialect, Redact: redact, Start: start, Seed: r.Header.Seed,
		Tool: tool(), Method: method, TMK: player.Stage.TMK})
	w.Header()
	player.Seen = func(e journal.Entry, now []byte) {
		switch {
		case e.Frame == nil || e.Frame.FromTerminal():
			w.Entry(e)
		case now != nil:
			_ = w.Frame(w.Start.Add(time.Duration(e.Frame.T*float64(time.Second))), e.Frame.Conn, false, now) // kept
		}
	}
	return func() error {
		if err := w.Err(); err != nil {
			return err
		}
		return replaceFile(p.path, out.Bytes(), os.FileMode(0o600))
	}, nil
}
