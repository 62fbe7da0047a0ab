package pty_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/protocol"
	"possim/reader/pty"
	"possim/reader/scripted"
	"possim/reader/serialport"
)

func Example() {
	stripe, err := magstripe.NewStripe("", "6222020000000015=29121010000000000", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	source := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	source.Add(scripted.Swipe{Stripe: stripe})
	device, err := protocol.NewDevice("msr605")
	if err != nil {
		fmt.Println(err)
		return
	}
	line, err := pty.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	start, done := time.Now(), make(chan error)
	go func() {
		done <- line.Serve(ctx, pty.Reader{Device: device, Source: source, Since: func() time.Duration { return time.Since(start) }})
	}()

	config, err := serialport.ParseURL("serial:" + line.Path() + "?protocol=msr605")
	if err != nil {
		fmt.Println(err)
		return
	}
	port, err := serialport.Open(config, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := port.Next(ctx, reader.Ask{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := card.(*reader.Swipe)
	fmt.Println(s.Verdict, s.Tracks[0].Status, s.Tracks[1].Status, s.Tracks[1].Data)
	port.Close()
	stop()
	fmt.Println(<-done, line.Close())
	// Output:
	// ok blank ok **********************************
	// <nil> <nil>
}
