package emv

import "testing"

// The ATRs that hold are of public lists (pcsc-tools' smartcard_list.txt) and of EMV Book 1.
func TestCheckATR(t *testing.T) {
	for _, c := range []struct {
		atr  string
		good bool
	}{
		{"3B6500002063CBB800", true},                       // a Visa card
		{"3BE000008131FE45EB", true},                       // EMV's basic ATR of T=1
		{"3B600000", true},                                 // and of T=0
		{"3B8F8001804F0CA000000306030001000000006A", true}, // a MIFARE Classic as PC/SC tells it
		{"3BE000008131FE45EC", false},                      // check byte
		{"3B6500002063CBB8", false},                        // one historical byte short
		{"3B6500002063CBB80000", false},
		{"3C600000", false},
		{"3BE0", false},
		{"3B", false},
		{"", false},
	} {
		if err := CheckATR(unhex(t, c.atr)); (err == nil) != c.good {
			t.Errorf("%s: %v", c.atr, err)
		}
	}
}
