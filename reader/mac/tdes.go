package mac

import (
	"crypto/cipher"
	"crypto/des"
	"fmt"
)

// TDES is a DES or triple DES key ready for use. It is a cipher.Block, safe for
// concurrent use, and prints as what it is, never as its key.
type TDES struct {
	full cipher.Block // EDE with all parts
	head cipher.Block // single DES with the first part: the chain of algorithm 3
	mid  cipher.Block // single DES with the second part, nil for a single-length key
	tail cipher.Block // single DES with the last part: the end of algorithm 3
	size int
}

// NewTDES takes a key of 8 (single DES), 16 (two-key: K1 K2 K1) or 24 bytes.
// Parity bits are not looked at.
func NewTDES(key []byte) (*TDES, error) {
	t := &TDES{size: len(key)}
	switch len(key) {
	case 8:
		t.head, _ = des.NewCipher(key)
		t.full, t.tail = t.head, t.head
		return t, nil
	case 16:
		key = append(append(make([]byte, 0, 24), key...), key[:8]...)
	case 24:
	default:
		return nil, fmt.Errorf("DES key: %d bytes; want 8, 16 or 24", len(key))
	}
	t.head, _ = des.NewCipher(key[:8])
	t.mid, _ = des.NewCipher(key[8:16])
	t.tail, _ = des.NewCipher(key[16:])
	t.full, _ = des.NewTripleDESCipher(key)
	return t, nil
}

// BlockSize returns 8.
func (t *TDES) BlockSize() int { return des.BlockSize }

// Encrypt enciphers one block (FIPS 46-3, EDE).
func (t *TDES) Encrypt(dst, src []byte) { t.full.Encrypt(dst, src) }

// Decrypt deciphers one block.
func (t *TDES) Decrypt(dst, src []byte) { t.full.Decrypt(dst, src) }

// Format implements fmt.Formatter: no verb shows the key schedule.
func (t *TDES) Format(f fmt.State, _ rune) {
	if t == nil {
		fmt.Fprint(f, "no DES key")
		return
	}
	fmt.Fprintf(f, "DES key of %d bytes", t.size)
}
