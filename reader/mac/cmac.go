package mac

import (
	"crypto/cipher"
	"crypto/subtle"
)

// CMAC is the cipher-based MAC of NIST SP 800-38B (ISO/IEC 9797-1 algorithm 5)
// over DES or AES: one block of 8 or 16 bytes. CMAC of a block size that is neither
// has no constant in the standard, and no such cipher is used in payment.
func CMAC(b cipher.Block, data []byte) []byte {
	size := b.BlockSize()
	k1 := make([]byte, size)
	b.Encrypt(k1, k1)
	double(k1)
	whole := max(len(data)-1, 0) / size * size // all blocks but the last, which may be empty
	last := make([]byte, size)
	n := copy(last, data[whole:])
	if n < size {
		last[n] = 0x80
		double(k1) // K2
	}
	subtle.XORBytes(last, last, k1)
	m := chain(b, data[:whole])
	subtle.XORBytes(m, m, last)
	b.Encrypt(m, m)
	return m
}

// double multiplies by x in GF(2^64) or GF(2^128) (SP 800-38B 6.1, R64 and R128).
func double(k []byte) {
	r := byte(0x87)
	if len(k) == 8 {
		r = 0x1b
	}
	carry := k[0] >> 7
	for i := range k[:len(k)-1] {
		k[i] = k[i]<<1 | k[i+1]>>7
	}
	k[len(k)-1] = k[len(k)-1]<<1 ^ carry*r
}
