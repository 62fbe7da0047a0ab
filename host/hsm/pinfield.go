package hsm

import (
	"crypto/subtle"
	"fmt"
	"io"
	"strings"

	"possim/reader/card"
)

// Build lays a PIN out in clear (ISO 9564-1, 9.3): eight bytes, of format 4 the
// sixteen of its PIN field, which the PAN is not in. The bytes give the PIN away: they belong into a cipher,
// or, in format 2, into a VERIFY command. Encrypt does both steps.
func (f PINFormat) Build(pin PIN, pan card.PAN, random io.Reader) ([]byte, error) {
	if pin.Zero() {
		return nil, fmt.Errorf("PIN block: there is no PIN")
	}
	if f == ISO0 || f == ISO3 {
		if err := panUsable(pan); err != nil {
			return nil, err
		}
	}
	control := byte(f)
	if f == NoPAN {
		control = 0
	}
	nibbles := []byte{control, byte(pin.Len())}
	for _, d := range pin.digits.bytes() {
		nibbles = append(nibbles, d-'0')
	}
	switch f {
	case ISO0, ISO2, NoPAN:
		nibbles = fill(nibbles, 16, 0xF)
	case ISO4:
		nibbles = fill(nibbles, 16, 0xA)
	}
	nibbles, err := randomFill(nibbles, f, random)
	if err != nil {
		return nil, err
	}
	out := pack(nibbles)
	if f == ISO0 || f == ISO3 {
		subtle.XORBytes(out, out, panField(pan))
	}
	return out, nil
}

// Recover finds the PIN in a clear block. Its error wraps ErrPINBlock and shows
// nothing of the block.
func (f PINFormat) Recover(clear []byte, pan card.PAN) (PIN, error) {
	if len(clear) != f.Size() {
		return PIN{}, fmt.Errorf("PIN block: %d bytes; want %d for %v", len(clear), f.Size(), f)
	}
	control := byte(f)
	switch f {
	case ISO0, ISO3:
		if err := panUsable(pan); err != nil {
			return PIN{}, err
		}
		clear = xorAll(clear, panField(pan)...)
	case NoPAN:
		control = 0
	case ISO1, ISO2, ISO4:
	default:
		return PIN{}, fmt.Errorf("PIN block: format %d is not known; want 0 to 4", int(f))
	}
	nibbles := unpack(clear)
	n := int(nibbles[1])
	ok := nibbles[0] == control && n >= 4 && n <= 12
	digits := make([]byte, 0, 12)
	for i, x := range nibbles[2:16] {
		switch {
		case i < n:
			ok = ok && x <= 9
			digits = append(digits, '0'+x)
		default:
			ok = ok && f.fills(x)
		}
	}
	if !ok {
		return PIN{}, fmt.Errorf("PIN block: %v: %w", f, ErrPINBlock)
	}
	return PIN{conceal(digits)}, nil
}

// fills reports whether x may stand after the PIN.
func (f PINFormat) fills(x byte) bool {
	switch f {
	case ISO1:
		return true
	case ISO3:
		return x >= 0xA
	case ISO4:
		return x == 0xA
	}
	return x == 0xF
}

// randomFill appends what is drawn: all of format 1's rest, letters for format 3,
// the second half of format 4.
func randomFill(nibbles []byte, f PINFormat, random io.Reader) ([]byte, error) {
	want := 16
	if f == ISO4 {
		want = 32
	}
	if len(nibbles) >= want {
		return nibbles, nil
	}
	if random == nil {
		return nil, fmt.Errorf("PIN block: %v needs a source of randomness", f)
	}
	var b [1]byte
	for len(nibbles) < want {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return nil, fmt.Errorf("PIN block: the source of randomness failed: %w", err)
		}
		switch {
		case f != ISO3:
			nibbles = append(nibbles, b[0]>>4, b[0]&15)
		case b[0] < 252: // a multiple of six: above it the letters would not be equally likely
			nibbles = append(nibbles, 10+b[0]%6)
		}
	}
	return nibbles[:want], nil
}

// panField is 0000 and the twelve rightmost digits of the PAN without its check
// digit, zeros before a shorter one (ISO 9564-1, 9.3.1).
func panField(pan card.PAN) []byte {
	s := pan.Reveal()
	s = s[:len(s)-1]
	s = s[max(len(s)-12, 0):]
	nibbles := fill(nil, 16-len(s), 0)
	for i := range s {
		nibbles = append(nibbles, s[i]-'0')
	}
	return pack(nibbles)
}

// panUsable refuses what is no number before anything is computed from it.
func panUsable(pan card.PAN) error {
	s := pan.Reveal()
	if s == "" || len(s) > card.MaxPAN || strings.IndexFunc(s, notDigit) >= 0 {
		return fmt.Errorf("PIN block: the card number is not 1 to %d digits", card.MaxPAN)
	}
	return nil
}

func fill(nibbles []byte, to int, with byte) []byte {
	for len(nibbles) < to {
		nibbles = append(nibbles, with)
	}
	return nibbles
}

// pack puts two nibbles into a byte; there is an even number of them.
func pack(nibbles []byte) []byte {
	out := make([]byte, len(nibbles)/2)
	for i := range out {
		out[i] = nibbles[2*i]<<4 | nibbles[2*i+1]
	}
	return out
}

func unpack(b []byte) []byte {
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, x>>4, x&15)
	}
	return out
}
