package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/money"
)

// till is the terminal's Face at a shell: screens go to stderr, answers come from
// stdin when a person sits there, and the slip goes to stdout.
type till struct {
	*app
	person bool    // somebody sits at the keyboard
	asks   bool    // ask whoever sits there. Otherwise every question is agreed with
	pin    hsm.PIN // of --pin: typed once, the first time it is asked for
	json   bool    // the slip is part of the JSON object
}

// Show implements emulator.Face.
func (t *till) Show(_ context.Context, s emulator.Screen) error {
	_, err := fmt.Fprintf(t.stderr, "  %s  %s\n", s.Chinese, s.English)
	return err
}

// Ask implements emulator.Face.
func (t *till) Ask(ctx context.Context, q emulator.Question) (emulator.Answer, error) {
	if q.Kind == emulator.AskPIN {
		return t.askPIN(ctx, q.Screen)
	}
	if !t.asks {
		return emulator.Answer{}, nil
	}
	if q.Kind == emulator.AskApplication {
		return t.askApplication(ctx, q)
	}
	for {
		fmt.Fprintf(t.stderr, "  %s  %s%s: ", q.Screen.Chinese, q.Screen.English, choices(q))
		text, err := t.line(ctx, false)
		if errors.Is(err, errNotAnAnswer) {
			fmt.Fprintln(t.stderr, " ", err)
			continue
		}
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

// askApplication has the cardholder choose among a card's applications.
func (t *till) askApplication(ctx context.Context, q emulator.Question) (emulator.Answer, error) {
	for {
		if err := t.Show(ctx, q.Screen); err != nil {
			return emulator.Answer{}, err
		}
		for i, title := range q.Choices {
			fmt.Fprintf(t.stderr, "    %d  %s\n", i+1, title)
		}
		fmt.Fprint(t.stderr, "  [its number; Enter takes the first, c cancels]: ")
		text, err := t.line(ctx, false)
		switch {
		case errors.Is(err, errNotAnAnswer):
			fmt.Fprintln(t.stderr, " ", err)
			continue
		case err != nil || text == "":
			return emulator.Answer{}, err
		}
		if strings.EqualFold(text, "c") {
			return emulator.Answer{Cancel: true}, nil
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(q.Choices) {
			return emulator.Answer{Choice: n - 1}, nil
		}
	}
}

// askPIN has the cardholder type the PIN where nobody sees it. Nobody there, or
// nothing typed, bypasses it (RULES: security defaults).
func (t *till) askPIN(ctx context.Context, s emulator.Screen) (emulator.Answer, error) {
	if pin := t.pin; !pin.Zero() {
		t.pin = hsm.PIN{}
		return emulator.Answer{PIN: pin}, t.Show(ctx, s)
	}
	if !t.person {
		return emulator.Answer{}, t.Show(ctx, s)
	}
	for {
		fmt.Fprintf(t.stderr, "  %s  %s [4 to 12 digits; Enter goes without, c cancels]: ", s.Chinese, s.English)
		text, err := t.unseen(ctx)
		fmt.Fprintln(t.stderr)
		switch {
		case errors.Is(err, errNotAnAnswer):
			fmt.Fprintln(t.stderr, " ", err)
			continue
		case err != nil:
			return emulator.Answer{}, err
		case text == "":
			return emulator.Answer{}, nil
		case strings.EqualFold(text, "c"):
			return emulator.Answer{Cancel: true}, nil
		}
		pin, err := hsm.ParsePIN(text)
		if err == nil {
			return emulator.Answer{PIN: pin}, nil
		}
		fmt.Fprintln(t.stderr, " ", err)
	}
}

// unseen is line with the terminal's echo off.
func (t *till) unseen(ctx context.Context) (string, error) {
	keyboard, ok := t.stdin.(*os.File)
	if !ok || t.hushed() {
		return t.line(ctx, true)
	}
	restore, err := noEcho(keyboard)
	if err != nil {
		return "", fmt.Errorf("a PIN cannot be typed unseen at this terminal: %w; say --pin, or type nothing by giving stdin something else", err)
	}
	defer restore()
	return t.line(ctx, true)
}

func choices(q emulator.Question) string {
	if q.Kind == emulator.AskAmount {
		return fmt.Sprintf(" [%s %s; Enter agrees, c cancels]", q.Amount, q.Amount.Currency.Code())
	}
	return " [Enter agrees, n does not]"
}

// line waits for a line of stdin or the end of ctx, whichever is first.
func (t *till) line(ctx context.Context, secret bool) (text string, err error) {
	if t.hushed() {
		text, err = t.keyed(ctx, secret)
	} else {
		text, err = t.typing().line(ctx)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errNotAnAnswer) {
		return "", fmt.Errorf("nobody answers at the keyboard: %w; say --yes to take the amount as confirmed", err)
	}
	return text, err
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
