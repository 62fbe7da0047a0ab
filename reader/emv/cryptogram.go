package emv

import (
	"crypto/subtle"
	"errors"
	"fmt"

	"possim/reader/mac"
)

// ApplicationCryptogram is the MAC that an ARQC, a TC or an AAC is: ISO/IEC 9797-1
// algorithm 3 over the data a scheme chooses (EMV Book 2, 8.1.2).
func ApplicationCryptogram(session Key, data []byte, p mac.Padding) ([]byte, error) {
	if session.Zero() {
		return nil, errNoKey
	}
	return mac.Retail(session.Cipher(), data, p), nil
}

// ARPC1 is the issuer's answer to an ARQC by method 1: the ARQC with the two-byte
// response code XORed into its front, enciphered; eight bytes (Book 2, 8.2.1).
func ARPC1(key Key, arqc, responseCode []byte) ([]byte, error) {
	switch {
	case key.Zero():
		return nil, errNoKey
	case len(arqc) != 8 || len(responseCode) != 2:
		return nil, fmt.Errorf("ARPC method 1: an ARQC of %d and a response code of %d bytes; want 8 and 2", len(arqc), len(responseCode))
	}
	var y [8]byte
	copy(y[:], responseCode)
	subtle.XORBytes(y[:], y[:], arqc)
	return key.encrypt(y[:]), nil
}

// ARPC2 is the issuer's answer by method 2: the first four bytes of the MAC over the
// ARQC, the four-byte Card Status Update and up to eight bytes of proprietary data
// (Book 2, 8.2.2).
func ARPC2(key Key, arqc, statusUpdate, proprietary []byte) ([]byte, error) {
	switch {
	case key.Zero():
		return nil, errNoKey
	case len(arqc) != 8 || len(statusUpdate) != 4 || len(proprietary) > 8:
		return nil, fmt.Errorf("ARPC method 2: an ARQC of %d, a CSU of %d and %d bytes of proprietary data; want 8, 4 and 0 to 8",
			len(arqc), len(statusUpdate), len(proprietary))
	}
	data := append(append(append([]byte(nil), arqc...), statusUpdate...), proprietary...)
	return mac.Retail(key.Cipher(), data, mac.OneAndZeros)[:4], nil
}

// ScriptMAC is the MAC of an issuer script command, of n bytes, 4 to 8: ISO/IEC 9797-1
// algorithm 3 over what the scheme chooses (Book 2, 9.2.3).
func ScriptMAC(session Key, message []byte, n int) ([]byte, error) {
	switch {
	case session.Zero():
		return nil, errNoKey
	case n < 4 || n > 8:
		return nil, fmt.Errorf("script MAC: %d bytes; want 4 to 8", n)
	}
	return mac.Retail(session.Cipher(), message, mac.OneAndZeros)[:n], nil
}

// Concealment is how a script's confidential data is enciphered.
type Concealment int

// The ways of the schemes.
const (
	ConcealVisa       Concealment = iota // length byte in front, padding 80 00.., ECB
	ConcealMastercard                    // padding 80 00.. unless whole blocks, CBC
	ConcealEMV                           // padding 80 00.. always, CBC (Book 2, 9.3.1.1)
)

// Encipher enciphers the confidential data of a script command.
func (c Concealment) Encipher(session Key, data []byte) ([]byte, error) {
	if session.Zero() {
		return nil, errNoKey
	}
	if len(data) > 0xFF {
		return nil, fmt.Errorf("script data: %d bytes; a command carries at most 255", len(data))
	}
	switch {
	case c == ConcealVisa:
		return session.encrypt(mac.OneAndZeros.Pad(append([]byte{byte(len(data))}, data...), 8)), nil
	case c == ConcealMastercard && len(data)%8 == 0:
		return cbc(session, data), nil
	}
	return cbc(session, mac.OneAndZeros.Pad(data, 8)), nil
}

// errConceal says nothing of what it found, which is or would be a PIN.
var errConceal = errors.New("script data: it does not decipher to what was enciphered; the key is another, or the data was changed")

// Decipher is the card's side of Encipher.
func (c Concealment) Decipher(session Key, data []byte) ([]byte, error) {
	if session.Zero() {
		return nil, errNoKey
	}
	if len(data) == 0 || len(data)%8 != 0 {
		return nil, fmt.Errorf("script data: %d bytes; want whole blocks of eight", len(data))
	}
	clear, last := make([]byte, len(data)), make([]byte, 8)
	for i := 0; i < len(data); i += 8 {
		session.Cipher().Decrypt(clear[i:], data[i:i+8])
		if c != ConcealVisa {
			subtle.XORBytes(clear[i:i+8], clear[i:i+8], last)
			last = data[i : i+8]
		}
	}
	if c == ConcealVisa {
		n := int(clear[0])
		if n+1 > len(clear) || !padded(clear[n+1:]) {
			return nil, errConceal
		}
		return clear[1 : n+1], nil
	}
	for end := len(clear) - 1; end >= max(0, len(clear)-8); end-- {
		if clear[end] == 0x80 {
			return clear[:end], nil
		}
		if clear[end] != 0 {
			break
		}
	}
	if c == ConcealMastercard { // whole blocks carry no padding
		return clear, nil
	}
	return nil, errConceal
}

// padded reports whether b is 80 and at most seven zeros.
func padded(b []byte) bool {
	if len(b) == 0 || len(b) > 8 || b[0] != 0x80 {
		return false
	}
	for _, c := range b[1:] {
		if c != 0 {
			return false
		}
	}
	return true
}

// cbc enciphers whole blocks in CBC with an IV of zeros.
func cbc(k Key, data []byte) []byte {
	out, last := make([]byte, len(data)), make([]byte, 8)
	for i := 0; i < len(data); i += 8 {
		subtle.XORBytes(last, last, data[i:i+8])
		k.Cipher().Encrypt(out[i:i+8], last)
		copy(last, out[i:i+8])
	}
	return out
}
