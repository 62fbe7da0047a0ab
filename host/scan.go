package host

import (
	"context"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
)

// DefaultCodeLife is how long a payment code is good.
const DefaultCodeLife = time.Minute

// takeCode finds whose payment code field 59 carries. A code that the registry can
// read names its card and its second of issue. Any other stands for a wallet of its
// own, which a host that takes walk-ins opens at first sight: such a code has no
// age, and is good once.
func (d *deal) takeCode() (problem string) {
	code, ok := d.ScanCode()
	if !ok {
		if d.kind == qr {
			return "field 59 carries no payment code (A3)"
		}
		return ""
	}
	if _, known := code.Scheme(); !known {
		return "field 59: no scheme issues a payment code like that"
	}
	d.scanned = code
	pan, age, known := d.h.Registry.CodeOwner(code.Reveal(), d.at)
	if !known {
		d.token = d.h.codeToken(code)
		return ""
	}
	d.pan, d.codeAge, d.token = pan, age, d.h.Token(pan)
	return ""
}

// codeToken names a payment code in the book.
func (h *Host) codeToken(code wire.QRCode) string {
	return h.token("code", code.Reveal())
}

// wallet opens the account of a code that no card is behind.
func (d *deal) wallet(ctx context.Context) (bool, error) {
	if !d.h.WalkIn {
		d.note = "a payment code of no card known here"
		return false, nil
	}
	d.card = registry.Card{Status: registry.Active}
	if d.h.isOpen(d.token) {
		return true, nil
	}
	if _, known, err := d.find(ctx, d.key); known || err != nil {
		return true, err
	}
	return true, d.h.openAs(ctx, d.token, d.scanned.String(), registry.DefaultBalance, d.at)
}

// codeFresh refuses a code that is too old, or of a clock far ahead of this one.
func (d *deal) codeFresh() bool {
	life := d.h.CodeLife
	if life == 0 {
		life = DefaultCodeLife
	}
	if d.codeAge > life || d.codeAge < -life {
		d.note = "the payment code was shown " + d.codeAge.String() + " ago"
		return false
	}
	return true
}

// codeUnused guards that a code pays once.
func (d *deal) codeUnused() (ledger.Guard, bool) {
	return ledger.Guard{Reg: d.codeUsed(), Add: 1, Max: ledger.At(1)}, true
}
