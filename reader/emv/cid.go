package emv

import "fmt"

// CID is the Cryptogram Information Data (9F27): what kind of cryptogram the card
// gave, whether it wants an advice, and why (EMV Book 3, 6.5.5.4, table 14).
type CID byte

// CryptogramType is what a terminal asks for in P1 of GENERATE AC and what the card
// answers with in its CID. A card may go down from what was asked, never up.
type CryptogramType byte

// The kinds of cryptogram.
const (
	AAC  CryptogramType = 0x00 // declined
	TC   CryptogramType = 0x40 // approved offline, or after the issuer said yes
	ARQC CryptogramType = 0x80 // to be sent to the issuer
)

// Bits of P1 of GENERATE AC beside the type: sign the answer too (EMV Book 3, 6.5.5.2).
const (
	AskCDA byte = 0x10
	AskXDA byte = 0x08
)

// String names the kind.
func (t CryptogramType) String() string {
	switch t & 0xC0 {
	case AAC:
		return "AAC"
	case TC:
		return "TC"
	case ARQC:
		return "ARQC"
	}
	return "RFU cryptogram"
}

// Type returns the kind of cryptogram.
func (c CID) Type() CryptogramType { return CryptogramType(c & 0xC0) }

// Advice reports whether the card wants an advice message to its issuer.
func (c CID) Advice() bool { return c&0x08 != 0 }

// Reason says why, in the books' words.
func (c CID) Reason() string {
	reasons := [...]string{"no information given", "service not allowed", "PIN try limit exceeded", "issuer authentication failed"}
	if n := int(c & 7); n < len(reasons) {
		return reasons[n]
	}
	return fmt.Sprintf("RFU reason %d", c&7)
}

// String returns kind, advice and reason.
func (c CID) String() string {
	s := c.Type().String()
	if c.Advice() {
		s += ", advice required"
	}
	if c&7 != 0 {
		s += ", " + c.Reason()
	}
	return s
}
