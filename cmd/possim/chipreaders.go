package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"possim/reader"
	"possim/reader/pcsc"
)

// pcscTime is how long pcscd may take to say what readers it has.
const pcscTime = 5 * time.Second

// openPCSC opens a chip reader by its name or a part of it; "" is the first there is.
func (a *app) openPCSC(name string, keep bool) (reader.Reader, error) {
	name, err := url.PathUnescape(name)
	if err != nil {
		return nil, usage("--reader: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), pcscTime)
	defer cancel()
	r, err := pcsc.Open(ctx, name, pcsc.Options{
		Sleep: a.sleep, Keep: keep, Note: func(text string) { fmt.Fprintln(a.stderr, text) },
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("pcscd does not answer: restart it (systemctl restart pcscd): %w", err)
	}
	if err != nil {
		return nil, badWorld(err)
	}
	return r, nil
}

// chipReaders says which readers pcscd has, and which have a card in.
func (d *doctor) chipReaders(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, pcscTime)
	defer cancel()
	slots, err := d.slots(ctx)
	if err != nil && !errors.Is(err, pcsc.ErrNoService) && d.sleep(ctx, 200*time.Millisecond) == nil {
		slots, err = d.slots(ctx) // it may just have been ending, or starting
	}
	switch {
	case errors.Is(err, pcsc.ErrNoService), errors.Is(err, pcsc.ErrUnsupported):
		return []finding{{Check: "pcscd", Status: "missing", What: "no chip readers: " + err.Error()}}
	case err != nil:
		return []finding{{Check: "pcscd", Status: "problem", What: "no chip readers: " + err.Error()}}
	case len(slots) == 0:
		return []finding{{Check: "pcscd", Status: "missing", What: "pcscd runs and has no chip reader",
			Hint: "attach one; a USB reader needs a driver (Debian: apt-get install libccid)"}}
	}
	var findings []finding
	for _, s := range slots {
		what := s.Name + ", no card in it"
		switch {
		case s.Mute:
			what = s.Name + ", with a card that does not answer"
		case s.Present:
			what = s.Name + ", with a card in it"
		}
		findings = append(findings, finding{Check: "reader", Status: "ok", What: what, Reader: "pcsc:" + strings.ReplaceAll(s.Name, "%", "%25")})
	}
	return findings
}

// shellWord returns a word as a shell takes it.
func shellWord(text string) string {
	if strings.ContainsAny(text, " '\"()[]{}&|;<>$`\\*?!#~") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}
