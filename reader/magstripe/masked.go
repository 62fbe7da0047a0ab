package magstripe

import (
	"bytes"
	"strings"

	"possim/reader/card"
)

// hiddenChar and hiddenBit stand for what is not shown.
const hiddenChar, hiddenBit = '*', 'x'

// Masked returns the bits and the characters as they may be shown: sentinels, first
// separator, first six and last four digits of a number of which that end is there,
// expiry and service code in clear, all else hidden. Of bits that are no characters
// only zeros before and after show.
func (c Characters) Masked() (bits, text string) {
	if c.alphabet == nil {
		return c.rim(), ""
	}
	shown := c.shown()
	out := []byte(c.rim())
	copy(out[c.from:c.to], strings.Repeat(string(hiddenBit), c.to-c.from))
	masked := bytes.Clone(c.text)
	for i, show := range shown {
		at := c.from + i*c.alphabet.bits
		if show {
			copy(out[at:], c.bits[at:at+c.alphabet.bits])
		} else {
			masked[i] = hiddenChar
		}
	}
	return string(out), string(masked)
}

// Unsafe returns bits and characters as --unsafe may show them: in clear when the
// number is a public test number, or when there is no whole number in them: a fragment
// that lacks an end of it. Otherwise it is Masked.
func (c Characters) Unsafe() (bits, text string) {
	if c.isTest() || len(c.bits) < shortest*numeric.bits || c.fills() && !c.mayHoldNumber() {
		return string(c.bits), string(c.text)
	}
	return c.Masked()
}

// fills reports whether the characters are all there is, but for zeros around them.
func (c Characters) fills() bool {
	if c.alphabet == nil {
		return false
	}
	raw := c.bits.raw()
	_, broke := c.Broke()
	return !broke && (c.from < c.alphabet.bits || !bytes.ContainsAny(raw[:c.from], "\x01\x02"))
}

// rim is the bits with all hidden between the first one and the last.
func (c Characters) rim() string {
	raw := c.bits.raw()
	out := []byte(c.bits)
	first, last := bytes.IndexByte(raw, 1), bytes.LastIndexByte(raw, 1)
	for i := max(first, 0); i <= last; i++ {
		out[i] = hiddenBit
	}
	return string(out)
}

// number is where the digits of the card's number stand: behind the start sentinel (and
// track 1's format code), or at the beginning of a fragment, up to a separator.
func (c Characters) number() (from, to int, separated bool) {
	if c.started {
		from = 1
		if c.alphabet == &alpha {
			from = min(2, len(c.text))
		}
	}
	for to = from; to < len(c.text) && c.text[to] >= '0' && c.text[to] <= '9'; to++ {
	}
	return from, to, to < len(c.text) && (c.text[to] == '=' || c.text[to] == '^')
}

// shown says of each character whether it may be shown.
func (c Characters) shown() []bool {
	shown := make([]bool, len(c.text))
	from, to, separated := c.number()
	for i := range shown {
		v := c.text[i]
		first, last := c.started && i < from+6, separated && i >= to-4
		switch {
		case c.started && i < from:
			shown[i] = true
		case i >= from && i < to:
			shown[i] = c.firstOrLast(first, last, to-from, separated)
		case i == to && separated, v == c.alphabet.end && i >= len(shown)-2:
			shown[i] = true
		case c.started && separated && c.alphabet == &numeric && i > to && i <= to+7: // YYMM and service code
			shown[i] = true
		}
	}
	return shown
}

// firstOrLast holds a whole number to card.Mask: a short one shows nothing.
func (c Characters) firstOrLast(first, last bool, length int, separated bool) bool {
	if c.started && separated && length < 13 {
		return false
	}
	return first || last
}

// shortest is the length of the shortest number that cards of payment systems have.
const shortest = 13

// isTest reports whether the whole number is there, and on the list of test numbers;
// on track 3 it stands behind a format code of two digits (ISO 4909).
func (c Characters) isTest() bool {
	if c.alphabet == nil {
		return false
	}
	from, to, separated := c.number()
	digits := c.text[from:to]
	return c.started && separated &&
		(card.IsTest(card.PAN(digits)) || len(digits) > 2 && card.IsTest(card.PAN(digits[2:])))
}

// mayHoldNumber reports whether a whole card number may stand in the text: between its
// sentinel and its separator it does; elsewhere its check digit tells (ISO/IEC 7812-1).
func (c Characters) mayHoldNumber() bool {
	if from, to, separated := c.number(); c.started && separated && to-from >= shortest {
		return true
	}
	for _, stretch := range stretches(c.text) {
		for n := min(len(stretch), card.MaxPAN); n >= shortest; n-- {
			if pan := card.PAN(stretch[len(stretch)-n:]); pan.LuhnValid() && issued(pan) {
				return !card.IsTest(pan)
			}
		}
	}
	return false
}

// stretches are the digits of a text between everything else.
func stretches(text []byte) []string {
	return strings.FieldsFunc(string(text), func(r rune) bool { return r < '0' || r > '9' })
}

// issued reports whether a number begins as those of payment systems do (ISO/IEC
// 7812-1, major industry identifiers 2 to 6, and 9 of older Chinese cards).
func issued(pan card.PAN) bool {
	digit := pan.Reveal()[0]
	return digit >= '2' && digit <= '6' || digit == '9'
}
