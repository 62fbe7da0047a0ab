package hsm

import (
	"errors"
	"fmt"
	"io"

	"possim/reader/card"
)

// PINFormat is how a PIN is laid out before it is enciphered.
type PINFormat int

// The formats of ISO 9564-1, and the one UnionPay's F53 calls format 1.
const (
	ISO0  PINFormat = 0 // PIN, F fill, XOR the PAN: F52 of most dialects; F53.1 = 2
	ISO1  PINFormat = 1 // PIN, random fill, no PAN: for where there is none yet
	ISO2  PINFormat = 2 // PIN, F fill, no PAN: to a chip card, never to a host
	ISO3  PINFormat = 3 // as ISO0 with a random fill of A to F
	ISO4  PINFormat = 4 // two AES blocks with the PAN between them
	NoPAN PINFormat = 5 // as ISO0 with a PAN field of zeros: F53.1 = 1
)

// ErrPINBlock is wrapped by the error of a block that does not hold a PIN of the
// format asked for. Which of key, PAN or format is wrong cannot be told apart.
var ErrPINBlock = errors.New("the block holds no PIN of this format: wrong key, wrong PAN or another format")

// String names the format.
func (f PINFormat) String() string {
	if f == NoPAN {
		return "ISO format 0 without PAN"
	}
	return fmt.Sprintf("ISO format %d", int(f))
}

// Size returns the length of an enciphered block: 16 for ISO4, 8 for the others.
func (f PINFormat) Size() int {
	if f == ISO4 {
		return 16
	}
	return 8
}

// Encrypt lays a PIN out and enciphers it under k: F52, or the block after a
// DUKPT key serial number. Formats 1, 3 and 4 draw their fill from random, the
// others may be given nil. Format 4 wants an AES key, the others a TDES one.
func (f PINFormat) Encrypt(k Key, pin PIN, pan card.PAN, random io.Reader) ([]byte, error) {
	if err := f.wants(k); err != nil {
		return nil, err
	}
	clear, err := f.Build(pin, pan, random)
	if err == nil && f == ISO4 {
		err = panUsable(pan)
	}
	if err != nil {
		return nil, err
	}
	if f == ISO4 {
		return encipher4(k, clear, pan), nil
	}
	return encryptECB(k.cipher(), clear), nil
}

// Decrypt recovers the PIN of an enciphered block. The error of a block that holds
// none wraps ErrPINBlock.
func (f PINFormat) Decrypt(k Key, block []byte, pan card.PAN) (PIN, error) {
	if err := f.wants(k); err != nil {
		return PIN{}, err
	}
	if len(block) != f.Size() {
		return PIN{}, fmt.Errorf("PIN block: %d bytes; want %d for %v", len(block), f.Size(), f)
	}
	if f == ISO4 {
		if err := panUsable(pan); err != nil {
			return PIN{}, err
		}
		return f.Recover(decipher4(k, block, pan), pan)
	}
	return f.Recover(decryptECB(k.cipher(), block), pan)
}

// wants checks that k is a key for format f.
func (f PINFormat) wants(k Key) error {
	switch f {
	case ISO4:
		return k.need("PIN block", AES)
	case ISO0, ISO1, ISO2, ISO3, NoPAN:
		return k.need("PIN block", TDES)
	}
	return fmt.Errorf("PIN block: format %d is not known; want 0 to 4", int(f))
}

// TranslatePIN re-enciphers a PIN from one key and format to another, as an
// acquirer does between terminal and issuer. The clear PIN leaves neither.
func TranslatePIN(from Key, was PINFormat, block []byte, to Key, is PINFormat, pan card.PAN, random io.Reader) ([]byte, error) {
	pin, err := was.Decrypt(from, block, pan)
	if err != nil {
		return nil, fmt.Errorf("translate: %w", err)
	}
	return is.Encrypt(to, pin, pan, random)
}
