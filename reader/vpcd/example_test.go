package vpcd_test

import (
	"context"
	"fmt"
	"net"

	"possim/reader/card"
	"possim/reader/icc"
	"possim/reader/vpcd"
)

// A card of UnionPay's in a slot, whose pcscd is played here by hand.
func Example() {
	profile, _ := icc.Shipped("unionpay-debit", icc.Person{Seed: "an example", Holder: icc.Holder{
		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}}})
	chip, _ := icc.New(profile, icc.State{})

	pcscd, slot := net.Pipe()
	dial := func(context.Context, string, string) (net.Conn, error) { return slot, nil }
	ctx, remove := context.WithCancel(context.Background())
	defer remove()
	conn, _ := vpcd.Dial(ctx, dial, vpcd.Address)
	go vpcd.Serve(ctx, conn, chip)

	answer := make([]byte, 11)
	pcscd.Write([]byte{0, 1, 4}) // the ATR, please
	pcscd.Read(answer[:2])
	pcscd.Read(answer[2:])
	fmt.Printf("%X\n", answer)
	// Output: 00093B6500002063CBB800
}
