package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"possim/reader/icc"
	"possim/reader/vpcd"
)

// again is how long after pcscd went away it is looked for.
const again = time.Second

// emulateCard is a chip card in a virtual slot.
type emulateCard struct {
	*app
	chip        chipFlags
	slot        string
	state       string
	faults      []string
	contactless bool
}

func (a *app) emulateCardCommand() *cobra.Command {
	e := &emulateCard{app: a}
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Put an emulated chip card into a slot that PC/SC programs find",
		Long: `card stands an EMV chip card in a virtual slot of pcscd, for whatever program speaks
PC/SC: other people's terminals, pcsc_scan, opensc-tool. Its keys come from a published
seed; possim card make writes the public key that a terminal needs to know it by.

pcscd needs the driver vpcd (Debian: apt-get install pcscd vsmartcard-vpcd). The card
stays until this command is interrupted, and comes back when pcscd does. With --state
it remembers its counters, PIN tries and log in a file, written before each answer.

A card of the catalog comes by --card; --profile, --pan and the like change it, or make
one of their own. --fault makes it a damaged one: mute, wrong-atr, timeout@N,
pulled-out@N, blocked, application-blocked, wrong-certificate, stale-data.`,
		Example: `  possim emulate card --profile unionpay-debit
  possim emulate card --card chip-visa --state visa.card --fault pulled-out@AE:2`,
		Args: cobra.NoArgs,
		RunE: a.command(e.run),
	}
	e.chip.bind(cmd)
	f := cmd.Flags()
	f.StringVar(&e.slot, "vpcd", vpcd.Address, "where pcscd's driver vpcd waits for a card, HOST:PORT")
	f.StringVar(&e.state, "state", "", "the file in which the card remembers")
	f.StringArrayVar(&e.faults, "fault", nil, "what is wrong with it, as pulled-out@AE:2; may be repeated")
	f.BoolVar(&e.contactless, "contactless", false, "the card lies in a contactless reader's field")
	return cmd
}

func (e *emulateCard) run(ctx context.Context, _ []string) error {
	if _, _, err := net.SplitHostPort(e.slot); err != nil {
		return usage("--vpcd: want HOST:PORT, such as %s", vpcd.Address)
	}
	p, err := e.chip.profile()
	if err != nil {
		return err
	}
	tappable := slices.ContainsFunc(p.Applications, func(a icc.Application) bool { return a.Tap != nil })
	if p.Contactless = e.contactless; e.contactless && !tappable {
		return usage("--contactless: profile %s cannot be tapped; unionpay-debit can", p.Name)
	}
	for _, text := range e.faults {
		f, err := icc.ParseFault(text)
		if err != nil {
			return usage("--fault: %w", err)
		}
		p.Faults = append(p.Faults, f)
	}
	state, err := openCardState(e.state, p)
	if err != nil {
		return err
	}
	defer state.close()
	saved, err := state.load()
	if err != nil {
		return err
	}
	c, err := icc.New(p, saved)
	if err != nil {
		return usage("%w", err)
	}
	conn, err := vpcd.Dial(ctx, new(net.Dialer).DialContext, e.slot)
	if err != nil {
		return badWorld(err)
	}
	fmt.Fprintf(e.stderr, "connected to %s: pcscd takes the card within a second, or when the one in that slot leaves\n", e.slot)
	return e.stand(ctx, conn, &keptCard{Card: c, file: state, last: saved.Encode(), told: func() { e.announce(c, p) }})
}

// stand serves the card, and comes back to a pcscd that went away.
func (e *emulateCard) stand(ctx context.Context, conn net.Conn, c *keptCard) error {
	for {
		err := vpcd.Serve(ctx, conn, c)
		switch {
		case terminated(ctx):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case c.failed != nil:
			return badWorld(c.failed)
		case errors.Is(err, icc.ErrRemoved):
			fmt.Fprintln(e.stderr, "the card was pulled out, as --fault orders; start again to put it back")
			return nil
		case errors.Is(err, icc.ErrTimeout), errors.Is(err, icc.ErrMute):
			fmt.Fprintln(e.stderr, "the card stopped answering, as --fault orders; it goes back into the slot")
			c.Reset()
		case errors.Is(err, vpcd.ErrSlotClosed):
			fmt.Fprintln(e.stderr, "pcscd went away; the card goes back into its slot as soon as it is there")
		default:
			return badWorld(err)
		}
		conn, err = e.wait(ctx)
		switch {
		case terminated(ctx):
			return nil
		case err != nil:
			return err
		}
		c.seen = false
	}
}

// wait dials until somebody listens.
func (e *emulateCard) wait(ctx context.Context) (net.Conn, error) {
	for {
		if err := e.sleep(ctx, again); err != nil {
			return nil, err
		}
		if conn, err := vpcd.Dial(ctx, new(net.Dialer).DialContext, e.slot); err == nil {
			return conn, nil
		}
	}
}

// announce says on stdout that the card is in, where, and what one may do now.
func (e *emulateCard) announce(c *icc.Card, p icc.Profile) {
	var labels []string
	for _, a := range p.Applications {
		labels = append(labels, fmt.Sprintf("%s %X", a.Label, a.AID))
	}
	where, name := "slot "+e.slot, "Virtual PCD"
	if _, port, err := net.SplitHostPort(e.slot); err == nil {
		if n, known := map[string]string{"35963": "00 00", "35964": "00 01"}[port]; known {
			name += " " + n
			where = fmt.Sprintf("%q (%s)", name, e.slot)
		}
	}
	fmt.Fprintf(e.stdout, "%v (%s; %s; %v) is in %s\n", c, p.Name, strings.Join(labels, ", "), p.Protocol, where)
	fmt.Fprintf(e.stdout, "see it: pcsc_scan -n, or opensc-tool --reader '%s' --atr; interrupt (Ctrl-C) to take it out\n", name)
}

// keptCard is a card whose file knows what it knows before anybody hears of it.
type keptCard struct {
	*icc.Card
	file   *cardState
	last   []byte
	seen   bool // pcscd asked for the card: it is in the slot
	told   func()
	failed error
}

// ATR implements vpcd.Card.
func (c *keptCard) ATR() []byte {
	if !c.seen {
		c.seen = true
		c.told()
	}
	return c.Card.ATR()
}

// Transmit implements vpcd.Card. An answer that could not be saved for is not given.
func (c *keptCard) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, apdu)
	state := c.State()
	if now := state.Encode(); !bytes.Equal(now, c.last) {
		if c.failed = c.file.save(state); c.failed != nil {
			return nil, c.failed
		}
		c.last = now
	}
	return answer, err
}
