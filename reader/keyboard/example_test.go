package keyboard_test

import (
	"context"
	"fmt"
	"time"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/keyboard"
)

// line is a Source: one line, typed in no time, and then nothing more.
type line struct{ text string }

func (l *line) Read(context.Context, time.Duration) ([]keyboard.Typed, error) {
	if l.text == "" {
		return nil, reader.ErrEnd
	}
	var d keyboard.Decoder
	typed := d.Decode([]byte(l.text), time.Unix(0, 0))
	l.text = ""
	return typed, nil
}

func (l *line) Close() error { return nil }

// A reader types track 2 on a machine with a German keyboard layout.
func Example() {
	r := keyboard.New(&line{"ö6222020000000015´29121010000000000_\n"}, keyboard.Options{
		Note: func(text string) { fmt.Println(text) },
	})
	defer r.Close()
	p, err := r.Next(context.Background(), reader.Ask{})
	if err != nil {
		fmt.Println(err)
		return
	}
	track, err := card.ParseTrack2(p.(*reader.Swipe).Tracks[1].Data)
	fmt.Println(track.PAN, err)
	// Output:
	// the keyboard layout here is German (layout=de): what it made of the reader's keys is undone
	// 622202******0015 <nil>
}
