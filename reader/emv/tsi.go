package emv

// TSI is the Transaction Status Information (9B): what has been done so far
// (EMV Book 3 Annex C6, table 47).
// It prints as its hex digits; Names spells them out.
type TSI [2]byte

// TSIBit is one bit of a TSI: its byte, counted from 1, and its mask.
type TSIBit uint16

// The bits (EMV Book 3 Annex C6, table 47).
const (
	TSIODAPerformed                  TSIBit = 0x0180
	TSICVMPerformed                  TSIBit = 0x0140
	TSICardRiskPerformed             TSIBit = 0x0120
	TSIIssuerAuthenticationPerformed TSIBit = 0x0110
	TSITerminalRiskPerformed         TSIBit = 0x0108
	TSIScriptPerformed               TSIBit = 0x0104
)

var tsiNames = []bitName{
	{uint16(TSIODAPerformed), "offline data authentication was performed"},
	{uint16(TSICVMPerformed), "cardholder verification was performed"},
	{uint16(TSICardRiskPerformed), "card risk management was performed"},
	{uint16(TSIIssuerAuthenticationPerformed), "issuer authentication was performed"},
	{uint16(TSITerminalRiskPerformed), "terminal risk management was performed"},
	{uint16(TSIScriptPerformed), "script processing was performed"},
}

// Has reports whether the bit is set.
func (v TSI) Has(b TSIBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *TSI) Set(bits ...TSIBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *TSI) Clear(bits ...TSIBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v TSI) With(bits ...TSIBit) TSI {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v TSI) Names() []string { return bitNames(v[:], tsiNames) }

// String returns the hex digits.
func (v TSI) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v TSI) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseTSI takes the value of the data object, 2 bytes.
func ParseTSI(b []byte) (TSI, error) {
	var v TSI
	return v, exact(v[:], b, "TSI")
}

// String returns what the bit means.
func (b TSIBit) String() string { return bitText(uint16(b), tsiNames) }
