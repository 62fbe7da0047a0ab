package pcsc_test

import (
	"encoding/hex"
	"fmt"

	"possim/reader/pcsc"
)

// What a contactless reader makes of cards that have no ATR of their own says what they are.
func ExampleCardType() {
	for _, text := range []string{"3B8F8001804F0CA000000306030001000000006A", "3B80800101", "3B6500002063CBB800"} {
		atr, _ := hex.DecodeString(text)
		fmt.Printf("%q\n", pcsc.CardType(atr))
	}
	// Output:
	// "MIFARE Classic 1K (ISO/IEC 14443 A part 3)"
	// "processor card (ISO/IEC 14443-4)"
	// ""
}
