package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	bigendian "encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"possim/host/wire"
	"possim/reader/card"
)

// RealCardError says that a card came by which is on no list of test numbers, while
// nobody said that it may.
type RealCardError struct{ PAN card.PAN }

// Error names the card by its mask, and the way on.
func (e *RealCardError) Error() string {
	return fmt.Sprintf("card %s is on no list of test numbers: nothing more is recorded; say --redact to have its number and all that belongs to it replaced before anything is written", e.PAN)
}

// surrogates gives numbers of cards other numbers: of the test ranges, the same one
// each time, by a key that lives as long as this value and is written nowhere.
type surrogates struct {
	key   [32]byte
	of    map[[16]byte]card.PAN // by the HMAC of a PAN
	taken map[card.PAN]bool
}

func newSurrogates(random io.Reader) (*surrogates, error) {
	s := &surrogates{of: map[[16]byte]card.PAN{}, taken: map[card.PAN]bool{}}
	if _, err := io.ReadFull(random, s.key[:]); err != nil {
		return nil, fmt.Errorf("redaction: the source of randomness failed: %w", err)
	}
	return s, nil
}

// print is the HMAC of what is to be replaced.
func (s *surrogates) print(of string) (sum [32]byte) {
	h := hmac.New(sha256.New, s.key[:])
	h.Write([]byte(of))
	h.Sum(sum[:0])
	return sum
}

// The test ranges (RULES: security defaults) and what is left of them for surrogates:
// below it are the numbers of the cards that ship.
const (
	range16   = "6222020000" // 16 digits
	rangeLong = "6210947000" // 17 to 19 digits
	reserved  = 20_000
)

var errExhausted = errors.New("redaction: there are more cards than the test range has numbers: record them into several files")

// pan returns the number that stands for another: of as many digits where a test
// range has such numbers, else of 16.
func (s *surrogates) pan(p card.PAN) (card.PAN, error) {
	print := s.print(p.Reveal())
	name := [16]byte(print[:16])
	if known, ok := s.of[name]; ok {
		return known, nil
	}
	prefix, size := range16, 16
	if n := len(p); n > 16 && n <= card.MaxPAN {
		prefix, size = rangeLong, n
	}
	width := size - len(prefix) - 1
	room := uint64(math.Pow10(width)) - reserved
	first := bigendian.BigEndian.Uint64(print[16:]) % room
	for i := range room {
		payload := fmt.Sprintf("%s%0*d", prefix, width, reserved+(first+i)%room)
		check, err := card.CheckDigit(payload)
		if err != nil {
			return "", err
		}
		made := card.PAN(payload + string(check))
		if !s.taken[made] {
			s.taken[made], s.of[name] = true, made
			return made, nil
		}
	}
	return "", errExhausted
}

// digits returns n digits that stand for others, below a beginning that stays.
func (s *surrogates) digits(of string, keep int) string {
	sum, out := s.print(of), []byte(of)
	for i := range out[min(keep, len(out)):] {
		out[keep+i] = '0' + sum[i%len(sum)]%10
	}
	return string(out)
}

// code returns the payment code that stands for another: of the same scheme and
// length, which nobody ever showed.
func (s *surrogates) code(c wire.QRCode) wire.QRCode { return wire.QRCode(s.digits(c.Reveal(), 2)) }
