package emv

// Capabilities is the Terminal Capabilities (9F33): input, cardholder verification, security
// (EMV Book 4 Annex A2, tables 25 to 27).
// It prints as its hex digits; Names spells them out.
type Capabilities [3]byte

// CapabilitiesBit is one bit of a Capabilities: its byte, counted from 1, and its mask.
type CapabilitiesBit uint16

// The bits (EMV Book 4 Annex A2, tables 25 to 27).
const (
	CanManualEntry   CapabilitiesBit = 0x0180
	CanStripe        CapabilitiesBit = 0x0140
	CanChip          CapabilitiesBit = 0x0120
	CanPlainPIN      CapabilitiesBit = 0x0280
	CanOnlinePIN     CapabilitiesBit = 0x0240
	CanSignature     CapabilitiesBit = 0x0220
	CanEncipheredPIN CapabilitiesBit = 0x0210
	CanNoCVM         CapabilitiesBit = 0x0208
	CanSDA           CapabilitiesBit = 0x0380
	CanDDA           CapabilitiesBit = 0x0340
	CanCardCapture   CapabilitiesBit = 0x0320
	CanXDA           CapabilitiesBit = 0x0304
	CanCDA           CapabilitiesBit = 0x0308
)

var capabilitiesNames = []bitName{
	{uint16(CanManualEntry), "manual key entry"},
	{uint16(CanStripe), "magnetic stripe"},
	{uint16(CanChip), "IC with contacts"},
	{uint16(CanPlainPIN), "plaintext PIN for ICC verification"},
	{uint16(CanOnlinePIN), "enciphered PIN for online verification"},
	{uint16(CanSignature), "signature (paper)"},
	{uint16(CanEncipheredPIN), "enciphered PIN for offline verification"},
	{uint16(CanNoCVM), "no CVM required"},
	{uint16(CanSDA), "SDA"},
	{uint16(CanDDA), "DDA"},
	{uint16(CanCardCapture), "card capture"},
	{uint16(CanXDA), "XDA"},
	{uint16(CanCDA), "CDA"},
}

// Has reports whether the bit is set.
func (v Capabilities) Has(b CapabilitiesBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *Capabilities) Set(bits ...CapabilitiesBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *Capabilities) Clear(bits ...CapabilitiesBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v Capabilities) With(bits ...CapabilitiesBit) Capabilities {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v Capabilities) Names() []string { return bitNames(v[:], capabilitiesNames) }

// String returns the hex digits.
func (v Capabilities) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v Capabilities) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseCapabilities takes the value of the data object, 3 bytes.
func ParseCapabilities(b []byte) (Capabilities, error) {
	var v Capabilities
	return v, exact(v[:], b, "Capabilities")
}

// String returns what the bit means.
func (b CapabilitiesBit) String() string { return bitText(uint16(b), capabilitiesNames) }
