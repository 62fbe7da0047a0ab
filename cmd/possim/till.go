package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"possim/emulator"
	"possim/host/money"
)

// till is the terminal's Face at a shell: screens go to stderr, answers come from
// stdin when a person sits there, and the slip goes to stdout.
type till struct {
	*app
	asks  bool // a person is there: ask. Otherwise every question is agreed with
	json  bool // the slip is part of the JSON object
	lines chan typed
}

// typed is one line of stdin.
type typed struct {
	text string
	err  error
}

// Show implements emulator.Face.
func (t *till) Show(_ context.Context, s emulator.Screen) error {
	_, err := fmt.Fprintf(t.stderr, "  %s  %s\n", s.Chinese, s.English)
	return err
}

// Ask implements emulator.Face.
func (t *till) Ask(ctx context.Context, q emulator.Question) (emulator.Answer, error) {
	if !t.asks {
		return emulator.Answer{}, nil
	}
	for {
		fmt.Fprintf(t.stderr, "  %s  %s%s: ", q.Screen.Chinese, q.Screen.English, choices(q))
		text, err := t.line(ctx)
		if err != nil {
			return emulator.Answer{}, err
		}
		switch strings.ToLower(text) {
		case "":
			return emulator.Answer{}, nil
		case "c", "n":
			return emulator.Answer{Cancel: true}, nil
		}
		if q.Kind != emulator.AskAmount {
			continue
		}
		amount, err := money.Parse(text, q.Amount.Currency)
		if err == nil {
			return emulator.Answer{Amount: &amount}, nil
		}
		fmt.Fprintln(t.stderr, " ", err)
	}
}

func choices(q emulator.Question) string {
	if q.Kind == emulator.AskAmount {
		return fmt.Sprintf(" [%s %s; Enter agrees, c cancels]", q.Amount, q.Amount.Currency.Code())
	}
	return " [Enter agrees, n does not]"
}

// line waits for a line of stdin or the end of ctx, whichever is first. Who reads
// stdin is a goroutine of its own, since nothing can interrupt a read of it.
func (t *till) line(ctx context.Context) (string, error) {
	if t.lines == nil {
		t.lines = make(chan typed)
		go func() {
			in := bufio.NewReader(t.stdin)
			for {
				text, err := in.ReadString('\n')
				t.lines <- typed{strings.TrimSpace(text), err}
			}
		}()
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-t.lines:
		if l.err != nil && l.text == "" {
			return "", fmt.Errorf("nobody answers at the keyboard: %w; say --yes to take the amount as confirmed", l.err)
		}
		return l.text, nil
	}
}

// print brings out a slip. The slip of this sale is part of the JSON object; an
// earlier one, reprinted, is not.
func (t *till) print(_ context.Context, slip string) error {
	if t.json {
		_, err := fmt.Fprint(t.stderr, slip)
		return err
	}
	_, err := fmt.Fprint(t.stdout, slip)
	return err
}
