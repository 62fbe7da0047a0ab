package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/icc"
	"possim/reader/magstripe"
	"possim/reader/protocol"
	emulated "possim/reader/pty"
	"possim/reader/scripted"
)

// emulateCommand holds what stands in for a device or a card.
func (a *app) emulateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Stand up an emulated reader, or a chip card in one, for other programs",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.emulateReaderCommand(), a.emulateCardCommand())
	return cmd
}

// emulateReader is an emulated reader and the hand that swipes at it, or puts chips in.
type emulateReader struct {
	*app
	protocol string
	link     string
	data     [3]string
	card     string
	chip     string                  // the profile of a chip card, in place of a stripe
	chips    map[string]*reader.Chip // those that were put in, by card: they count on
	hand     magstripe.Hand
	speed    speed
	wear     fraction
	seed     uint64
	every    time.Duration
	lines    bool
}

func (a *app) emulateReaderCommand() *cobra.Command {
	e := &emulateReader{app: a, speed: 40, chips: map[string]*reader.Chip{}}
	cmd := &cobra.Command{
		Use:   "reader",
		Short: "Stand up an emulated serial reader at a path that other programs open",
		Long: `reader makes a pseudo-terminal that behaves as a serial reader does, and a link to
it. A reader that has to be armed is swiped at as soon as its client armed it; one
that sends unasked half a second after a client opened the port, and again after
--every. With --stdin a card is swiped for each line typed: an empty line is the card
of the flags, a line may name another card of the catalog or hold tracks, %...?;...?

The card goes past a simulated head: with --speed 600cm/s the reader says what that
model says of a swipe it could not read. It runs until it is interrupted. Linux only.

With --chip a chip card is put in instead, at a reader with a slot (abecs, gempc): the
card of --card, with the applications of a profile and keys made for it. It stays in
until the next one comes, or until the reader has it taken out.

Protocols: ` + strings.Join(emulatedNames(), ", ") + `.
Profiles: ` + strings.Join(icc.Names(), ", ") + `.`,
		Example: `  possim emulate reader --protocol msr605 --link ./reader0 --track2 ';6222020000000015=29121010000000000?'
  possim read --reader 'serial:./reader0?protocol=msr605' --once
  possim emulate reader --protocol gempc --link ./reader1 --chip unionpay-debit --card union`,
		Args: cobra.NoArgs,
		RunE: a.command(e.run),
	}
	f := cmd.Flags()
	f.StringVar(&e.protocol, "protocol", "", "the protocol that the reader speaks")
	f.StringVar(&e.link, "link", "", "where programs find it: a symbolic link to the pseudo-terminal")
	f.StringVar(&e.data[0], "track1", "", "data of track 1 with its sentinels, %...?")
	f.StringVar(&e.data[1], "track2", "", "data of track 2 with its sentinels, ;...?")
	f.StringVar(&e.data[2], "track3", "", "data of track 3 with its sentinels, ;...?")
	f.StringVar(&e.card, "card", "", "a card of the catalog, in place of tracks")
	f.StringVar(&e.chip, "chip", "", "put in a chip card of this profile instead of swiping")
	f.Var(&e.speed, "speed", "mean speed of the hand")
	f.TextVar(&e.hand.Profile, "profile", magstripe.ProfileHand, "constant, hand, stall or reversal")
	f.TextVar(&e.hand.Direction, "direction", magstripe.Forward, "forward or reverse")
	f.Var(&e.wear, "wear", "how worn the stripe is, 0 new to 1 gone: the amplitude is 1 - wear")
	f.Uint64Var(&e.seed, "seed", 1, "seed of the hand's and the head's randomness")
	f.DurationVar(&e.every, "every", 0, "swipe again this long after a swipe, at a reader that sends unasked")
	f.BoolVar(&e.lines, "stdin", false, "a card for each line on stdin")
	offers(cmd, "protocol", emulatedNames()...)
	offers(cmd, "chip", icc.Names()...)
	offers(cmd, "profile", "constant", "hand", "stall", "reversal")
	offers(cmd, "direction", "forward", "reverse")
	return cmd
}

// emulatedNames are the protocols of emulated readers: those with a head, and those with
// a slot alone.
func emulatedNames() []string { return append(protocol.DeviceNames(), protocol.SlotNames()...) }

func (e *emulateReader) run(ctx context.Context, _ []string) error {
	if e.protocol == "" {
		return usage("which reader? say --protocol, one of %s", strings.Join(emulatedNames(), ", "))
	}
	device, err := protocol.NewDevice(e.protocol)
	if err != nil {
		return usage("--protocol: %w", err)
	}
	if err := e.fits(device); err != nil {
		return err
	}
	e.hand.Speed = float64(e.speed)
	source := &swiper{rng: rand.New(rand.NewPCG(e.seed, 0)), sleep: e.sleep, next: e.given}
	if e.lines {
		source.next = linesOf(e.stdin, e.cardOf, e.complain).next
	} else if _, err := e.given(ctx); err != nil {
		return err
	}
	line, err := emulated.Open()
	if err != nil {
		return badWorld(err)
	}
	defer line.Close()
	if err := e.announce(line); err != nil {
		return err
	}
	start := e.now()
	err = line.Serve(ctx, emulated.Reader{
		Device: device, Source: source, Every: e.every, Always: e.lines, EMV: (&pinpad{random: randomness}).do,
		Since: func() time.Duration { return e.now().Sub(start) },
		Event: func(text string) { fmt.Fprintln(e.stderr, text) },
	})
	switch {
	case err != nil:
		return err
	case terminated(ctx):
		return nil
	}
	return ctx.Err()
}

