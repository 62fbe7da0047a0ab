package emv

import (
	"fmt"
	"slices"
	"testing"
)

// The signature that a bank's Visa card gave to a reader that goes online and checks
// signatures there too (9F66 27000000), from a log of reading cards by telephone in public
// (github.com/MichaelsPlayground). The card's key was recovered from its certificates with
// Visa's key 09; neither number nor name stands in what is here.
func TestFastSignatureOfARealCard(t *testing.T) {
	k := ICCKey{PublicKey: PublicKey{Exponent: []byte{3}, Modulus: unhex(t, "80D8419297A525C4C72C8E9EAD2A59F432C4FF4901C4C6B6E5ABF65E483B4111"+
		"D6A3B65B21D7B3D03A77A013AB4B9EBFBBA7F8D8343CD0F89CADF1F312244E0EE0DEF9DB50BC30F30732EC7BADDBE10EB0265D0815D4D5FBD5E6761B45096D1E"+
		"9955C29BD72933387F61614AABC36088DD83B312707AC301FB72056A634DEB75")}}
	signature := unhex(t, "76F770B228B28C0B5A3F2B08C3F2EC3BE6DE27A2708DE06180FDAAEC5482E38CD62D5FE43CFCC8C3FF7462D7BE99DEB0"+
		"35A0ABE5D0F82BDADBFB5D81377C42AE64F3339893DF51E55F635251D1E1B0F4DB959E60407684E03C92B5B0C06FCF5FA5BB366EC660F9D0B0DC3795EAE505B5"+
		"D2C982352C762F06C32647E0068F2846")
	// 9F37, 9F02, 5F2A; 9F69, which stood in the last record
	data := slices.Concat(unhex(t, "38393031"), unhex(t, "000000001000"), unhex(t, "0978"), unhex(t, "01B4CBA8D61600"))
	d, err := k.VerifyFast(signature, data, true)
	if got := fmt.Sprintf("%X", d.Number); err != nil || got != "03A4" { // the card's ATC
		t.Errorf("number %s: %v", got, err)
	}
	if _, err := k.VerifyFast(signature, data, false); err == nil {
		t.Error("the signature of a card that went online passes for that of one that approved")
	}
	for i := range data {
		other := slices.Clone(data)
		other[i] ^= 1
		if _, err := k.VerifyFast(signature, other, true); err == nil {
			t.Errorf("byte %d does not enter the signature", i)
		}
	}
}
