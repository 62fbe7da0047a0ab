package emv

import "fmt"

// IAD is Issuer Application Data (9F10): which key and which scheme the card made its
// cryptogram with, and what it thinks of the transaction. Its layout is the payment
// system's.
type IAD struct {
	Layout   IADLayout
	KeyIndex byte   // derivation key index
	CVN      byte   // cryptogram version number
	CVR      []byte // card verification results, as they enter the cryptogram
	Counters []byte // M/Chip: what CVN 17 and 21 put into the cryptogram too
	Rest     []byte // what follows: discretionary data, balance, MAC
}

// IADLayout tells the payment systems' layouts of 9F10 apart.
type IADLayout int

// The layouts.
const (
	IADVisa   IADLayout = iota + 1 // 06 DKI CVN 03 CVR: VSDC formats 0, 1 and 3
	IADPBOC                        // 07 DKI CVN 03 CVR algorithm
	IADVisa2                       // 1F CVN DKI CVR, 32 bytes: VSDC formats 2 and 4
	IADMChip                       // DKI CVN CVR, 18 to 28 bytes
	IADCommon                      // 0F CCI DKI CVR, 32 bytes (EMV Book 3 Annex C9)
)

// ParseIAD takes the value of 9F10 apart. A layout it does not know is an error; the
// transaction can still go on.
func ParseIAD(b []byte) (IAD, error) {
	b = append([]byte(nil), b...)
	n := len(b)
	switch {
	case n == 32 && b[0] == 0x0F && b[16] == 0x0F:
		return IAD{Layout: IADCommon, CVN: b[1], KeyIndex: b[2], CVR: b[3:8], Rest: b[8:]}, nil
	case n == 32 && b[0] == 0x1F:
		return IAD{Layout: IADVisa2, CVN: b[1], KeyIndex: b[2], CVR: b[3:8], Rest: b[8:]}, nil
	case n >= 7 && (b[0] == 0x06 || b[0] == 0x07) && b[3] == 0x03:
		i := IAD{Layout: IADVisa, KeyIndex: b[1], CVN: b[2], CVR: b[3:7], Rest: b[7:]}
		if b[0] == 0x07 {
			i.Layout = IADPBOC
		}
		return i, nil
	case (n == 18 || n == 20 || n == 26 || n == 28) && b[1]&0xF0 == 0x10:
		return IAD{Layout: IADMChip, KeyIndex: b[0], CVN: b[1], CVR: b[2:8], Counters: b[10:18], Rest: b[8:]}, nil
	}
	return IAD{}, fmt.Errorf("issuer application data (9F10): %d bytes of no layout known here (VSDC, PBOC, M/Chip, CCD)", n)
}

// Cryptogram returns the kind of cryptogram that the card verification results are of:
// that of the second GENERATE AC where there was one, else of the first. ok is false
// where the layout's results are not known here. Unlike the CID (9F27) they are under
// the cryptogram itself.
//
// VSDC and PBOC have it in the first byte behind the length: two bits for the second, of
// which 10 says that it was not asked for, and two for the first.
func (i IAD) Cryptogram() (t CryptogramType, ok bool) {
	if i.Layout != IADVisa && i.Layout != IADPBOC || len(i.CVR) < 2 {
		return 0, false
	}
	results := i.CVR[1]
	if results&0xC0 == 0x80 {
		results <<= 2
	}
	return CryptogramType(results & 0xC0), true
}
