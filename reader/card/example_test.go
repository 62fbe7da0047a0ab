package card_test

import (
	"fmt"
	"time"

	"possim/reader/card"
)

func Example() {
	t, err := card.ParseTrack2(";6222020000000015=29122010000000000?")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.PAN, t.Expiry, t.ServiceCode)
	fmt.Println("use the chip:", t.ServiceCode.HasChip())
	fmt.Println("expired:", t.Expiry.Expired(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	fmt.Printf("%+v\n", t)
	_, err = card.ParseTrack2(";6222020000000015=29?")
	fmt.Println(err)
	// Output:
	// 622202******0015 2912 201
	// use the chip: true
	// expired: true
	// 622202******0015 2912 201
	// track 2, column 21: expiry: the track ends; want 4 digits or '='
}

func ExampleTrack1_Data() {
	t := card.Track1{FormatCode: "B", PAN: "6222020000000015", Name: "ZHANG/SAN",
		Expiry: card.Expiry{Year: 2029, Month: time.December}, ServiceCode: "101"}
	data, err := t.Data()
	fmt.Println(data.Framed(1).Reveal(), err)
	// Output: %B6222020000000015^ZHANG/SAN^2912101? <nil>
}

func ExampleCheckDigit() {
	d, _ := card.CheckDigit("621094700000002")
	fmt.Printf("%c\n", d)
	// Output: 1
}
