package hsm

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// KSN is a DUKPT key serial number: which base key, which device, and the count of
// its transactions. It goes with every message in clear.
//
//	TDES (ANSI X9.24-1)   10 bytes: 59 bits of identification, 21 bits of counter
//	AES (ANSI X9.24-3)    12 bytes: 8 of initial key ID, 4 of counter
type KSN []byte

// ParseKSN takes 20 hex digits (TDES) or 24 (AES), blanks let pass.
func ParseKSN(s string) (KSN, error) {
	s = strings.Join(strings.Fields(s), "")
	b, err := hex.DecodeString(s)
	if err != nil || (len(b) != 10 && len(b) != 12) {
		return nil, fmt.Errorf("key serial number: %d characters; want 20 hex digits for TDES or 24 for AES", len(s))
	}
	return KSN(b), nil
}

// String returns the hex digits.
func (k KSN) String() string { return fmt.Sprintf("%X", []byte(k)) }

// Counter returns the transaction counter.
func (k KSN) Counter() uint32 {
	switch len(k) {
	case 10:
		return binary.BigEndian.Uint32(k[6:]) & tdesCounter
	case 12:
		return binary.BigEndian.Uint32(k[8:])
	}
	return 0
}

// With returns the same key serial number at another count.
func (k KSN) With(counter uint32) KSN {
	out := append(KSN(nil), k...)
	switch len(k) {
	case 10:
		keep := binary.BigEndian.Uint32(k[6:]) &^ tdesCounter
		binary.BigEndian.PutUint32(out[6:], keep|counter&tdesCounter)
	case 12:
		binary.BigEndian.PutUint32(out[8:], counter)
	}
	return out
}

const (
	tdesCounter = 0x1FFFFF   // X9.24-1: 21 bits, of which at most 10 are set
	aesCounter  = 0xFFFF0000 // X9.24-3: the last of the counts with at most 16 bits set
)

// ErrKSNExhausted says that a device has used up its million (TDES) or two
// thousand million (AES) transactions and needs a new initial key.
var ErrKSNExhausted = errors.New("key serial number: the counter is used up; inject a new initial key")

// Next returns the key serial number of the transaction after k, leaving out the
// counts with too many bits set: a terminal never uses those, so that it needs few
// derivations for each of the others.
func (k KSN) Next() (KSN, error) {
	limit, most := uint32(tdesCounter), 10
	switch len(k) {
	case 10:
	case 12:
		limit, most = aesCounter, 16
	default:
		return nil, k.check()
	}
	c := uint64(k.Counter()) + 1
	for bits.OnesCount64(c) > most {
		c += c & -c // the lowest bit carried on: nothing between is any better
	}
	if c > uint64(limit) {
		return nil, ErrKSNExhausted
	}
	return k.With(uint32(c)), nil
}

func (k KSN) check() error {
	if len(k) != 10 && len(k) != 12 {
		return fmt.Errorf("key serial number: %d bytes; want 10 for TDES or 12 for AES", len(k))
	}
	return nil
}
