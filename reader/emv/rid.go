package emv

import (
	"encoding/hex"
	"fmt"
)

// RID is a registered application provider identifier, the first five bytes of an AID:
// whose card it is.
type RID [5]byte

// The payment systems'.
var (
	RIDVisa       = RID{0xA0, 0, 0, 0, 0x03}
	RIDMastercard = RID{0xA0, 0, 0, 0, 0x04}
	RIDAmex       = RID{0xA0, 0, 0, 0, 0x25}
	RIDJCB        = RID{0xA0, 0, 0, 0, 0x65}
	RIDDiscover   = RID{0xA0, 0, 0, 0x01, 0x52}
	RIDUnionPay   = RID{0xA0, 0, 0, 0x03, 0x33}
)

// String returns the hex digits.
func (r RID) String() string { return hexText(r[:]) }

// MarshalText implements encoding.TextMarshaler.
func (r RID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *RID) UnmarshalText(b []byte) error {
	raw, err := hex.DecodeString(string(b))
	if err != nil {
		return fmt.Errorf("RID %q: want ten hex digits", b)
	}
	return exact(r[:], raw, "RID")
}

// RIDOf returns the RID of an AID.
func RIDOf(aid []byte) (RID, bool) {
	var r RID
	return r, copy(r[:], aid) == 5
}
