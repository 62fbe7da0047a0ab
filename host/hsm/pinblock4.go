package hsm

import (
	"crypto/subtle"

	"possim/reader/card"
)

// Format 4 enciphers twice with the PAN field between (ISO 9564-1:2017, 9.4.2):
//
//	block = E( E(PIN field) XOR PAN field )

func encipher4(k Key, pinField []byte, pan card.PAN) []byte {
	out := encryptECB(k.cipher(), pinField)
	subtle.XORBytes(out, out, panField4(pan))
	return encryptECB(k.cipher(), out)
}

func decipher4(k Key, block []byte, pan card.PAN) []byte {
	out := decryptECB(k.cipher(), block)
	subtle.XORBytes(out, out, panField4(pan))
	return decryptECB(k.cipher(), out)
}

// panField4 is the number of digits beyond twelve, the PAN with its check digit,
// zeros before a shorter one, and zeros to 16 bytes.
func panField4(pan card.PAN) []byte {
	s := pan.Reveal()
	nibbles := []byte{byte(max(len(s)-12, 0))}
	nibbles = fill(nibbles, 13-min(len(s), 12), 0)
	for i := range s {
		nibbles = append(nibbles, s[i]-'0')
	}
	return pack(fill(nibbles, 32, 0))
}
