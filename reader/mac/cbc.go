package mac

import (
	"crypto/cipher"
	"crypto/subtle"
)

// CBC is ISO/IEC 9797-1 MAC algorithm 1: the last block of a CBC encryption with
// an IV of zeros. Over single DES with Zeros it is ANSI X9.9 and FIPS 113.
func CBC(b cipher.Block, data []byte, p Padding) []byte {
	return chain(b, p.Pad(data, b.BlockSize()))
}

// Retail is ISO/IEC 9797-1 MAC algorithm 3 (ANSI X9.19; EMV Book 2 A1.2.1): a
// single DES chain under the first part of the key, whose last block is then
// deciphered under the second and enciphered under the first (of a triple-length
// key, the third). With a single-length key there is nothing to add to algorithm 1.
func Retail(t *TDES, data []byte, p Padding) []byte {
	m := chain(t.head, p.Pad(data, t.BlockSize()))
	if t.mid != nil {
		t.mid.Decrypt(m, m)
		t.tail.Encrypt(m, m)
	}
	return m
}

// X99 is the MAC of ANSI X9.9: CBC with zero padding. A double-length key makes
// the chain triple DES, as acquirers that kept the name do.
func X99(t *TDES, data []byte) []byte { return CBC(t, data, Zeros) }

// X919 is the MAC of ANSI X9.19: Retail with zero padding.
func X919(t *TDES, data []byte) []byte { return Retail(t, data, Zeros) }

// chain returns the last block of a CBC encryption of whole blocks, IV zero.
func chain(b cipher.Block, padded []byte) []byte {
	size := b.BlockSize()
	m := make([]byte, size)
	for ; len(padded) >= size; padded = padded[size:] {
		subtle.XORBytes(m, m, padded[:size])
		b.Encrypt(m, m)
	}
	return m
}
