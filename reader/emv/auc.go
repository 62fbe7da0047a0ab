package emv

// AUC is the Application Usage Control (9F07): where and for what the card is good
// (EMV Book 3 Annex C2, table 42).
// It prints as its hex digits; Names spells them out.
type AUC [2]byte

// AUCBit is one bit of a AUC: its byte, counted from 1, and its mask.
type AUCBit uint16

// The bits (EMV Book 3 Annex C2, table 42).
const (
	AUCDomesticCash          AUCBit = 0x0180
	AUCInternationalCash     AUCBit = 0x0140
	AUCDomesticGoods         AUCBit = 0x0120
	AUCInternationalGoods    AUCBit = 0x0110
	AUCDomesticServices      AUCBit = 0x0108
	AUCInternationalServices AUCBit = 0x0104
	AUCATM                   AUCBit = 0x0102
	AUCNonATM                AUCBit = 0x0101
	AUCDomesticCashback      AUCBit = 0x0280
	AUCInternationalCashback AUCBit = 0x0240
)

var aucNames = []bitName{
	{uint16(AUCDomesticCash), "valid for domestic cash transactions"},
	{uint16(AUCInternationalCash), "valid for international cash transactions"},
	{uint16(AUCDomesticGoods), "valid for domestic goods"},
	{uint16(AUCInternationalGoods), "valid for international goods"},
	{uint16(AUCDomesticServices), "valid for domestic services"},
	{uint16(AUCInternationalServices), "valid for international services"},
	{uint16(AUCATM), "valid at ATMs"},
	{uint16(AUCNonATM), "valid at terminals other than ATMs"},
	{uint16(AUCDomesticCashback), "domestic cashback allowed"},
	{uint16(AUCInternationalCashback), "international cashback allowed"},
}

// Has reports whether the bit is set.
func (v AUC) Has(b AUCBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *AUC) Set(bits ...AUCBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *AUC) Clear(bits ...AUCBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v AUC) With(bits ...AUCBit) AUC {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v AUC) Names() []string { return bitNames(v[:], aucNames) }

// String returns the hex digits.
func (v AUC) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v AUC) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseAUC takes the value of the data object, 2 bytes.
func ParseAUC(b []byte) (AUC, error) {
	var v AUC
	return v, exact(v[:], b, "AUC")
}

// String returns what the bit means.
func (b AUCBit) String() string { return bitText(uint16(b), aucNames) }
