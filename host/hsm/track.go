package hsm

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// EncryptTrack2 enciphers track 2 as UnionPay's direct dialect does (磁道加密,
// F53.3 = 1): the digits are packed with the separator as D, an odd count filled
// with 0, and the eight bytes that end at the last byte but one are enciphered
// under the TDK in their place. What comes back has as many digits as went in, some
// of them A to F, and is F35 as it stands.
func EncryptTrack2(tdk Key, t card.TrackData) (card.TrackData, error) {
	return cryptTrack(tdk, t, 0, encryptECB)
}

// DecryptTrack2 is the way back. Separators come back as '='.
func DecryptTrack2(tdk Key, t card.TrackData) (card.TrackData, error) {
	return decryptTrack(tdk, t, 0)
}

// EncryptTrack3 does the same to track 3, F36, whose odd count is filled with F.
func EncryptTrack3(tdk Key, t card.TrackData) (card.TrackData, error) {
	return cryptTrack(tdk, t, 0xF, encryptECB)
}

// DecryptTrack3 is the way back. Separators come back as '='.
func DecryptTrack3(tdk Key, t card.TrackData) (card.TrackData, error) {
	return decryptTrack(tdk, t, 0xF)
}

// ErrTrack is wrapped by the error of a track that deciphers to no track at all.
var ErrTrack = errors.New("it holds no track: wrong TDK, or it was not enciphered")

func decryptTrack(tdk Key, t card.TrackData, pad byte) (card.TrackData, error) {
	out, err := cryptTrack(tdk, t, pad, decryptECB)
	if err != nil {
		return "", err
	}
	s := strings.ReplaceAll(out.Reveal(), "D", "=")
	if strings.IndexFunc(s, func(r rune) bool { return notDigit(r) && r != '=' }) >= 0 {
		return "", fmt.Errorf("enciphered track: %w", ErrTrack)
	}
	return card.TrackData(s), nil
}

func cryptTrack(tdk Key, t card.TrackData, pad byte, do func(b cipher.Block, src []byte) []byte) (card.TrackData, error) {
	if err := tdk.need("track: TDK", TDES); err != nil {
		return "", err
	}
	s := strings.ToUpper(strings.ReplaceAll(t.Reveal(), "=", "D"))
	if strings.IndexFunc(s, notHex) >= 0 {
		return "", errors.New("track: a character is neither a digit nor a separator")
	}
	if len(s) < 17 {
		return "", fmt.Errorf("track: %d characters; at least 17 are needed to encipher eight bytes before the last", len(s))
	}
	nibbles := make([]byte, 0, len(s)+1)
	for i := range s {
		nibbles = append(nibbles, unhexDigit(s[i]))
	}
	if len(nibbles)%2 != 0 {
		nibbles = append(nibbles, pad)
	}
	packed := pack(nibbles)
	tdb := packed[len(packed)-9 : len(packed)-1]
	copy(tdb, do(tdk.cipher(), tdb))
	return card.TrackData(fmt.Sprintf("%X", packed)[:len(s)]), nil
}

func unhexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'A' + 10
}
