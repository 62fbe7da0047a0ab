package emv

import "fmt"

// bitName gives a bit (byte counted from 1, mask) the words of the books.
type bitName struct {
	bit  uint16
	text string
}

func hasBit(v []byte, bit uint16) bool {
	at := int(bit>>8) - 1
	return at >= 0 && at < len(v) && v[at]&byte(bit) != 0
}

func changeBits[B ~uint16](v []byte, on bool, bits []B) {
	for _, b := range bits {
		at, mask := int(b>>8)-1, byte(b)
		if at < 0 || at >= len(v) {
			continue
		}
		v[at] &^= mask
		if on {
			v[at] |= mask
		}
	}
}

// bitNames spells out the bits that are set, from byte 1 bit 8 on.
func bitNames(v []byte, names []bitName) []string {
	var out []string
	for i, b := range v {
		for bit := 8; bit >= 1; bit-- {
			if mask := byte(1) << (bit - 1); b&mask != 0 {
				out = append(out, bitText(uint16(i+1)<<8|uint16(mask), names))
			}
		}
	}
	return out
}

func bitText(bit uint16, names []bitName) string {
	for _, n := range names {
		if n.bit == bit {
			return n.text
		}
	}
	for n := 8; n >= 1; n-- {
		if bit&0xFF == 1<<(n-1) {
			return fmt.Sprintf("RFU byte %d bit %d", bit>>8, n)
		}
	}
	return fmt.Sprintf("bits %04X", bit)
}

// exact copies src into dst when it is as long.
func exact(dst, src []byte, what string) error {
	if len(src) != len(dst) {
		return fmt.Errorf("%s: %d bytes; want %d", what, len(src), len(dst))
	}
	copy(dst, src)
	return nil
}
