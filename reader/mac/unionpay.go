package mac

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
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
func ECB(b cipher.Block, mab []byte) []byte { return ecb(make([]byte, 24), b, mab) }

// ecb works in 24 bytes of room, of which it returns the first eight.
func ecb(room []byte, b cipher.Block, mab []byte) []byte {
	var x uint64
	for ; len(mab) >= 8; mab = mab[8:] {
		x ^= binary.BigEndian.Uint64(mab)
	}
	var last [8]byte
	copy(last[:], mab)
	m, a := room[:8:8], upperHex(room[8:8], x^binary.BigEndian.Uint64(last[:]))
	b.Encrypt(m, a[:8])
	subtle.XORBytes(m, m, a[8:])
	b.Encrypt(m, m)
	return m
}

// upperHex appends the sixteen digits of x.
func upperHex(dst []byte, x uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[x>>shift&0xF])
	}
	return dst
}

// ECBField is the ECB MAC as F64 carries it: eight ASCII hex digits.
func ECBField(b cipher.Block, mab []byte) []byte {
	room := make([]byte, 24)
	m := ecb(room, b, mab)
	return upperHex(room[8:8], binary.BigEndian.Uint64(m))[:8:8]
}
