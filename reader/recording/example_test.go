package recording_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/recording"
)

// A swipe written to a WAV file, and read from it.
func Example() {
	stripe, err := magstripe.NewStripe("", ";6222020000000015=29121010000000000?", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	channels := magstripe.Render(stripe, magstripe.Hand{Speed: 30}, magstripe.Head{}, 48000, rand.New(rand.NewPCG(1, 2)))
	var wav bytes.Buffer
	if err := recording.WriteWAV(&wav, recording.Audio{Rate: 48000, Channels: channels}); err != nil {
		fmt.Println(err)
		return
	}
	r, err := recording.Open("swipe.wav", &wav)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	p, err := r.Next(context.Background(), reader.Ask{})
	if err != nil {
		fmt.Println(err)
		return
	}
	swipe := p.(*reader.Swipe)
	fmt.Println(swipe.Verdict, swipe.Tracks[1].Status, swipe.Tracks[1].Data)
	// Output: ok ok **********************************
}
