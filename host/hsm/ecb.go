package hsm

import "crypto/cipher"

// encryptECB and decryptECB work block by block on whole blocks, as keys under a
// TMK and PIN blocks are carried.
func encryptECB(b cipher.Block, src []byte) []byte { return eachBlock(b.Encrypt, b.BlockSize(), src) }

func decryptECB(b cipher.Block, src []byte) []byte { return eachBlock(b.Decrypt, b.BlockSize(), src) }

func eachBlock(do func(dst, src []byte), size int, src []byte) []byte {
	dst := make([]byte, len(src))
	for i := 0; i+size <= len(src); i += size {
		do(dst[i:i+size], src[i:i+size])
	}
	return dst
}

// xorAll returns a copy of b with every byte XORed with the mask, repeated.
func xorAll(b []byte, mask ...byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = b[i] ^ mask[i%len(mask)]
	}
	return out
}
