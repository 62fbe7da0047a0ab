package emv

import (
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	l := List{New(TagTVR, unhex(t, "8000008000")), New(TagCID, []byte{0x80}), New(TagAFL, unhex(t, "08010200")),
		New(TagCDOL1, unhex(t, "9F0206DF7F01")), New(TagApplicationLabel, []byte("UNIONPAY DEBIT")), New(TagCVMResults, unhex(t, "020300")),
		New(TagCVMList, unhex(t, "000000000000000042031F00")), New(TagCardholderName, []byte("CANARY/BIRD")),
		New(0xDF7F, []byte{1}), Template(TagRecordTemplate, New(TagTransactionType, []byte{0}))}
	const want = `95   Terminal Verification Results (TVR): 8000008000
       offline data authentication was not performed
       transaction exceeds floor limit
9F27 Cryptogram Information Data: 80
       ARQC
94   Application File Locator (AFL): 08010200
       file 1, records 1 to 2, 0 signed
8C   Card Risk Management Data Object List 1 (CDOL1): 9F0206DF7F01
       9F02 6 Amount, Authorised (Numeric)
       DF7F 1
50   Application Label: 554E494F4E504159204445424954
       "UNIONPAY DEBIT"
9F34 Cardholder Verification Method (CVM) Results: 020300
       enciphered PIN verified online, if terminal supports the CVM: unknown
8E   Cardholder Verification Method (CVM) List: 000000000000000042031F00
       X 0, Y 0
       enciphered PIN verified online, if terminal supports the CVM, else next
       no CVM required, always
5F20 Cardholder Name: ***********
DF7F (unknown): 01
70   READ RECORD Response Message Template
  9C   Transaction Type: 00
`
	if got := l.Describe(); got != want {
		t.Error(got)
	}
}

// A value that is not as the books have it means nothing, and breaks nothing.
func TestMeaningOfNonsense(t *testing.T) {
	for tag := range meanings {
		for _, b := range [][]byte{nil, {}, {1}, []byte(strings.Repeat("\xFF", 301))} {
			if m := New(tag, b).Meaning(); tag != TagCID && len(m) != 0 {
				t.Errorf("%s %X: %q", tag, b, m)
			}
		}
	}
	for _, o := range []TLV{New(TagApplicationLabel, []byte("a\x1b[2J")), New(TagApplicationLabel, nil), New(TagCDOL1, []byte{0x9F}),
		New(TagCardholderName, []byte("CANARY")), Template(TagRecordTemplate), New(TagATC, []byte{0, 1})} {
		if m := o.Meaning(); m != nil {
			t.Errorf("%s: %q", o.Tag, m)
		}
	}
}
