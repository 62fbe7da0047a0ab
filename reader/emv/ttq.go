package emv

// TTQ is the Terminal Transaction Qualifiers (9F66): what a contactless reader can do and wants
// (EMV Book A table 5-4, Book C-3; in qPBOC byte 1 bit 7 is contactless debit/credit and byte 3 is zero (Book C-7 table 3-1)).
// It prints as its hex digits; Names spells them out.
type TTQ [4]byte

// TTQBit is one bit of a TTQ: its byte, counted from 1, and its mask.
type TTQBit uint16

// The bits (EMV Book A table 5-4, Book C-3).
const (
	TTQStripeMode       TTQBit = 0x0180
	TTQDebitCredit      TTQBit = 0x0140
	TTQEMVMode          TTQBit = 0x0120
	TTQContact          TTQBit = 0x0110
	TTQOfflineOnly      TTQBit = 0x0108
	TTQOnlinePIN        TTQBit = 0x0104
	TTQSignature        TTQBit = 0x0102
	TTQODAOnline        TTQBit = 0x0101
	TTQOnlineCryptogram TTQBit = 0x0280
	TTQCVMRequired      TTQBit = 0x0240
	TTQOfflinePIN       TTQBit = 0x0220
	TTQIssuerUpdate     TTQBit = 0x0380
	TTQCDCVM            TTQBit = 0x0340
	TTQCDCVMRequired    TTQBit = 0x0308
	TTQFDDA1            TTQBit = 0x0480
)

var ttqNames = []bitName{
	{uint16(TTQStripeMode), "mag-stripe mode supported"},
	{uint16(TTQDebitCredit), "contactless debit/credit supported (qPBOC)"},
	{uint16(TTQEMVMode), "EMV mode or qPBOC supported"},
	{uint16(TTQContact), "EMV contact chip supported"},
	{uint16(TTQOfflineOnly), "offline-only reader"},
	{uint16(TTQOnlinePIN), "online PIN supported"},
	{uint16(TTQSignature), "signature supported"},
	{uint16(TTQODAOnline), "offline data authentication for online authorisations supported"},
	{uint16(TTQOnlineCryptogram), "online cryptogram required"},
	{uint16(TTQCVMRequired), "CVM required"},
	{uint16(TTQOfflinePIN), "(contact chip) offline PIN supported"},
	{uint16(TTQIssuerUpdate), "issuer update processing supported"},
	{uint16(TTQCDCVM), "consumer device CVM supported"},
	{uint16(TTQCDCVMRequired), "consumer device CVM required"},
	{uint16(TTQFDDA1), "fDDA version 01 supported"},
}

// Has reports whether the bit is set.
func (v TTQ) Has(b TTQBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *TTQ) Set(bits ...TTQBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *TTQ) Clear(bits ...TTQBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v TTQ) With(bits ...TTQBit) TTQ {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v TTQ) Names() []string { return bitNames(v[:], ttqNames) }

// String returns the hex digits.
func (v TTQ) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v TTQ) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseTTQ takes the value of the data object, 4 bytes.
func ParseTTQ(b []byte) (TTQ, error) {
	var v TTQ
	return v, exact(v[:], b, "TTQ")
}

// String returns what the bit means.
func (b TTQBit) String() string { return bitText(uint16(b), ttqNames) }
