package emv

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"sync"

	"possim/reader/card"
	"possim/reader/mac"
)

// Key is a double-length triple DES key of an issuer, a card or a session. The zero
// value is no key.
//
// It prints as its check value ("TDES key, KCV 08D7B4"), whatever prints it. Reveal
// is the one way out. Compare two with Equal.
type Key struct{ in *keyBox }

// keyBox keeps the bytes two pointers away from a Key: fmt, which cannot call methods
// on what stands in an unexported field of someone's struct, then shows an address.
type keyBox struct{ in *keyValue }

type keyValue struct {
	b      [16]byte
	once   sync.Once // of cipher: most keys are handed on, and never used
	cipher *mac.TDES
}

// NewKey takes the 16 bytes of a key; it keeps a copy. Parity is not looked at.
func NewKey(b []byte) (Key, error) {
	if len(b) != 16 {
		return Key{}, fmt.Errorf("EMV key: %d bytes; want 16, a double-length DES key", len(b))
	}
	return Key{&keyBox{&keyValue{b: [16]byte(b)}}}, nil
}

// ParseKey takes a key as 32 hex digits. Its error never shows them.
func ParseKey(s string) (Key, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return Key{}, errors.New("EMV key: not hex digits; want 32 of them")
	}
	return NewKey(b)
}

// made wraps 16 bytes that were computed here.
func made(b []byte) Key {
	k, _ := NewKey(b)
	return k
}

// Zero reports whether k is no key.
func (k Key) Zero() bool { return k.in == nil }

// Reveal returns a copy of the key's bytes in clear. A caller that writes them
// anywhere but into a cipher has a bug.
func (k Key) Reveal() []byte {
	if k.Zero() {
		return nil
	}
	return append([]byte(nil), k.in.in.b[:]...)
}

// Cipher returns the key ready for use, nil for no key.
func (k Key) Cipher() *mac.TDES {
	if k.Zero() {
		return nil
	}
	v := k.in.in
	v.once.Do(func() { v.cipher, _ = mac.NewTDES(v.b[:]) })
	return v.cipher
}

// KCV returns the first n bytes of the check value, at most 8; none for no key.
func (k Key) KCV(n int) []byte {
	if k.Zero() {
		return nil
	}
	full := mac.KCV(k.Cipher())
	return full[:min(max(n, 0), len(full))]
}

// Equal reports whether two keys are the same, in constant time.
func (k Key) Equal(o Key) bool {
	return subtle.ConstantTimeCompare(k.Reveal(), o.Reveal()) == 1
}

// OddParity returns the key with the low bit of each byte set so that its bits are
// odd in number, as DES keys are stored.
func (k Key) OddParity() Key {
	b := k.Reveal()
	for i, c := range b {
		b[i] = c&^1 | byte(bits.OnesCount8(c&^1)+1)&1
	}
	return made(b)
}

// String returns the check value.
func (k Key) String() string {
	if k.Zero() {
		return "no key"
	}
	return fmt.Sprintf("TDES key, KCV %X", k.KCV(3))
}

// Format implements fmt.Formatter so that no verb, %x and %#v included, shows the key.
func (k Key) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, k.String()) }

// MarshalText implements encoding.TextMarshaler with the check value.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalYAML implements yaml.Marshaler.
func (k Key) MarshalYAML() (any, error) { return k.String(), nil }

// encrypt enciphers whole blocks one by one (ECB).
func (k Key) encrypt(b []byte) []byte {
	out := make([]byte, len(b))
	for i := 0; i+8 <= len(b); i += 8 {
		k.Cipher().Encrypt(out[i:i+8], b[i:i+8])
	}
	return out
}
