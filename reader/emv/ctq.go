package emv

// CTQ is the Card Transaction Qualifiers (9F6C): what a contactless card wants
// (EMV Book C-3 A.2, Book C-7 Annex A).
// It prints as its hex digits; Names spells them out.
type CTQ [2]byte

// CTQBit is one bit of a CTQ: its byte, counted from 1, and its mask.
type CTQBit uint16

// The bits (EMV Book C-3 A.2, Book C-7 Annex A).
const (
	CTQOnlinePIN         CTQBit = 0x0180
	CTQSignature         CTQBit = 0x0140
	CTQOnlineIfODAFailed CTQBit = 0x0120
	CTQSwitchIfODAFailed CTQBit = 0x0110
	CTQOnlineIfExpired   CTQBit = 0x0108
	CTQSwitchForCash     CTQBit = 0x0104
	CTQSwitchForCashback CTQBit = 0x0102
	CTQNotATM            CTQBit = 0x0101
	CTQCDCVM             CTQBit = 0x0280
	CTQIssuerUpdate      CTQBit = 0x0240
)

var ctqNames = []bitName{
	{uint16(CTQOnlinePIN), "online PIN required"},
	{uint16(CTQSignature), "signature required"},
	{uint16(CTQOnlineIfODAFailed), "go online if offline data authentication fails"},
	{uint16(CTQSwitchIfODAFailed), "switch interface if offline data authentication fails"},
	{uint16(CTQOnlineIfExpired), "go online if application expired"},
	{uint16(CTQSwitchForCash), "switch interface for cash"},
	{uint16(CTQSwitchForCashback), "switch interface for cashback"},
	{uint16(CTQNotATM), "not valid for contactless ATM transactions"},
	{uint16(CTQCDCVM), "consumer device CVM performed"},
	{uint16(CTQIssuerUpdate), "card supports issuer update processing at the POS"},
}

// Has reports whether the bit is set.
func (v CTQ) Has(b CTQBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *CTQ) Set(bits ...CTQBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *CTQ) Clear(bits ...CTQBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v CTQ) With(bits ...CTQBit) CTQ {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v CTQ) Names() []string { return bitNames(v[:], ctqNames) }

// String returns the hex digits.
func (v CTQ) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v CTQ) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseCTQ takes the value of the data object, 2 bytes.
func ParseCTQ(b []byte) (CTQ, error) {
	var v CTQ
	return v, exact(v[:], b, "CTQ")
}

// String returns what the bit means.
func (b CTQBit) String() string { return bitText(uint16(b), ctqNames) }
