package mac

import "crypto/cipher"

// KCV returns the check value of a key, to be cut to as many bytes as the party
// across shows: 3 on most HSMs, 4 in UnionPay's F62, 5 for AES in X9.24-1.
//
// For DES it is the encipherment of a zero block, for AES the CMAC of one, so that
// it does not give away an encipherment other uses rely on (ANSI X9.24-1:2017 A.2).
func KCV(b cipher.Block) []byte {
	zeros := make([]byte, b.BlockSize())
	if b.BlockSize() == 16 {
		return CMAC(b, zeros)
	}
	b.Encrypt(zeros, zeros)
	return zeros
}
