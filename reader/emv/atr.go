package emv

import (
	"errors"
	"fmt"
)

// CheckATR says what is wrong with an Answer To Reset: one that a reader at level 1 would
// not take (ISO/IEC 7816-3, 8.2; EMV Book 1, 8.3). It looks at the form alone: what the
// card offers in it is the reader's business.
func CheckATR(atr []byte) error {
	if len(atr) < 2 {
		return fmt.Errorf("ATR: %d bytes; the shortest has two", len(atr))
	}
	if atr[0] != 0x3B && atr[0] != 0x3F {
		return fmt.Errorf("ATR: it begins with %02X; want 3B or 3F", atr[0])
	}
	at, historical, checked := 2, int(atr[1]&0x0F), false
	for more := atr[1] >> 4; more != 0; {
		next := byte(0)
		for bit := range 4 { // TA, TB, TC, TD
			if more&(1<<bit) == 0 {
				continue
			}
			if at >= len(atr) {
				return errors.New("ATR: it ends among its interface bytes")
			}
			if bit == 3 {
				next = atr[at] >> 4
				checked = checked || atr[at]&0x0F != 0 // a protocol but T=0 brings a check byte
			}
			at++
		}
		more = next
	}
	at += historical
	if checked {
		at++
	}
	if at != len(atr) {
		return fmt.Errorf("ATR: %d bytes, and its structure has %d", len(atr), at)
	}
	sum := byte(0)
	for _, b := range atr[1:] {
		sum ^= b
	}
	if checked && sum != 0 {
		return errors.New("ATR: its check byte is wrong")
	}
	return nil
}
