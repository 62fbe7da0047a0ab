package protocol_test

import (
	"fmt"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/reader/protocol"
)

func Example() {
	p, err := protocol.New("ascii")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, piece := range []string{"%E?;622202000", "0000015=2912101?", "\r", ";6222"} {
		for _, e := range p.Feed([]byte(piece)) {
			id, err := card.Identify("", e.Swipe.Tracks[1].Data, "")
			fmt.Println(e.Swipe.Tracks[0].Status, e.Swipe.Tracks[1].Status, id, err)
		}
	}
	if p.Pending() == protocol.PendingHalf {
		fmt.Println(p.Flush()[0].Note)
	}
	// Output:
	// error ok 622202******0015 2912 101 <nil>
	// a message broke off inside a track and was dropped: swipe again
}

func ExampleASCIIFormat_Encode() {
	s := new(reader.Swipe)
	s.Tracks[0].Status = magstripe.StatusParity
	s.Tracks[1] = reader.Track{Status: magstripe.StatusOK, Data: "6222020000000015=2912101"}
	fmt.Printf("%q\n", protocol.ASCIIFormat{STX: true, ETX: true}.Encode(nil, s))
	// Output: "\x02%E?;6222020000000015=2912101?\r\x03"
}
