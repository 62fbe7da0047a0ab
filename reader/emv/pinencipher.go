package emv

import (
	"errors"
	"fmt"
	"io"
)

// pinHeader starts a PIN before it is enciphered for a card (EMV Book 2, 7.2).
const pinHeader = 0x7F

// EncipherPIN makes the data of VERIFY with an enciphered PIN: 7F, the PIN block, the
// card's challenge (GET CHALLENGE, eight bytes) and random bytes, under the card's key
// or its key for PINs.
func (k PublicKey) EncipherPIN(block, challenge []byte, random io.Reader) ([]byte, error) {
	if len(block) != 8 || len(challenge) != 8 {
		return nil, fmt.Errorf("PIN encipherment: a block of %d bytes and a challenge of %d; want 8 and 8", len(block), len(challenge))
	}
	if _, _, err := k.numbers(); err != nil {
		return nil, err
	}
	data := make([]byte, k.Size())
	data[0] = pinHeader
	copy(data[1:], block)
	copy(data[9:], challenge)
	if _, err := io.ReadFull(random, data[17:]); err != nil {
		return nil, fmt.Errorf("PIN encipherment: the source of randomness failed: %w", err)
	}
	// 7F makes it smaller than any modulus whose highest bit is set, as EMV's is.
	return k.Encipher(data)
}

// DecipherPIN is the card's side of EncipherPIN: block and challenge. The card compares
// the challenge with its own before it looks at the PIN.
func (k PrivateKey) DecipherPIN(data []byte) (block, challenge []byte, err error) {
	clear, err := k.Decipher(data)
	if err != nil {
		return nil, nil, err
	}
	if clear[0] != pinHeader {
		return nil, nil, errors.New("enciphered PIN: it does not decipher to one; it was enciphered under another key")
	}
	return clear[1:9], clear[9:17], nil
}
