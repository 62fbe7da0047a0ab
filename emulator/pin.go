package emulator

import (
	"context"
	"strings"

	"possim/host/wire"
)

// pinTries is how often a terminal asks for a PIN that the host calls wrong.
const pinTries = 3

// wantsPIN is the rule of PIN entry: a card whose service code asks for one (debit
// cards do) always enters it; any other above the amount that goes without.
func (x *txn) wantsPIN() bool {
	if !x.form.pin || !x.PINEntry || x.charge.track2 == "" || !x.enciphersPINs() {
		return false
	}
	if x.decides() {
		return false // the card's CVM list has decided
	}
	s := x.charge.service
	return s.PINRequired() || s.PINIfPossible() || x.form.amount == noAmount || x.out.Amount.Minor > x.NoPINUpTo
}

// enciphersPINs reports whether there is a key to encipher a PIN under.
func (t *Terminal) enciphersPINs() bool {
	keys, _ := t.keys()
	return !keys.TPK.Zero() || t.DUKPT.makesPINs(t.PINFormat)
}

// enterPIN has the cardholder type the PIN. Nothing typed bypasses it (F22 xx2).
func (x *txn) enterPIN(ctx context.Context) (bool, error) {
	if !x.wantsPIN() {
		return false, nil
	}
	return x.askPIN(ctx, screenPIN)
}

func (x *txn) askPIN(ctx context.Context, s Screen) (bool, error) {
	a, err := x.Face.Ask(ctx, Question{Kind: AskPIN, Screen: s, Amount: x.out.Amount})
	if err != nil {
		return true, err
	}
	if a.Cancel {
		return x.stop(ctx, Cancelled, screenCancelled)
	}
	x.pin = a.PIN
	return false, nil
}

// wrongPIN asks again after a 55, up to three PINs in all. The cancel key, or
// nothing typed, leaves the decline as it is.
func (x *txn) wrongPIN(ctx context.Context) (over bool, err error) {
	if x.wrong++; x.wrong == pinTries {
		return true, nil
	}
	a, err := x.Face.Ask(ctx, Question{Kind: AskPIN, Screen: screenPINAgain(x.told), Amount: x.out.Amount})
	if err != nil || a.Cancel || a.PIN.Zero() {
		return true, err
	}
	x.pin = a.PIN
	return false, nil
}

// texts is what an answer says to people beside its code: F63, and F44 where it
// carries no institutions but words (how many PIN tries are left, for one).
func texts(ans *wire.Message) string {
	var said []string
	if t, err := wire.ParseTexts(ans.Private63); err == nil {
		said = append(said, t.Issuer, t.UnionPay, t.Acquirer, t.Terminal)
	}
	if strings.Trim(ans.Additional, "0123456789 ") != "" {
		said = append(said, strings.ToValidUTF8(ans.Additional, ""))
	}
	return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
}

// triesLeft is the number an answer to a wrong PIN tells, "" when it tells none.
func triesLeft(told string) string {
	words := strings.FieldsFunc(told, func(r rune) bool { return r < '0' || r > '9' })
	if len(words) != 1 || len(words[0]) > 2 {
		return ""
	}
	return words[0]
}
