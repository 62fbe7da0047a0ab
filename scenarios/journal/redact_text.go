package journal

import (
	"bytes"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// plainRest are the fields without a name in wire.Message that hold nothing of a
// card or a person (ISO 8583:1987): amounts, rates, times, counts, institutions and
// places. Every other one is filled with zeros.
var plainRest = map[int]bool{5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 16: true, 17: true, 18: true, 19: true,
	20: true, 21: true, 24: true, 27: true, 28: true, 29: true, 30: true, 31: true, 33: true, 40: true, 43: true, 50: true, 51: true,
	66: true, 67: true, 68: true, 69: true, 71: true, 72: true, 73: true, 74: true, 75: true, 76: true, 77: true, 78: true,
	79: true, 80: true, 81: true, 82: true, 83: true, 84: true, 85: true, 86: true, 87: true, 88: true, 89: true, 92: true,
	93: true, 94: true, 97: true, 98: true, 99: true, 100: true, 101: true}

// rest fills what nobody has a name for.
func (p *pass) rest() {
	for i, f := range p.m.Rest {
		if f.Number == 45 {
			continue // track 1, rebuilt
		}
		value := bytes.Repeat([]byte("0"), len(f.Value))
		if plainRest[f.Number] {
			value = []byte(p.text(string(f.Value)))
		}
		if !bytes.Equal(value, f.Value) {
			p.m.Rest[i].Value = value
			p.mark(f.Number)
		}
	}
}

// codes rewrites payment codes and what else field 59 says of a card.
func (p *pass) codes() {
	if p.m.QR == "" {
		return
	}
	items, err := wire.ParseTagged(p.m.QR)
	if err != nil {
		p.m.QR = strings.Repeat("0", len(p.m.QR))
		p.mark(59)
		return
	}
	last := ""
	for i, item := range items {
		if item.Tag == wire.TagScanCode && (p.Known == nil || !p.Known(wire.QRCode(item.Value))) {
			made := p.stand.code(wire.QRCode(item.Value))
			items[i].Value, last = wire.Secret(made.Reveal()), made.Reveal()
		}
	}
	if last == "" && len(p.swaps) > 0 {
		last = p.swaps[0].to
	}
	for i, item := range items {
		switch item.Tag {
		case wire.TagScanCode:
		case wire.TagPINCipher:
			items[i].Value = wire.Secret(strings.Repeat("0", len(item.Value)))
		case wire.TagTerminalInfo:
			items[i].Value = factor(item.Value, last)
		default:
			items[i].Value = wire.Secret(p.text(string(item.Value)))
		}
	}
	text, err := wire.Tagged59(items)
	p.fail(err)
	if text != p.m.QR {
		p.m.QR = text
		p.mark(59)
	}
}

// factor rewrites item 03 of the terminal's information: the last six digits of the
// card or the code.
func factor(value wire.Secret, of string) wire.Secret {
	m := wire.Message{}
	t, err := wire.ParseTerminalInfo(string(value))
	if err != nil || t.Random == "" || len(of) < 6 {
		return value
	}
	t.Random = of[len(of)-6:]
	if err := m.SetTerminalInfo(t); err != nil {
		return value
	}
	items, _ := wire.ParseTagged(m.QR) // just written
	return items[0].Value
}

// texts takes numbers of cards out of the fields whose text is the sender's own, and
// out of field 62.
func (p *pass) texts() {
	for number, text := range map[int]*string{44: &p.m.Additional, 48: &p.m.Private48, 54: &p.m.Balance, 63: &p.m.Private63} {
		if number == 48 && uploads(p.m) && !p.redacted[48] {
			if _, err := wire.ParseDetails(*text); err == nil {
				continue
			}
		}
		if clean := p.text(*text); clean != *text && !p.redacted[number] {
			*text = clean
			p.mark(number)
		}
	}
	if !p.redacted[62] {
		if clean := p.bytes(p.m.Private62); !bytes.Equal(clean, p.m.Private62) {
			p.m.Private62 = clean
			p.mark(62)
		}
	}
}

// text replaces the message's cards in a text, and whatever passes for another card.
func (p *pass) text(s string) string {
	for _, swap := range p.swaps {
		to := swap.to
		if len(to) != len(swap.from) {
			to = strings.Repeat("0", len(swap.from))
		}
		s = strings.ReplaceAll(s, swap.from, to)
	}
	return digits().ReplaceAllStringFunc(s, func(run string) string {
		_, code := wire.QRCode(run).Scheme()
		if code || len(run) <= card.MaxPAN && card.PAN(run).LuhnValid() && !card.IsTest(card.PAN(run)) {
			return strings.Repeat("0", len(run))
		}
		return run
	})
}

// bytes is text for a field of bytes, which may hold a number in packed digits too.
func (p *pass) bytes(b []byte) []byte {
	out := []byte(p.text(string(b)))
	for _, swap := range p.swaps {
		digits := packed(out)
		if i := strings.Index(digits, swap.from); i >= 0 {
			digits = strings.ReplaceAll(digits, swap.from, strings.Repeat("0", len(swap.from)))
			out = pack(digits, 0)
		}
	}
	return out
}
