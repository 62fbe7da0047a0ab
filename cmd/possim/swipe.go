package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/reader/scripted"
)

// swipe moves a simulated card past a simulated head.
type swipe struct {
	*app
	data   [3]string
	hand   magstripe.Hand
	speed  speed
	wear   fraction
	rate   int
	seed   uint64
	tracks []int
	wav    string
	flux   string
	unsafe bool
	json   bool
	sweep  bool
	swipes int
}

func (a *app) swipeCommand() *cobra.Command {
	s := &swipe{app: a, speed: 40}
	cmd := &cobra.Command{
		Use:   "swipe",
		Short: "Swipe a simulated card: render it to WAV, or say what a reader makes of it",
		Long: `swipe writes tracks on a stripe, moves it past a magnetic head by hand, and either
records the head's signal (--wav, one channel per track) or the times between flux
reversals that a reader sees in it (--flux), or decodes it and prints what was read. The same flags and seed give the same bytes.

With --sweep it prints how often each track is read over speed and wear.`,
		Example: `  possim swipe --track2 ';6222020000000015=29121010000000000?' --speed 250cm/s --wear 0.6 --wav f.wav
  possim read --reader wav:f.wav
  possim swipe --sweep`,
		Args: cobra.NoArgs,
		RunE: a.command(s.run),
	}
	f := cmd.Flags()
	f.StringVar(&s.data[0], "track1", "", "data of track 1 with its sentinels, %...?")
	f.StringVar(&s.data[1], "track2", "", "data of track 2 with its sentinels, ;...?")
	f.StringVar(&s.data[2], "track3", "", "data of track 3 with its sentinels, ;...?")
	f.Var(&s.speed, "speed", "mean speed of the hand")
	f.TextVar(&s.hand.Profile, "profile", magstripe.ProfileHand, "constant, hand, stall or reversal")
	f.TextVar(&s.hand.Direction, "direction", magstripe.Forward, "forward or reverse")
	f.Var(&s.wear, "wear", "how worn the stripe is, 0 new to 1 gone: the amplitude is 1 - wear")
	f.IntVar(&s.rate, "rate", 48000, "samples a second of the WAV")
	f.Uint64Var(&s.seed, "seed", 1, "seed of the hand's and the head's randomness")
	f.IntSliceVar(&s.tracks, "tracks", nil, "tracks to record, such as 2 or 1,2 (default those that have data)")
	f.StringVar(&s.wav, "wav", "", "write the head's signal to this file")
	f.StringVar(&s.flux, "flux", "", "write the times between flux reversals to this file")
	offers(cmd, "profile", "constant", "hand", "stall", "reversal")
	offers(cmd, "direction", "forward", "reverse")
	f.BoolVar(&s.sweep, "sweep", false, "print the rate of reads over speed and wear")
	f.IntVar(&s.swipes, "swipes", 20, "swipes for each cell of --sweep")
	f.BoolVar(&s.json, "json", false, "one JSON object")
	f.BoolVar(&s.unsafe, "unsafe", false, "show cards of the public test list in clear")
	return cmd
}

func (s *swipe) run(ctx context.Context, _ []string) error {
	if err := s.check(); err != nil {
		return err
	}
	if s.sweep {
		return s.printSweep()
	}
	stripe, err := s.stripe()
	if err != nil {
		return err
	}
	s.hand.Speed = float64(s.speed)
	if s.wav != "" {
		return s.record(stripe)
	}
	if s.flux != "" {
		return s.capture(stripe)
	}
	p, _ := scripted.Swipe{Stripe: stripe, Hand: s.hand}.Present(s.random())
	seen, err := present(ctx, p, s.unsafe)
	return errors.Join(err, seen.print(s.stdout, s.json))
}

// check refuses what the flags by themselves cannot: their combinations.
func (s *swipe) check() error {
	if s.rate < 8000 || s.rate > 384000 {
		return usage("--rate %d: want 8000 to 384000 samples a second", s.rate)
	}
	if s.swipes < 1 {
		return usage("--swipes %d: want at least 1", s.swipes)
	}
	for _, n := range s.tracks {
		if n < 1 || n > 3 {
			return usage("--tracks %d: want 1, 2 or 3", n)
		}
		if s.data[n-1] == "" && !s.sweep {
			return usage("--tracks %d: there is no --track%d", n, n)
		}
	}
	if s.sweep && s.wav+s.flux != "" {
		return usage("--sweep excludes --wav and --flux")
	}
	if s.wav != "" && s.flux != "" {
		return usage("--wav and --flux exclude each other")
	}
	return nil
}

// stripe writes the tracks of the command line.
func (s *swipe) stripe() (magstripe.Stripe, error) {
	if strings.Join(s.data[:], "") == "" {
		return magstripe.Stripe{}, usage("what is on the card? say --track1, --track2 or --track3")
	}
	stripe, err := magstripe.NewStripe(card.TrackData(s.data[0]), card.TrackData(s.data[1]), card.TrackData(s.data[2]))
	if err != nil {
		return stripe, usage("%w", err)
	}
	stripe.Wear = float64(s.wear)
	return stripe, nil
}

func (s *swipe) random() *rand.Rand { return rand.New(rand.NewPCG(s.seed, 0)) }
