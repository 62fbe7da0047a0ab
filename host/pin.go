package host

import (
	"context"
	"fmt"

	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/wire"
)

// DefaultPINTries is how many wrong PINs in a row lock a card.
const DefaultPINTries = 3

// pinFormatError refuses a PIN block that holds no PIN: another key or format than
// the host's. It is no try.
const pinFormatError wire.Code = "99"

// pinCheck is what came of a PIN.
type pinCheck struct {
	right, wrong bool
	left         int64 // tries, after this one
}

// pinRight verifies field 52 for a card whose entry has a PIN. Without field 52 it
// was bypassed (RULES: security defaults).
//
// The tries are a register of the book. What is read here only decides between 55
// and 75; that no more PINs are tried than allowed is for the book to see to.
func (d *deal) pinRight(ctx context.Context) (bool, error) {
	if !d.card.HasPIN() {
		return true, nil
	}
	if len(d.PINBlock) == 0 {
		if d.saysPIN() {
			d.code, d.note = pinFormatError, "field 22 says that a PIN was entered, and there is no field 52"
			return false, nil
		}
		return true, nil
	}
	got, err := d.h.Book.Read(ctx, d.tries())
	if err != nil {
		return false, err
	}
	if got[0] >= d.h.pinTries() {
		d.code, d.note = wire.PINTries, "the PIN is locked"
		return false, nil
	}
	if err := d.ownKeys(ctx); err != nil {
		return false, err
	}
	pin, err := d.openPIN()
	if err != nil {
		d.code, d.note = pinFormatError, err.Error()
		return false, nil
	}
	right, err := d.knows(pin)
	if err != nil {
		d.code, d.note = wire.SystemFault, err.Error()
		return false, nil
	}
	if d.pin.right = right; right {
		return true, nil
	}
	d.pin.wrong, d.pin.left = true, d.h.pinTries()-got[0]-1
	if d.code, d.note = wire.WrongPIN, fmt.Sprintf("wrong PIN, %d tries left", d.pin.left); d.pin.left == 0 {
		d.code = wire.PINTries
	}
	return false, nil
}

// openPIN deciphers field 52. 53.1 says the format: 1 and 2 are UnionPay's, 3 and 4
// stand for the ISO formats of that number (ours: UnionPay's table ends at 2).
func (d *deal) openPIN() (hsm.PIN, error) {
	tpk, err := d.keys(hsm.UsePIN)
	if err != nil {
		return hsm.PIN{}, err
	}
	format := hsm.ISO0
	if len(d.PINBlock) == hsm.ISO4.Size() {
		format = hsm.ISO4 // the only one of that length
	}
	if d.Security != "" {
		sub, err := wire.ParseSub53(d.Security)
		if err != nil {
			return hsm.PIN{}, err
		}
		known := false
		if format, known = pinFormats[sub.PINFormat]; !known {
			return hsm.PIN{}, fmt.Errorf("53.1 is %d: no PIN format of that number", sub.PINFormat)
		}
	}
	return format.Decrypt(tpk, d.PINBlock, d.pan)
}

// pinFormats is 53.1. With 0, "no PIN", some terminals of other dialects than
// UnionPay's send one all the same.
var pinFormats = map[byte]hsm.PINFormat{0: hsm.ISO0, 1: hsm.NoPAN, 2: hsm.ISO0, 3: hsm.ISO3, 4: hsm.ISO4}

// knows compares the PIN with what the card's entry says.
func (d *deal) knows(pin hsm.PIN) (bool, error) {
	c := &d.card.Checks
	if !c.PIN.Zero() {
		return c.PIN.Equal(pin), nil
	}
	return hsm.VerifyPVV(c.PVK, c.PVKIndex, pin, d.pan, string(c.PVV))
}

func (d *deal) tries() ledger.Reg { return ledger.Reg{Kind: ledger.PINTries, Owner: d.token} }

func (h *Host) pinTries() int64 {
	if h.PINTries == 0 {
		return DefaultPINTries
	}
	return int64(h.PINTries)
}

// spent counts a wrong PIN, unless others have locked the card meanwhile.
func (c pinCheck) spent(d *deal) ([]ledger.Guard, []ledger.Move) {
	if !c.wrong {
		return nil, nil
	}
	locked := ledger.Guard{Rule: "pin-tries", Reg: d.tries(), Max: ledger.At(d.h.pinTries() - 1)}
	return []ledger.Guard{locked}, []ledger.Move{{Reg: d.tries(), Add: 1}}
}

// cleared forgets the wrong ones after a right one.
func (c pinCheck) cleared(d *deal) []ledger.Move {
	if !c.right {
		return nil
	}
	return []ledger.Move{{Reg: d.tries(), Add: 0, Set: true}}
}

// triesLeft is what an answer to a wrong PIN says in words.
func triesLeft(n int64) string { return fmt.Sprintf("PIN tries left %d", n) }

// saysPIN reports whether field 22 tells of a PIN that only field 52 can carry: a
// stripe has none of its own to verify, as a chip has.
func (d *deal) saysPIN() bool {
	return d.EntryMode == "011" || d.EntryMode == "021" || d.EntryMode == "801"
}
