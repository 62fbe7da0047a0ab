package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"possim/reader/magstripe"
)

// The table of --sweep: from a card that is barely moved to one that is thrown,
// from a new stripe to one that is gone.
var (
	sweepSpeeds = []float64{2, 5, 10, 20, 40, 80, 120, 160, 200, 250, 300, 400, 600}
	sweepWears  = []float64{0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9}
)

// The stripe of --sweep when the command line names none: tracks 1 and 2 of a
// public test card.
const (
	sweepTrack1 = "%B6222020000000015^TEST/CARD^29121010000000000?"
	sweepTrack2 = ";6222020000000015=29121010000000000?"
)

// sweepCell is one cell of the table as JSON.
type sweepCell struct {
	Speed    float64        `json:"speed_cm_s"`
	Wear     float64        `json:"wear"`
	Swipes   int            `json:"swipes"`
	Read     map[string]int `json:"read"` // by track
	Verdicts map[string]int `json:"verdicts"`
}

// printSweep prints how often each track is read over speed and wear.
func (s *swipe) printSweep() error {
	if strings.Join(s.data[:], "") == "" {
		s.data = [3]string{sweepTrack1, sweepTrack2, ""}
	}
	stripe, err := s.stripe()
	if err != nil {
		return err
	}
	cells := s.cells(stripe)
	if s.json {
		return writeSweepJSON(s.stdout, cells)
	}
	for track := 1; track <= 3; track++ {
		if !stripe.Blank(track) {
			s.printTrack(cells, track)
		}
	}
	return nil
}

// cells fills the table, a row at a time beside the others. Each row has its own
// randomness, so that the number of processors changes nothing.
func (s *swipe) cells(stripe magstripe.Stripe) []magstripe.Cell {
	rows := make([][]magstripe.Cell, len(sweepWears))
	var all sync.WaitGroup
	for i := range sweepWears {
		all.Go(func() {
			random := rand.New(rand.NewPCG(s.seed, uint64(i)))
			rows[i] = magstripe.Sweep(stripe, s.hand, magstripe.Head{}, sweepSpeeds, sweepWears[i:i+1], s.swipes, random)
		})
	}
	all.Wait()
	return slices.Concat(rows...)
}

// printTrack prints one track's table, in percent: wears down, speeds across.
func (s *swipe) printTrack(cells []magstripe.Cell, track int) {
	fmt.Fprintf(s.stdout, "track %d: %% read of %d swipes (%s)\nwear\\cm/s", track, s.swipes, s.hand.Profile)
	for _, v := range sweepSpeeds {
		fmt.Fprintf(s.stdout, "%5g", v)
	}
	for i, c := range cells {
		if i%len(sweepSpeeds) == 0 {
			fmt.Fprintf(s.stdout, "\n%9.2f", c.Wear)
		}
		fmt.Fprintf(s.stdout, "%5d", (100*c.Read[track-1]+c.N/2)/c.N)
	}
	fmt.Fprint(s.stdout, "\n")
}

func writeSweepJSON(w io.Writer, cells []magstripe.Cell) error {
	out := make([]sweepCell, len(cells))
	for i, c := range cells {
		out[i] = sweepCell{
			Speed: c.Speed, Wear: c.Wear, Swipes: c.N, Verdicts: map[string]int{},
			Read: map[string]int{"1": c.Read[0], "2": c.Read[1], "3": c.Read[2]},
		}
		for v, n := range c.Verdicts {
			out[i].Verdicts[v.String()] = n
		}
	}
	return json.NewEncoder(w).Encode(map[string]any{"cells": out})
}
