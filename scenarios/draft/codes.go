package draft

import (
	"fmt"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// The numbers of the cards behind payment codes, which no message tells: of the range
// for tests (RULES: security defaults), behind those that a journal gives to real
// cards.
const (
	codeRange = "6222020000"
	firstCode = 30000
)

// phone returns the card that stands behind a payment code: one for each code.
func (d *Draft) phone(code wire.QRCode) *plastic {
	if p := d.phones[code]; p != nil {
		return p
	}
	digits := fmt.Sprintf("%s%05d", codeRange, firstCode+len(d.phones))
	check, err := card.CheckDigit(digits)
	if err != nil {
		return nil // digits alone have one
	}
	p := &plastic{name: fmt.Sprintf("phone%d", len(d.phones)+1), pan: card.PAN(digits + string(check)), expiry: "2912"}
	d.phones[code] = p
	d.order = append(d.order, p)
	return p
}

// code writes a payment with a code: shown by a phone, or again by the one that showed
// it first.
func (w *writer) code(o *order) {
	code, ok := o.request.ScanCode()
	if !ok {
		w.draft.left(o.line, "a code payment without its code")
		return
	}
	w.any = true
	w.fault(o)
	for _, earlier := range w.orders {
		if shown, ok := earlier.request.ScanCode(); ok && earlier.kind == wire.QR && earlier.line < o.line && shown == code {
			fmt.Fprintf(&w.steps, "      - qr: {amount: %s, shown: %s}\n@%d@%s", amount(o.request.Amount), earlier.labelled(), o.line, w.expect(o))
			return
		}
	}
	p := w.draft.phone(code)
	if p == nil {
		return
	}
	p.learn(&o.exchange)
	aged := ""
	switch {
	case o.code() == wire.ExpiredCard:
		aged = ", age: 62s" // a code is good for a minute
		p.status = ""
	case o.code() == wire.Approved:
		p.taken += o.request.Amount
	}
	fmt.Fprintf(&w.steps, "      - qr: {amount: %s, card: %s%s%s}\n@%d@%s", amount(o.request.Amount), p.name, schemeOf(code), aged, o.line, w.expect(o))
}

// schemeOf is whose code it is, by its first digits: UnionPay's, WeChat's, Alipay's.
func schemeOf(code wire.QRCode) string {
	switch s := code.Reveal(); {
	case len(s) == 18 && s >= "10" && s < "16":
		return ", scheme: wechat"
	case len(s) >= 16 && s >= "25" && s < "31" && !strings.HasPrefix(s, "62"):
		return ", scheme: alipay"
	}
	return ""
}

// labelled gives an order a label, as others name it.
func (o *order) labelled() string {
	if o.label == "" {
		o.label = "t" + string(o.request.STAN)
	}
	return o.label
}
