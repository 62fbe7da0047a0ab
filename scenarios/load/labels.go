package load

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"possim/emulator"
	"possim/host/wire"
	"possim/reader/card"
)

// Labels are what the orders of a series have in common.
type Labels struct {
	Kind  emulator.OrderKind // "" of orders that were never begun
	Tag   string             // the word of whoever drives the terminals (CheckTag); "" where none was given
	Code  wire.Code          // of the answer; "" where none came, or it has none
	Cause string             // of an error; "" of answered orders
}

var tagForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,31}$`)

// CheckTag says why a word cannot be a tag. Tags stand in reports as they are, and so have
// too few digits for a card's number.
func CheckTag(tag string) error {
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, tag)
	switch {
	case !tagForm.MatchString(tag):
		return errors.New("want a letter, and then at most 31 of letters, digits, '.', '_' and '-'")
	case len(digits) >= card.MinPAN:
		return fmt.Errorf("%d digits could be a card's: want fewer than %d", len(digits), card.MinPAN)
	}
	return nil
}

// compare puts answered orders of a kind and tag before errors.
func (l Labels) compare(o Labels) int {
	return cmp.Or(cmp.Compare(l.Kind, o.Kind), cmp.Compare(l.Tag, o.Tag), cmp.Compare(l.Cause, o.Cause), cmp.Compare(l.Code, o.Code))
}
