package draft

import (
	"fmt"
	"slices"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// Known names a card of the list that every scenario may use; ok is false for one
// that is not on it.
type Known func(card.PAN) (name string, ok bool)

// A plastic is a card of the session.
type plastic struct {
	name   string
	pan    card.PAN
	expiry string
	chip   bool
	status string
	taken  int64 // approved so far
	poor   bool  // answered 51
	known  bool
	entry  string // as the recorded scenario's file has it
}

// statuses is what a card is whose answer was this (RULES: order of refusals).
var statuses = map[wire.Code]string{"62": "frozen", "36": "stop-payment", "41": "lost", "43": "stolen"}

// plastic returns the card that a message presents, nil without one.
func (d *Draft) plastic(m *wire.Message, w *world) *plastic {
	pan, expiry := m.PAN, m.Expiry
	if track, rest, ok := strings.Cut(m.Track2.Reveal(), "="); ok && len(rest) >= 4 {
		pan, expiry = card.PAN(track), rest[:4]
	}
	if !card.IsTest(pan) {
		return nil
	}
	if p := d.cards[pan]; p != nil {
		return p
	}
	p := &plastic{pan: pan, expiry: expiry}
	name, entry, own := w.card(pan)
	if p.name, p.known = d.known(pan); own && entry != "" && !d.taken(name) {
		p.name, p.entry, p.known = name, entry, true
		d.order = append(d.order, p)
	} else if !p.known {
		d.named++
		p.name = fmt.Sprintf("card%d", d.named)
		d.order = append(d.order, p)
	}
	if p.expiry == "" {
		p.expiry = "2912"
	}
	d.cards[pan] = p
	return p
}

// taken reports whether another card of the draft has a name.
func (d *Draft) taken(name string) bool {
	return slices.ContainsFunc(d.order, func(p *plastic) bool { return p.name == name })
}

// learn takes from an answer what the card must be.
func (p *plastic) learn(e *exchange) {
	switch code := e.code(); {
	case code == wire.Approved && e.kind == wire.Purchase:
		p.taken += e.request.Amount
	case code == wire.InsufficientFunds:
		p.poor = true
	case statuses[code] != "":
		p.status = statuses[code]
	case code == wire.InvalidCard:
		p.status = "none"
	}
}

// yaml is the card's entry.
func (p *plastic) yaml() string {
	if p.entry != "" {
		return "  " + p.name + ": " + p.entry + "\n"
	}
	s := fmt.Sprintf("  %s: {pan: %q, expiry: %q", p.name, p.pan.RevealTest(), p.expiry)
	if p.chip {
		s += ", chip: unionpay-debit"
	}
	switch {
	case p.status == "none":
		s += ", account: none"
	case p.status != "":
		s += ", account: {status: " + p.status + "}"
	case p.poor:
		s += ", account: {balance: " + amount(p.taken) + "}"
	}
	return s + "}\n"
}

// presented is the step that presents a card: by the first two digits of field 22
// (UnionPay's table). ok is false for a number that was typed, which no step does, and
// where the message does not say: a swipe is next to it.
func presented(m *wire.Message) (verb string, ok bool) {
	mode := m.EntryMode
	if len(mode) < 2 {
		return "swipe", m.Track2 != ""
	}
	switch mode[:2] {
	case "02", "90", "80":
		return "swipe", true
	case "05", "95":
		return "insert", true
	case "07", "91", "96", "98":
		return "tap", true
	}
	return "swipe", false
}

func amount(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }
