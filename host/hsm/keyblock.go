package hsm

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// KeyBlock is the header of a TR-31 (ANSI X9.143) key block: what the key is for,
// in clear but under the block's MAC. Its letters are the standard's.
type KeyBlock struct {
	Version       byte     // A, C: variants of a TDES key; B: derived from one; D, E: derived from an AES key
	Usage         string   // two letters: K0 key encryption, P0 PIN, M3 MAC, D0 data, B0 BDK, B1 initial key ...
	Algorithm     byte     // T (TDES), D (DES), A (AES), H (HMAC)
	Mode          byte     // E, D, B (encrypt, decrypt, both), G, V, C (MACs), N, X, S, T, Y
	KeyVersion    string   // two characters; "00" when it is not used
	Exportability byte     // E under a trusted key, S also else, N not
	Reserved      string   // "00"; X9.143 gives it meanings of its own
	Optional      []Option // in their order
}

// Option is one optional block of a key block: KS the key serial number, KP and KC
// check values, PB padding.
type Option struct{ ID, Data string }

// ErrKeyBlock is wrapped by the error of a key block that does not verify.
var ErrKeyBlock = errors.New("the key block does not verify: another protection key, or it was changed")

const headerLength = 16

// ParseKeyBlock reads the header of a key block without opening it. Its errors name
// the place and show nothing after the header.
func ParseKeyBlock(block string) (KeyBlock, error) {
	h, _, err := splitKeyBlock(block)
	return h, err
}

// splitKeyBlock also returns where the enciphered part starts.
func splitKeyBlock(block string) (KeyBlock, int, error) {
	if len(block) < headerLength {
		return KeyBlock{}, 0, fmt.Errorf("key block: %d characters; the header alone has %d", len(block), headerLength)
	}
	if i := strings.IndexFunc(block, notPrintable); i >= 0 {
		return KeyBlock{}, 0, fmt.Errorf("key block: character %d is not printable ASCII", i+1)
	}
	if i := strings.IndexFunc(block[:headerLength], notAlphanumeric); i >= 0 {
		return KeyBlock{}, 0, fmt.Errorf("key block: character %d of the header is neither a letter nor a digit", i+1)
	}
	h := KeyBlock{
		Version: block[0], Usage: block[5:7], Algorithm: block[7], Mode: block[8],
		KeyVersion: block[9:11], Exportability: block[11], Reserved: block[14:16],
	}
	if _, err := h.method(); err != nil {
		return KeyBlock{}, 0, err
	}
	if n, err := decimal(block[1:5]); err != nil || n != len(block) {
		return KeyBlock{}, 0, fmt.Errorf("key block: characters 2 to 5 are not its length, which is %d", len(block))
	}
	count, err := decimal(block[12:14])
	if err != nil {
		return KeyBlock{}, 0, errors.New("key block: characters 13 and 14 are not the number of optional blocks")
	}
	at := headerLength
	for range count {
		o, next, err := parseOption(block, at)
		if err != nil {
			return KeyBlock{}, 0, err
		}
		h.Optional, at = append(h.Optional, o), next
	}
	return h, at, nil
}

// parseOption reads the optional block at an offset: two letters, its length in two
// hex digits with these four characters, its data. A length of 00 is followed by how
// many bytes of length, in hex too, there are instead (X9.143:2021 6.2 table 1).
func parseOption(block string, at int) (Option, int, error) {
	broken := func() (Option, int, error) {
		return Option{}, 0, fmt.Errorf("key block: the optional block at character %d does not hold together", at+1)
	}
	if at+4 > len(block) {
		return broken()
	}
	n, err := hexNumber(block[at+2 : at+4])
	from := at + 4
	if err == nil && n == 0 {
		if from+2 > len(block) {
			return broken()
		}
		size, err2 := hexNumber(block[from : from+2])
		from += 2
		digits := 2 * size
		if err2 != nil || size > 2 || from+digits > len(block) {
			return broken()
		}
		n, err = hexNumber(block[from : from+digits])
		from += digits
	}
	if err != nil || at+n < from || at+n > len(block) || strings.IndexFunc(block[at:at+2], notAlphanumeric) >= 0 {
		return broken()
	}
	return Option{ID: block[at : at+2], Data: block[from : at+n]}, at + n, nil
}

// format writes the header for a block of a length.
func (h KeyBlock) format(total int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%c%04d%s%c%c%s%c%02d%s", h.Version, total, h.Usage, h.Algorithm, h.Mode,
		h.KeyVersion, h.Exportability, len(h.Optional), h.Reserved)
	for _, o := range h.Optional {
		if n := len(o.Data) + 4; n <= 0xFF {
			fmt.Fprintf(&b, "%s%02X%s", o.ID, n, o.Data)
		} else {
			fmt.Fprintf(&b, "%s0002%04X%s", o.ID, len(o.Data)+10, o.Data)
		}
	}
	return b.String()
}

// keyAlgorithm is the family of the key inside.
func (h KeyBlock) keyAlgorithm() (Algorithm, error) {
	switch h.Algorithm {
	case 'T', 'D':
		return TDES, nil
	case 'A':
		return AES, nil
	case 'H':
		return HMAC, nil
	}
	return 0, fmt.Errorf("key block: algorithm %q is not known here; want T, D, A or H", h.Algorithm)
}

// check refuses what cannot stand in a header.
func (h KeyBlock) check() error {
	fixed := h.Usage + h.KeyVersion + h.Reserved + string([]byte{h.Algorithm, h.Mode, h.Exportability})
	switch {
	case len(h.Usage) != 2 || len(h.KeyVersion) != 2 || len(h.Reserved) != 2:
		return errors.New("key block: usage, key version and reserved field have two characters each")
	case strings.IndexFunc(fixed, notAlphanumeric) >= 0:
		return errors.New("key block: a character of the header is neither a letter nor a digit")
	case len(h.Optional) > 99:
		return fmt.Errorf("key block: %d optional blocks; at most 99", len(h.Optional))
	}
	for i, o := range h.Optional {
		if len(o.ID) != 2 || strings.IndexFunc(o.ID, notAlphanumeric) >= 0 || strings.IndexFunc(o.Data, notPrintable) >= 0 || len(o.Data) > 9000 {
			return fmt.Errorf("key block: optional block %d has no ID of two characters, or data that cannot be written", i+1)
		}
	}
	return nil
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

func notAlphanumeric(r rune) bool {
	return notDigit(r) && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func decimal(s string) (int, error) {
	if strings.IndexFunc(s, notDigit) >= 0 {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(s)
}

func hexNumber(s string) (int, error) {
	if s == "" || strings.IndexFunc(s, notHex) >= 0 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(s, 16, 32)
	return int(n), err
}

// unhexBlock decodes the enciphered part; its error shows none of it.
func unhexBlock(block string, at int) ([]byte, error) {
	b, err := hex.DecodeString(block[at:])
	if err != nil {
		return nil, fmt.Errorf("key block: what follows character %d is not whole bytes of hex digits", at)
	}
	return b, nil
}
