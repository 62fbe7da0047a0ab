package hsm

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"possim/reader/card"
	"possim/reader/mac"
)

// Key is the value of a key and what it is for: TDES, AES or HMAC. The zero value
// is no key.
//
// It prints as its kind and check value ("TDES-128 key, KCV 900ECC"), whatever
// prints it: every fmt verb, JSON, YAML, text encodings, log/slog and zerolog.
// Reveal is the one way out. Compare two with Equal: == compares where they lie.
type Key struct {
	kind  Algorithm
	value *secret
}

// Algorithm is the family a Key belongs to.
type Algorithm byte

// The families, by their letter in a TR-31 header.
const (
	TDES Algorithm = 'T' // 8, 16 or 24 bytes: single, double, triple length
	AES  Algorithm = 'A' // 16, 24 or 32 bytes
	HMAC Algorithm = 'H' // 16 bytes or more
)

// String names the family.
func (a Algorithm) String() string {
	switch a {
	case TDES:
		return "TDES"
	case AES:
		return "AES"
	case HMAC:
		return "HMAC"
	}
	return "unknown algorithm"
}

// NewKey takes the bytes of a key; it keeps a copy. A length the family does not
// have is refused, and the error never shows the bytes. Parity is not looked at.
func NewKey(a Algorithm, value []byte) (Key, error) {
	n := len(value)
	switch {
	case a == TDES && n != 8 && n != 16 && n != 24:
		return Key{}, fmt.Errorf("TDES key: %d bytes; want 8, 16 or 24 (16, 32 or 48 hex digits)", n)
	case a == AES && n != 16 && n != 24 && n != 32:
		return Key{}, fmt.Errorf("AES key: %d bytes; want 16, 24 or 32 (32, 48 or 64 hex digits)", n)
	case a == HMAC && (n < 16 || n > 64):
		return Key{}, fmt.Errorf("HMAC key: %d bytes; want 16 to 64", n)
	case a != TDES && a != AES && a != HMAC:
		return Key{}, errors.New("key: not for TDES, AES or HMAC")
	}
	k := Key{kind: a, value: conceal(value)}
	switch a {
	case TDES:
		k.value.in.block, _ = mac.NewTDES(k.value.bytes())
	case AES:
		k.value.in.block, _ = aes.NewCipher(k.value.bytes())
	}
	return k, nil
}

// ParseKey takes a key in hex; blanks around and between the digits are let pass,
// as people group them. The error names the place of a wrong character and never
// shows it.
func ParseKey(a Algorithm, s string) (Key, error) {
	s = strings.Join(strings.Fields(s), "")
	if s == "" {
		return Key{}, fmt.Errorf("%v key: nothing there; want hex digits", a)
	}
	if i := strings.IndexFunc(s, notHex); i >= 0 {
		return Key{}, fmt.Errorf("%v key: character %d is not a hex digit", a, i+1)
	}
	if len(s)%2 != 0 {
		return Key{}, fmt.Errorf("%v key: %d hex digits; one is missing or too many", a, len(s))
	}
	value, _ := hex.DecodeString(s)
	return NewKey(a, value)
}

// MakeKey draws a key of size bytes from random. A TDES key gets odd parity, for
// the parties across that look at it.
func MakeKey(a Algorithm, size int, random io.Reader) (Key, error) {
	value := make([]byte, max(size, 0))
	if _, err := io.ReadFull(random, value); err != nil {
		return Key{}, fmt.Errorf("key: the source of randomness failed: %w", err)
	}
	if a == TDES {
		for i, b := range value {
			value[i] = b&^1 | byte(bits.OnesCount8(b&^1)+1)&1
		}
	}
	return NewKey(a, value)
}

// cipher returns the key ready for use, nil for HMAC and no key.
func (k Key) cipher() cipher.Block { return k.value.cipher() }

// Zero reports whether k is no key.
func (k Key) Zero() bool { return k.value == nil }

// Algorithm returns the family, 0 for no key.
func (k Key) Algorithm() Algorithm { return k.kind }

// Size returns the length in bytes, 0 for no key.
func (k Key) Size() int { return len(k.value.bytes()) }

// Equal reports whether two keys are the same, in constant time.
func (k Key) Equal(o Key) bool { return k.kind == o.kind && k.value.equal(o.value) }

// Reveal returns a copy of the key's bytes in clear. A caller that writes them
// anywhere but into a cipher has a bug.
func (k Key) Reveal() []byte { return append([]byte(nil), k.value.bytes()...) }

// KCV returns the first n bytes of the check value (mac.KCV), at most a block:
// UnionPay's F62 carries four, most HSMs show three. An HMAC key and no key have none.
func (k Key) KCV(n int) []byte {
	if k.cipher() == nil {
		return nil
	}
	full := mac.KCV(k.cipher())
	return full[:min(max(n, 0), len(full))]
}

// String returns kind and check value: "TDES-128 key, KCV 900ECC".
func (k Key) String() string {
	if k.Zero() {
		return "no key"
	}
	s := fmt.Sprintf("%v-%d key", k.kind, 8*k.Size())
	if kcv := k.KCV(3); kcv != nil {
		s += fmt.Sprintf(", KCV %X", kcv)
	}
	return s
}

// Format implements fmt.Formatter so that no verb, %x and %#v included, shows the key.
func (k Key) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, k.String()) }

// MarshalText implements encoding.TextMarshaler: JSON, YAML and zerolog's Interface
// get kind and check value.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalYAML implements yaml.Marshaler.
func (k Key) MarshalYAML() (any, error) { return k.String(), nil }

// need says what is wrong with k as a key for a purpose, nil when it will do.
func (k Key) need(purpose string, a Algorithm, sizes ...int) error {
	switch {
	case k.Zero():
		return fmt.Errorf("%s: there is no key", purpose)
	case k.kind != a:
		return fmt.Errorf("%s: the key is %v; want %v", purpose, k.kind, a)
	}
	for _, n := range sizes {
		if n == k.Size() {
			return nil
		}
	}
	if len(sizes) == 0 {
		return nil
	}
	return fmt.Errorf("%s: the key has %d bytes; want %s", purpose, k.Size(), oneOf(sizes))
}

func oneOf(sizes []int) string {
	s := fmt.Sprint(sizes[0])
	for i, n := range sizes[1:] {
		if i == len(sizes)-2 {
			s += " or " + fmt.Sprint(n)
		} else {
			s += ", " + fmt.Sprint(n)
		}
	}
	return s
}

func notHex(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'F') && (r < 'a' || r > 'f')
}