// fits refuses a chip for a reader without a slot, and a stripe for one without a head.
func (e *emulateReader) fits(device protocol.Device) error {
	_, slot := device.(protocol.Slot)
	switch {
	case e.chip != "" && !slot:
		return usage("--chip: a reader of protocol %s has no slot; abecs and gempc have one", e.protocol)
	case e.chip == "" && slices.Contains(protocol.SlotNames(), e.protocol):
		return usage("what is in the slot? a reader of protocol %s reads chips alone: say --chip, one of %s", e.protocol, strings.Join(icc.Names(), ", "))
	}
	return nil
}

// complain tells of a line that is no card, without the number it may hold.
func (e *emulateReader) complain(err error) {
	fmt.Fprintln(e.stderr, digits.ReplaceAllStringFunc(err.Error(), card.Mask))
}

// announce makes the link, and says on stdout where the reader is.
func (e *emulateReader) announce(line *emulated.PTY) error {
	path := line.Path()
	if e.link != "" {
		if err := line.Link(e.link); err != nil {
			return badWorld(err)
		}
		path = e.link
	}
	_, err := fmt.Fprintf(e.stdout, "%s reader at %s: possim read --reader 'serial:%s?protocol=%s'\n", e.protocol, path, path, e.protocol)
	return err
}

// gesture is a card brought to the reader: what comes of it, and how long it takes.
type gesture func(*rand.Rand) (reader.Presentation, time.Duration)

// given is what the flags describe.
func (e *emulateReader) given(context.Context) (gesture, error) { return e.cardOf("") }

// cardOf is the card of the flags, or what a line says in its place: a card of the
// catalog, or tracks.
func (e *emulateReader) cardOf(line string) (gesture, error) {
	data, name := e.data, e.card
	switch {
	case strings.ContainsAny(line, "%;"):
		data, name = splitTracks(line), ""
	case line != "":
		name = line
	}
	if e.chip != "" && strings.Join(data[:], "") == "" {
		return e.chipCard(name)
	}
	stripe, err := stripeOf(data, name)
	if err != nil {
		return nil, err
	}
	stripe.Wear = float64(e.wear)
	swipe := scripted.Swipe{Stripe: stripe, Hand: e.hand}
	return func(rng *rand.Rand) (reader.Presentation, time.Duration) { return swipe.Present(rng) }, nil
}

// stripeOf is the stripe of a card of the catalog, or one with given tracks.
func stripeOf(data [3]string, name string) (magstripe.Stripe, error) {
	switch {
	case name != "":
		c, err := catalogCard(name)
		if err != nil {
			return magstripe.Stripe{}, err
		}
		return c.Stripe()
	case strings.Join(data[:], "") == "":
		return magstripe.Stripe{}, usage("what is on the card? say --track1, --track2, --track3 or --card")
	}
	stripe, err := magstripe.NewStripe(card.TrackData(data[0]), card.TrackData(data[1]), card.TrackData(data[2]))
	if err != nil {
		return stripe, usage("%w", err)
	}
	return stripe, nil
}

// chipCard is the chip of a card of the catalog. The same card put in again is the same
// chip: its counters go on.
func (e *emulateReader) chipCard(name string) (gesture, error) {
	chip := e.chips[name]
	if chip == nil {
		made, err := emulatedChip(e.chip, name)
		if err != nil {
			return nil, err
		}
		chip = &reader.Chip{ATR: made.ATR(), Card: made}
		e.chips[name] = chip
	}
	return func(*rand.Rand) (reader.Presentation, time.Duration) { return chip, 0 }, nil
}

// splitTracks takes %track1?;track2?;track3? apart at its end sentinels.
func splitTracks(line string) (data [3]string) {
	n := 0
	for part := range strings.SplitAfterSeq(strings.TrimSpace(line), "?") {
		switch {
		case part == "":
			continue
		case part[0] == '%':
			n = 1
		case n < 2:
			n = 2
		default:
			n = 3
		}
		data[n-1] = part
	}
	return data
}

// swiper is a reader.Reader of one gesture after another; swipes go through the physics.
type swiper struct {
	rng   *rand.Rand
	sleep func(context.Context, time.Duration) error
	next  func(context.Context) (gesture, error)
}

// Next implements reader.Reader.
func (s *swiper) Next(ctx context.Context, _ reader.Ask) (reader.Presentation, error) {
	present, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	p, took := present(s.rng)
	return p, s.sleep(ctx, took)
}

// Close implements reader.Reader.
func (*swiper) Close() error { return nil }

// lineCards gives a card for each line of a stream.
type lineCards struct {
	lines    <-chan string
	card     func(line string) (gesture, error)
	complain func(error)
}

func linesOf(r io.Reader, card func(string) (gesture, error), complain func(error)) *lineCards {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- strings.TrimSpace(s.Text())
		}
	}()
	return &lineCards{lines, card, complain}
}

// next waits for a line that names a card. One that does not is told, and the reader
// stays up.
func (l *lineCards) next(ctx context.Context) (gesture, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case line, ok := <-l.lines:
			if !ok {
				return nil, reader.ErrEnd
			}
			g, err := l.card(line)
			if err == nil {
				return g, nil
			}
			l.complain(err)
		}
	}
}
