package icc_test

import (
	"context"
	"encoding/hex"
	"fmt"

	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// A card goes into a reader, a terminal looks for its applications, and the card goes on
// from where it was after a power cut.
func Example() {
	p, err := icc.Shipped("unionpay-debit", icc.Person{Seed: "an example", Holder: icc.Holder{
		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, ServiceCode: "201", PIN: "1234"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v, ATR %X\n", c, c.ATR())
	send := func(apdu string) []byte {
		b, _ := hex.DecodeString(apdu)
		answer, err := c.Transmit(context.Background(), b)
		if err != nil {
			fmt.Println(err)
		}
		return answer
	}
	fmt.Printf("%X\n", send("00A404000E315041592E5359532E4444463031"))
	fmt.Printf("%X\n", send("00C000001E"))
	fmt.Printf("%X\n", send("00B2010C00")) // T=0: another length, please
	record := send("00B2010C1D")
	l, _ := emv.Parse(record[:len(record)-2])
	aid, _ := l.Find(emv.TagADFName)
	label, _ := l.Find(emv.TagApplicationLabel)
	fmt.Printf("%X %s\n", aid, label)
	fmt.Printf("%X\n", send("00A4040008A000000333010101"))
	fmt.Printf("%X\n", send("0020008008241234FFFFFFFFFF")) // VERIFY
	fmt.Printf("%X\n", send("0020008008245555FFFFFFFFFF"))
	fmt.Println(c.State().Apps[0].Tries, "tries left")
	// Output:
	// card 621094******0021, ATR 3B6500002063CBB800
	// 611E
	// 6F1C840E315041592E5359532E4444463031A50A8801015F2D047A68656E9000
	// 6C1D
	// A000000333010101 PBOC DEBIT
	// 6138
	// 9000
	// 63C2
	// 2 tries left
}
