package foreign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// What a log has in place of a secret: jPOS's ProtectedLogListener writes [WIPED],
// AA55AA55 for bytes, and an underscore for each hidden character; others write
// stars or crosses.
const (
	wipedBytes = "AA55AA55"
	maskChars  = "_*•"
	maskSigns  = "xX#" // where a card's secrets stand
)

// secret are the fields that a log has reason to hide.
var secret = []int{2, 14, 20, 34, 35, 36, 45, 52, 55, 102, 103}

// masked reports whether a log has hidden a field or a part of it.
func masked(f Field) bool {
	s := f.Text
	switch {
	case f.Binary:
		return strings.EqualFold(s, wipedBytes)
	case strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && strings.ToUpper(s) == s && len(s) > 2:
		return strings.Trim(s[1:len(s)-1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") == "" // [WIPED], [PROTECTED]
	}
	run, signs := 0, maskChars
	if slices.Contains(secret, f.Number) {
		signs += maskSigns
	}
	for _, c := range s {
		if run++; !strings.ContainsRune(signs, c) {
			run = 0
		}
		if run >= 4 || run == len(s) {
			return true
		}
	}
	return false
}

// Surrogates gives out numbers of test cards, one for each masked number of a log.
type Surrogates map[string]card.PAN

// The range of test numbers that surrogates come from (RULES: security defaults): ten
// digits, a serial number, a check digit. The cards that ship have the first serial
// numbers of it, and those that a journal gives to real cards begin at 20000.
const (
	surrogateBegin = "6222020000"
	firstSurrogate = 10000
	surrogateRoom  = 10000
)

var errSurrogates = fmt.Errorf("it is the log's masked card number %d: there are no more numbers to stand for them, import it in parts", surrogateRoom+1)

// For returns the test number that stands for a masked one.
func (s Surrogates) For(mask string) (card.PAN, error) {
	mask, _, _ = strings.Cut(mask, "=")
	if pan, ok := s[mask]; ok {
		return pan, nil
	}
	if len(s) == surrogateRoom {
		return "", errSurrogates
	}
	digits := fmt.Sprintf("%s%05d", surrogateBegin, firstSurrogate+len(s))
	check, err := card.CheckDigit(digits)
	s[mask] = card.PAN(digits + string(check))
	return s[mask], err
}

// Where a log has hidden it: the expiry of a surrogate, its service code, and what
// stands behind that on track 2.
const (
	hiddenExpiry        = "2912"
	hiddenCode          = "101"
	hiddenDiscretionary = "0000000000"
)

// unmask gives a hidden field a content that says nothing; ok is false where nothing
// can stand for it.
func (c *conversion) unmask(f Field) (value []byte, ok bool, err error) {
	switch f.Number {
	case 2:
		pan, err := c.surrogates.For(f.Text)
		return []byte(pan.Reveal()), true, err
	case 14:
		return []byte(hiddenExpiry), true, nil
	case 35:
		pan := c.message.PAN
		if text := strings.ReplaceAll(strings.ToUpper(f.Text), "D", "="); pan == "" && strings.Contains(text, "=") {
			if pan, err = c.surrogates.For(text); err != nil {
				return nil, false, err
			}
		}
		expiry := cmp.Or(c.message.Expiry, hiddenExpiry)
		return []byte(pan.Reveal() + "=" + expiry + hiddenCode + hiddenDiscretionary), pan != "", nil
	case 52, 64, 128:
		return make([]byte, c.dialect.Most(f.Number)), true, nil
	}
	return nil, false, nil
}

// tracks reports whether a track names another card than field 2: a log hid one of
// the two.
func tracks(m *wire.Message) bool {
	pan, _, ok := strings.Cut(m.Track2.Reveal(), "=")
	return ok && m.PAN != "" && pan != m.PAN.Reveal()
}
