package emv

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"possim/reader/card"
)

// Seed is what test keys are made from. Who knows it has the keys, so that it never
// prints.
type Seed string

// String hides the seed.
func (s Seed) String() string {
	if s == "" {
		return "no seed"
	}
	return "a seed"
}

// Format implements fmt.Formatter so that no verb shows the seed.
func (s Seed) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, s.String()) }

// MarshalText implements encoding.TextMarshaler; it hides the seed.
func (s Seed) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML implements yaml.Marshaler; it hides the seed.
func (s Seed) MarshalYAML() (any, error) { return s.String(), nil }

// Seeded is an endless stream of bytes that seed and label determine: SHA-256 of both
// and a counter. Keys of test cards come from it; keys of anything else must not.
func Seeded(seed Seed, label string) io.Reader {
	sum := sha256.Sum256([]byte(seed))
	return &seeded{root: append(sum[:], label...)}
}

type seeded struct {
	root, rest []byte
	counter    uint64
}

// Read implements io.Reader; it never fails.
func (s *seeded) Read(b []byte) (int, error) {
	for n := 0; n < len(b); {
		if len(s.rest) == 0 {
			s.counter++
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte(nil), s.root...), s.counter))
			s.rest = sum[:]
		}
		c := copy(b[n:], s.rest)
		n, s.rest = n+c, s.rest[c:]
	}
	return len(b), nil
}
