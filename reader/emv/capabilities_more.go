package emv

// MoreCapabilities is the Additional Terminal Capabilities (9F40): transactions, keys, output
// (EMV Book 4 Annex A3, tables 28 to 32).
// It prints as its hex digits; Names spells them out.
type MoreCapabilities [5]byte

// MoreCapabilitiesBit is one bit of a MoreCapabilities: its byte, counted from 1, and its mask.
type MoreCapabilitiesBit uint16

// The bits (EMV Book 4 Annex A3, tables 28 to 32).
const (
	HasCash              MoreCapabilitiesBit = 0x0180
	HasGoods             MoreCapabilitiesBit = 0x0140
	HasServices          MoreCapabilitiesBit = 0x0120
	HasCashback          MoreCapabilitiesBit = 0x0110
	HasInquiry           MoreCapabilitiesBit = 0x0108
	HasTransfer          MoreCapabilitiesBit = 0x0104
	HasPayment           MoreCapabilitiesBit = 0x0102
	HasAdministrative    MoreCapabilitiesBit = 0x0101
	HasCashDeposit       MoreCapabilitiesBit = 0x0280
	HasNumericKeys       MoreCapabilitiesBit = 0x0380
	HasAlphabeticKeys    MoreCapabilitiesBit = 0x0340
	HasCommandKeys       MoreCapabilitiesBit = 0x0320
	HasFunctionKeys      MoreCapabilitiesBit = 0x0310
	HasPrintAttendant    MoreCapabilitiesBit = 0x0480
	HasPrintCardholder   MoreCapabilitiesBit = 0x0440
	HasDisplayAttendant  MoreCapabilitiesBit = 0x0420
	HasDisplayCardholder MoreCapabilitiesBit = 0x0410
	HasCodeTable10       MoreCapabilitiesBit = 0x0402
	HasCodeTable9        MoreCapabilitiesBit = 0x0401
	HasCodeTable8        MoreCapabilitiesBit = 0x0580
	HasCodeTable7        MoreCapabilitiesBit = 0x0540
	HasCodeTable6        MoreCapabilitiesBit = 0x0520
	HasCodeTable5        MoreCapabilitiesBit = 0x0510
	HasCodeTable4        MoreCapabilitiesBit = 0x0508
	HasCodeTable3        MoreCapabilitiesBit = 0x0504
	HasCodeTable2        MoreCapabilitiesBit = 0x0502
	HasCodeTable1        MoreCapabilitiesBit = 0x0501
)

var moreCapabilitiesNames = []bitName{
	{uint16(HasCash), "cash"},
	{uint16(HasGoods), "goods"},
	{uint16(HasServices), "services"},
	{uint16(HasCashback), "cashback"},
	{uint16(HasInquiry), "inquiry"},
	{uint16(HasTransfer), "transfer"},
	{uint16(HasPayment), "payment"},
	{uint16(HasAdministrative), "administrative"},
	{uint16(HasCashDeposit), "cash deposit"},
	{uint16(HasNumericKeys), "numeric keys"},
	{uint16(HasAlphabeticKeys), "alphabetic and special character keys"},
	{uint16(HasCommandKeys), "command keys"},
	{uint16(HasFunctionKeys), "function keys"},
	{uint16(HasPrintAttendant), "print, attendant"},
	{uint16(HasPrintCardholder), "print, cardholder"},
	{uint16(HasDisplayAttendant), "display, attendant"},
	{uint16(HasDisplayCardholder), "display, cardholder"},
	{uint16(HasCodeTable10), "code table 10"},
	{uint16(HasCodeTable9), "code table 9"},
	{uint16(HasCodeTable8), "code table 8"},
	{uint16(HasCodeTable7), "code table 7"},
	{uint16(HasCodeTable6), "code table 6"},
	{uint16(HasCodeTable5), "code table 5"},
	{uint16(HasCodeTable4), "code table 4"},
	{uint16(HasCodeTable3), "code table 3"},
	{uint16(HasCodeTable2), "code table 2"},
	{uint16(HasCodeTable1), "code table 1"},
}

// Has reports whether the bit is set.
func (v MoreCapabilities) Has(b MoreCapabilitiesBit) bool { return hasBit(v[:], uint16(b)) }

// Set sets the bits.
func (v *MoreCapabilities) Set(bits ...MoreCapabilitiesBit) { changeBits(v[:], true, bits) }

// Clear clears the bits.
func (v *MoreCapabilities) Clear(bits ...MoreCapabilitiesBit) { changeBits(v[:], false, bits) }

// With returns a copy with the bits set.
func (v MoreCapabilities) With(bits ...MoreCapabilitiesBit) MoreCapabilities {
	v.Set(bits...)
	return v
}

// Names returns what the set bits mean, reserved ones as "RFU byte 2 bit 3".
func (v MoreCapabilities) Names() []string { return bitNames(v[:], moreCapabilitiesNames) }

// String returns the hex digits.
func (v MoreCapabilities) String() string { return hexText(v[:]) }

// MarshalText implements encoding.TextMarshaler with the hex digits.
func (v MoreCapabilities) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseMoreCapabilities takes the value of the data object, 5 bytes.
func ParseMoreCapabilities(b []byte) (MoreCapabilities, error) {
	var v MoreCapabilities
	return v, exact(v[:], b, "MoreCapabilities")
}

// String returns what the bit means.
func (b MoreCapabilitiesBit) String() string { return bitText(uint16(b), moreCapabilitiesNames) }
