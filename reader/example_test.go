package reader_test

import (
	"context"
	"errors"
	"fmt"

	"possim/reader"
	"possim/reader/magstripe"
)

// tray is a Reader over cards laid out in advance.
type tray struct{ cards []reader.Presentation }

func (r *tray) Next(ctx context.Context, _ reader.Ask) (reader.Presentation, error) {
	if len(r.cards) == 0 {
		return nil, reader.ErrEnd
	}
	p := r.cards[0]
	r.cards = r.cards[1:]
	return p, ctx.Err()
}

func (r *tray) Close() error { return nil }

// A terminal takes presentations until the reader has no more.
func Example() {
	swipe := &reader.Swipe{Verdict: magstripe.VerdictTooFast, Speed: 300}
	swipe.Tracks[0].Status = magstripe.StatusParity
	swipe.Tracks[1] = reader.Track{Status: magstripe.StatusOK, Data: "6222020000000015=29121010000000000"}
	swipe.Tracks[2].Status = magstripe.StatusBlank

	var r reader.Reader = &tray{cards: []reader.Presentation{swipe}}
	for {
		p, err := r.Next(context.Background(), reader.Ask{Accept: []reader.Kind{reader.KindSwipe}})
		if errors.Is(err, reader.ErrEnd) {
			break
		}
		s := p.(*reader.Swipe)
		fmt.Println(p.Kind(), s.Verdict)
		for i, t := range s.Tracks {
			fmt.Printf("track %d %s %q\n", i+1, t.Status, t.Data)
		}
	}
	// Output:
	// swipe too-fast
	// track 1 parity ""
	// track 2 ok "**********************************"
	// track 3 blank ""
}
