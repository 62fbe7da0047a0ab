package emulator

import (
	"context"
	"errors"
	"strconv"

	"possim/emulator/kernel"
)

// errKeyCancel is the cancel key in the middle of the kernel's work.
var errKeyCancel = errors.New("the cancel key")

// chooseApplication has the cardholder choose among the card's applications, or confirm
// the only one.
func (x *txn) chooseApplication(ctx context.Context, from []kernel.Candidate) (int, error) {
	q := Question{Kind: AskApplication, Screen: screenChoose}
	for _, c := range from {
		q.Choices = append(q.Choices, c.Title())
	}
	a, err := x.Face.Ask(ctx, q)
	switch {
	case err != nil:
		return 0, err
	case a.Cancel:
		return -1, nil
	case a.Choice < 0 || a.Choice >= len(from):
		return 0, errors.New("the terminal's keys chose application " + strconv.Itoa(a.Choice+1) + " of " + strconv.Itoa(len(from)))
	}
	return a.Choice, nil
}

// typePIN has the cardholder type the PIN that the card's CVM list asks for: for the
// issuer, or for the card itself.
func (x *txn) typePIN(ctx context.Context, q kernel.PINRequest) (kernel.PINEntry, error) {
	screen := screenPIN
	switch {
	case q.Again:
		screen = screenPINAgain(tries(q.Tries))
	case !q.Online && q.Tries == 1:
		screen = screenLastTry
	}
	a, err := x.Face.Ask(ctx, Question{Kind: AskPIN, Screen: screen, Amount: x.out.Amount})
	switch {
	case err != nil:
		return kernel.PINEntry{}, err
	case a.Cancel:
		return kernel.PINEntry{}, errKeyCancel
	case a.PIN.Zero():
		return kernel.PINEntry{Bypassed: true}, nil
	case q.Online:
		x.pin = a.PIN
		return kernel.PINEntry{}, nil
	}
	pin, err := kernel.NewPIN(a.PIN.Reveal())
	return kernel.PINEntry{PIN: pin}, err
}

// tries is a count as screenPINAgain takes it.
func tries(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}
