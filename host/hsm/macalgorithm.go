package hsm

import (
	"errors"
	"fmt"

	"possim/reader/mac"
)

// Seal computes the MAC over the bytes before it. It is an alias, so that it goes
// wherever a dialect wants a function of this shape.
type Seal = func(mab []byte) ([]byte, error)

// MACAlgorithm is how F64 is computed, by the name a user gives it.
type MACAlgorithm string

// The algorithms. All of them fill the eight bytes of F64.
const (
	MACECB  MACAlgorithm = "ecb"   // UnionPay's direct POS: eight hex digits as characters
	MACX99  MACAlgorithm = "x9.9"  // CBC under the TAK: eight raw bytes
	MACX919 MACAlgorithm = "x9.19" // the retail MAC: eight raw bytes
	MACCMAC MACAlgorithm = "cmac"  // the first eight bytes of CMAC; of AES or TDES by the TAK
)

// ErrMAC is wrapped by the error of a MAC that does not verify (answered A0).
var ErrMAC = errors.New("the MAC does not verify")

// ParseMACAlgorithm takes a name as it stands in a file or an option.
func ParseMACAlgorithm(name string) (MACAlgorithm, error) {
	switch a := MACAlgorithm(name); a {
	case MACECB, MACX99, MACX919, MACCMAC:
		return a, nil
	}
	return "", fmt.Errorf("MAC algorithm %q is not known; want ecb, x9.9, x9.19 or cmac", name)
}

// Sealer makes a TAK ready to seal messages with. The Seal it returns is safe for
// concurrent use. The algorithms other than CMAC want a TDES key.
func (a MACAlgorithm) Sealer(tak Key) (Seal, error) {
	if _, err := ParseMACAlgorithm(string(a)); err != nil {
		return nil, err
	}
	if a == MACCMAC {
		if tak.cipher() == nil {
			return nil, errors.New("MAC: TAK: there is no key for a cipher")
		}
		return func(mab []byte) ([]byte, error) { return mac.CMAC(tak.cipher(), mab)[:8], nil }, nil
	}
	if err := tak.need("MAC: TAK", TDES); err != nil {
		return nil, err
	}
	t := tak.cipher().(*mac.TDES)
	switch a {
	case MACX99:
		return func(mab []byte) ([]byte, error) { return mac.X99(t, mab), nil }, nil
	case MACX919:
		return func(mab []byte) ([]byte, error) { return mac.X919(t, mab), nil }, nil
	}
	return func(mab []byte) ([]byte, error) { return mac.ECBField(t, mab), nil }, nil
}

// Verify checks the MAC a message carried, in constant time. Its error wraps
// ErrMAC when it is another one, and shows neither.
func Verify(s Seal, mab, got []byte) error {
	want, err := s(mab)
	if err != nil {
		return err
	}
	if !mac.Equal(want, got) {
		return fmt.Errorf("F64: %w", ErrMAC)
	}
	return nil
}
