package magstripe_test

import (
	"fmt"
	"math/rand/v2"

	"possim/reader/magstripe"
)

func ExampleSwipe() {
	stripe, err := magstripe.NewStripe(
		"%B6222020000000015^TEST/CARD^29121010000000000?",
		";6222020000000015=29121010000000000?", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, speed := range []float64{40, 250, 600} {
		hand := magstripe.Hand{Speed: speed}
		r := magstripe.Swipe(stripe, hand, magstripe.Head{}, rand.New(rand.NewPCG(1, 2)))
		fmt.Println(speed, "cm/s:", r.Verdict, r.Tracks[0].Status, r.Tracks[1].Status)
	}
	// Output:
	// 40 cm/s: ok ok ok
	// 250 cm/s: too-fast parity ok
	// 600 cm/s: too-fast no-start parity
}

func ExampleDecodeBits() {
	// Zeros, then ;1? and its LRC, each character five bits, least significant first.
	bits := []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x01\x00\x01\x00\x00\x00\x00\x01\x01\x01\x01\x01\x01\x00\x01\x00\x01")
	t := magstripe.DecodeBits(bits, magstripe.Options{})
	fmt.Println(t.Status, t.Direction, len(t.Data))
	// Output: ok forward 1
}
