package emv_test

import (
	"encoding/hex"
	"fmt"

	"possim/reader/emv"
)

func unhex(s string) []byte {
	b, _ := hex.DecodeString(s)
	return b
}

// A record of a card, as READ RECORD gives it. Number and track print masked.
func ExampleParse() {
	l, _ := emv.Parse(unhex("70145A0862109470000000215F24032912315F340101"))
	fmt.Print(l.Describe())
	_, err := emv.Parse(unhex("9F3704DEADBEEF5F2A80"))
	fmt.Println(err)
	// Output:
	// 70   READ RECORD Response Message Template
	//   5A   Application Primary Account Number (PAN): 621094******0021
	//   5F24 Application Expiration Date: 291231
	//   5F34 Application Primary Account Number (PAN) Sequence Number: 01
	// data objects: offset 9: 5F2A: length 80, the indefinite length, which EMV does not have
}

// A terminal fills what a card's CDOL asks for.
func ExampleDOL_Build() {
	cdol, _ := emv.ParseDOL(unhex("9F02069A039F3704"))
	fmt.Println(cdol)
	transaction := emv.List{
		emv.New(emv.TagAmountAuthorised, unhex("000000001234")),
		emv.New(emv.TagTransactionDate, unhex("260601")),
	}
	fmt.Printf("%X\n", cdol.Build(transaction))
	// Output:
	// 9F02:6 9A:3 9F37:4
	// 00000000123426060100000000
}

func ExampleTVR() {
	var tvr emv.TVR
	tvr.Set(emv.TVRExpired, emv.TVRFloorLimit)
	fmt.Println(tvr)
	for _, name := range tvr.Names() {
		fmt.Println(name)
	}
	// Output:
	// 0040008000
	// expired application
	// transaction exceeds floor limit
}

func ExampleParseCVMList() {
	l, _ := emv.ParseCVMList(unhex("000000000000000042031F00"))
	fmt.Println(l)
	// Output: X 0, Y 0: enciphered PIN verified online, if terminal supports the CVM, else next; no CVM required, always
}

// A host verifies an ARQC and answers it. Key and data are a worked example from China's
// bank card specifications that several public pages carry.
func ExampleScheme_Verify() {
	imk, _ := emv.ParseKey("F0C34A8124CEE0A91A0B034AA97D6EAC")
	field55, _ := emv.Parse(unhex("9F0206000000000001" + "9F0306000000000000" + "9F1A020156" + "95050080046000" + "5F2A020156" +
		"9A03140701" + "9C0100" + "9F37041E78EEBC" + "82027D00" + "9F36020240" + "9F101307000103A04002010A010000001000D1F61152" +
		"9F26085D016C91005E7CC2"))
	s, err := emv.SchemeOf(nil, field55.Value(emv.TagIAD))
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, _ := s.CardKeys(emv.Keys{AC: imk}, "6228000100001", "01")
	fmt.Println(s.Name, keys.AC)
	fmt.Println("verified:", s.Verify(keys, field55))
	data, _ := s.IssuerAuthentication(keys, field55, emv.Answer{ResponseCode: "01"})
	fmt.Printf("91: %X\n", data)
	field55.Set(emv.TagAmountAuthorised, unhex("000000000002"))
	fmt.Println("another amount:", s.Verify(keys, field55))
	// Output:
	// PBOC CVN 01 TDES key, KCV C63931
	// verified: <nil>
	// 91: 21415243527CE78F3031
	// another amount: cryptogram: not the one these keys make of this data
}

// An issuer and a card of our own, and the terminal that checks them.
func ExampleNewIssuerKeys() {
	issuer, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "example", RID: emv.RIDUnionPay, Issuer: "621094",
		CABits: 1024, IssuerBits: 896})
	if err != nil {
		fmt.Println(err)
		return
	}
	static := unhex("5A086210947000000021")
	cardKeys, _ := issuer.NewICCKeys(emv.ICCProfile{Seed: "example", PAN: "6210947000000021", Bits: 640, Static: static})
	sdad, _ := cardKeys.RSA.SignDynamic([]byte{0, 1}, unhex("DEADBEEF"))

	ca := issuer.Authority.CAPK()
	issuerKey, _ := ca.Recover(issuer.Certificate, "6210947000000021")
	icc, _ := issuerKey.Recover(cardKeys.Certificate, static, "6210947000000021")
	d, err := icc.VerifyDynamic(sdad, unhex("DEADBEEF"))
	fmt.Println(ca, icc.PAN, icc.Expires, d.Number, err)
	_, err = icc.VerifyDynamic(sdad, unhex("00000000"))
	fmt.Println(err)
	fmt.Println(issuer.RSA)
	// Output:
	// A000000333 E0, 1024 bits 621094******0021 4912 [0 1] <nil>
	// signed dynamic application data (9F4B): the hash is another than that of the data it is to vouch for (step 7)
	// RSA private key of 896 bits
}
