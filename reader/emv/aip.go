package emv

// AIP is the Application Interchange Profile (82): what the card can do
// (EMV Book 3 Annex C1, table 41; Book C-2 A.1.16 for byte 2).
// It prints as its hex digits; Names spells them out.
type AIP [2]byte

// AIPBit is one bit of a AIP: its byte, counted from 1, and its mask.
type AIPBit uint16

// The bits (EMV Book 3 Annex C1, table 41).
const (
	AIPXDA                    AIPBit = 0x0180
	AIPSDA                    AIPBit = 0x0140
	AIPDDA                    AIPBit = 0x0120
	AIPCardholderVerification AIPBit = 0x0110
	AIPTerminalRisk           AIPBit = 0x0108
	AIPIssuerAuthentication   AIPBit = 0x0104
	AIPOnDeviceCVM            AIPBit = 0x0102
	AIPCDA                    AIPBit = 0x0101
	AIPContactlessEMV         AIPBit = 0x0280
	AIPMobilePhone            AIPBit = 0x0240
	AIPContactless            AIPBit = 0x0220
	AIPRelayResistance        AIPBit = 0x0201
)

var aipNames = []bitName{
	{uint16(AIPXDA), "XDA supported"},
	{uint16(AIPSDA), "SDA supported"},
	{uint16(AIPDDA), "DDA supported"},
	{uint16(AIPCardholderVerification), "cardholder verification is supported"},
	{uint16(AIPTerminalRisk), "terminal risk management is to be performed"},
	{uint16(AIPIssuerAuthentication), "issuer authentication is supported"},
	{uint16(AIPOnDeviceCVM), "on device cardholder verification is supported"},
	{uint16(AIPCDA), "CDA supported"},
	{uint16(AIPContactlessEMV), "contactless EMV mode is supported"},
	{uint16(AIPMobilePhone), "mobile phone"},
	{uint16(AIPContactless), "contactless transaction"},
	{uint16(AIPRelayResistance), "relay resistance protocol is supported"},
}

// Has reports whether the bit is set.
func (v AIP) Has(b AIPBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *AIP) Set(bits ...AIPBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *AIP) Clear(bits ...AIPBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v AIP) With(bits ...AIPBit) AIP {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v AIP) Names() []string { return bitNames(v[:], aipNames) }

// String returns the hex digits.
func (v AIP) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v AIP) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseAIP takes the value of the data object, 2 bytes.
func ParseAIP(b []byte) (AIP, error) {
	var v AIP
	return v, exact(v[:], b, "AIP")
}

// String returns what the bit means.
func (b AIPBit) String() string { return bitText(uint16(b), aipNames) }
