package hsm

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrUnwrap is wrapped by the error of a key at rest that does not open: another
// master key, another place than it was wrapped for, or changed bytes.
var ErrUnwrap = errors.New("it does not open: another master key, wrapped for another place, or changed")

const wrapVersion = "kw1:"

// ParseMaster takes the master key that keys at rest are wrapped under, as it
// stands in the environment or a key file: 64 hex digits.
func ParseMaster(s string) (Key, error) {
	k, err := ParseKey(AES, s)
	if err == nil {
		err = k.need("key", AES, 32)
	}
	if err != nil {
		return Key{}, fmt.Errorf("master %w; make one with: openssl rand -hex 32", err)
	}
	return k, nil
}

// Wrap makes a key fit to be stored: text without blanks that only the master key
// opens, and only for the same place, say the TID and the name of the key. A row
// copied from one terminal to another does not open there. The same key, master and
// place give the same text.
//
// A key for the place is derived from the master (HKDF, RFC 5869) and the value is
// wrapped under it with its kind (RFC 5649).
func Wrap(master, k Key, place ...string) (string, error) {
	p, err := At(master, place...)
	if err != nil {
		return "", err
	}
	return p.Wrap(k)
}

// Unwrap opens what Wrap made, for the same place. Its error names the place and
// wraps ErrUnwrap.
func Unwrap(master Key, stored string, place ...string) (Key, error) {
	p, err := At(master, place...)
	if err != nil {
		return Key{}, err
	}
	return p.Unwrap(stored)
}

// A Place is where keys are stored: the key that is derived for it, ready for use.
type Place struct {
	kek  Key
	name []string
}

// At derives the key of a place. To derive it costs more than to wrap a key under it.
func At(master Key, place ...string) (Place, error) {
	derived, err := placeKey(master, place)
	if err != nil {
		return Place{}, err
	}
	kek, err := NewKey(AES, derived)
	return Place{kek, place}, err
}

// Wrap is hsm.Wrap for this place.
func (p Place) Wrap(k Key) (string, error) {
	if k.Zero() || p.kek.Zero() {
		return "", errors.New("wrap: there is no key")
	}
	var room [160]byte
	out, err := wrapPad(p.kek.cipher(), append(append(room[:0], byte(k.kind)), k.value.bytes()...))
	if err != nil {
		return "", err
	}
	return string(hex.AppendEncode(append(room[:0], wrapVersion...), out)), nil
}

// Unwrap is hsm.Unwrap for this place.
func (p Place) Unwrap(stored string) (Key, error) {
	where := strings.Join(p.name, " ")
	text, ok := strings.CutPrefix(stored, wrapVersion)
	if !ok {
		return Key{}, fmt.Errorf("key at rest (%s): it does not start with %s, so this program did not wrap it", where, wrapVersion)
	}
	wrapped, err := hex.DecodeString(text)
	if err != nil || p.kek.Zero() {
		return Key{}, fmt.Errorf("key at rest (%s): %w", where, ErrUnwrap)
	}
	value, err := unwrapPad(p.kek.cipher(), wrapped)
	if err != nil {
		return Key{}, fmt.Errorf("key at rest (%s): %w", where, ErrUnwrap)
	}
	return NewKey(Algorithm(value[0]), value[1:])
}

// placeKey derives the key of a place. The parts go in with their lengths, so that
// ("AB", "C") and ("A", "BC") are two places.
func placeKey(master Key, place []string) ([]byte, error) {
	if err := master.need("master key", AES, 32); err != nil {
		return nil, err
	}
	info := "possim key at rest"
	for _, part := range place {
		info += fmt.Sprintf("\x00%d:%s", len(part), part)
	}
	return hkdf.Key(sha256.New, master.value.bytes(), nil, info, 32)
}
