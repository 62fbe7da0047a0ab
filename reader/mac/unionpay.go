package mac

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// ECB is the 银联 POS "ECB" MAC of UnionPay's direct-POS dialect. The blocks of
// eight, the last filled with zeros, are XORed into one; its 16 upper-case hex
// digits A are enciphered as
//
//	E( E(A[0:8]) XOR A[8:16] )
//
// with single DES under a single-length MAK and triple DES under a longer one. It
// returns the eight bytes of that; F64 carries the first eight hex digits of them,
// as characters (see ECBField).
func ECB(b cipher.Block, mab []byte) []byte {
	var x [8]byte
	for i, c := range mab {
		x[i%8] ^= c
	}
	a := []byte(strings.ToUpper(hex.EncodeToString(x[:])))
	m := make([]byte, 8)
	b.Encrypt(m, a[:8])
	subtle.XORBytes(m, m, a[8:])
	b.Encrypt(m, m)
	return m
}

// ECBField is the ECB MAC as F64 carries it: eight ASCII hex digits.
func ECBField(b cipher.Block, mab []byte) []byte {
	return []byte(strings.ToUpper(hex.EncodeToString(ECB(b, mab)[:4])))
}
