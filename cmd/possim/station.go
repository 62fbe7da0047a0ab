package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader"
)

// station is a terminal of this machine, as the flags describe it.
type station struct {
	*app
	reader  string
	swipe   string
	insert  string
	tap     string
	host    string
	dialect string
	tid     string
	mid     string
	name    string
	state   string
	record  taping
	pin     string
	sealing sealing
	timeout time.Duration
	json    bool
	yes     bool
	log     logFlags
}

func (s *station) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.reader, "reader", "", "the reader: "+readerURLs)
	f.StringVar(&s.swipe, "swipe", "", "swipe a simulated card of the catalog instead of reading one")
	f.StringVar(&s.insert, "insert", "", "insert a simulated chip card of the catalog instead of reading one")
	f.StringVar(&s.tap, "tap", "", "tap a simulated chip card of the catalog instead of reading one")
	f.StringVar(&s.host, "host", defaultHost, "address of the host")
	f.StringVar(&s.dialect, "dialect", "unionpay", dialectUsage)
	f.StringVar(&s.tid, "tid", "00000001", "terminal number, 8 characters")
	f.StringVar(&s.mid, "mid", registry.DefaultMID, "merchant number, 15 characters")
	f.StringVar(&s.name, "merchant", "POSSIM", "merchant name on the slip")
	f.StringVar(&s.state, "state", "", "directory of the terminal's state (default $XDG_STATE_HOME/possim)")
	f.StringVar(&s.pin, "pin", "", "the PIN to enter; without it a person is asked, and where nobody is there none is entered")
	f.DurationVar(&s.timeout, "timeout", time.Minute, "how long an answer may take")
	f.BoolVar(&s.json, "json", false, "one JSON object instead of the slip")
	f.BoolVar(&s.yes, "yes", false, "take the amount as confirmed")
	s.record.register(cmd)
	s.sealing.register(cmd)
	s.sealing.registerMethod(cmd)
	s.sealing.registerDUKPT(cmd, dukptTerminal)
	s.sealing.registerPIN(cmd)
	offersDialects(cmd)
	s.log.register(f)
}

// do has the terminal carry out one order.
func (s *station) do(ctx context.Context, order emulator.Order) (err error) {
	config, world, err := s.settle()
	if err != nil {
		return err
	}
	state, err := s.openState(s.state, s.host, s.tid)
	if err != nil {
		return err
	}
	defer state.close()
	saved, err := state.load()
	if err != nil {
		return err
	}
	if world.Reader, err = s.openCard(); err != nil {
		return err
	}
	defer world.Reader.Close()
	world.Save = state.save
	if s.record.file != "" {
		rec, err := s.recorder(s.record, world.Dialect, &s.sealing)
		if err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, rec.close()) }()
		world.Dial = rec.dial(world.Dial)
	}
	terminal := emulator.New(config, world, saved)
	out, err := terminal.Do(ctx, order)
	if err != nil {
		return s.stopped(ctx, terminal, err)
	}
	return s.report(out)
}

// settle turns flags into a terminal, and refuses those no terminal could work with.
func (s *station) settle() (c emulator.Config, w emulator.World, err error) {
	if w.Log, err = s.logger(s.log); err != nil {
		return c, w, err
	}
	if err := errors.Join(fixed("--tid", s.tid, 8), fixed("--mid", s.mid, 15)); err != nil {
		return c, w, usage("%w", err)
	}
	if s.timeout <= 0 {
		return c, w, usage("--timeout %s: want more than 0", s.timeout)
	}
	if w.Dialect, err = s.app.dialect("dialect", s.dialect); err != nil {
		return c, w, err
	}
	till := &till{app: s.app, person: isTerminal(s.stdin), asks: !s.yes && isTerminal(s.stdin), json: s.json}
	if s.pin != "" {
		if till.pin, err = hsm.ParsePIN(s.pin); err != nil {
			return c, w, usage("--pin: %w", err)
		}
	}
	policy, err := s.sealing.policy(w.Dialect)
	if err != nil {
		return c, w, err
	}
	if w.TMK, err = s.sealing.key(); err != nil {
		return c, w, err
	}
	c = emulator.Config{TID: s.tid, MID: s.mid, MerchantName: s.name, AnswerWait: s.timeout}
	algorithm, err := s.sealing.sealedWith()
	if err != nil {
		return c, w, err
	}
	if policy == host.MACRequire {
		c.MAC = algorithm
	}
	// A PIN travels under working keys, and a host that exchanges none is not asked
	// for any because a person happens to sit there.
	c.PINEntry = s.pin != "" || till.person && policy == host.MACRequire
	if c.PINFormat, w.DUKPT, err = s.enciphering(w.Dialect); err != nil {
		return c, w, err
	}
	if err := s.equip(&c); err != nil {
		return c, w, err
	}
	w.Within = context.WithTimeout
	w.Face, w.Print, w.Random = till, till.print, randomness
	w.Dial, w.Now = dialer(s.host, s.now), s.chinaNow
	return c, w, err
}

// enciphering is how PINs go, and the keys of --dukpt.
func (s *station) enciphering(d *wire.Dialect) (f hsm.PINFormat, keys emulator.DUKPT, err error) {
	if f, err = s.sealing.pins(d); err != nil {
		return f, keys, err
	}
	inject, err := s.sealing.injected()
	if err != nil || inject == nil {
		return f, keys, err
	}
	if keys, err = inject(s.tid); err == nil && s.pin != "" && keys.Key.Algorithm() == hsm.AES && f != hsm.ISO4 {
		err = errAESPIN
	}
	return f, keys, err
}

// openCard opens the reader that the flags name.
func (s *station) openCard() (reader.Reader, error) {
	switch {
	case s.ways() > 1:
		return nil, usage("--reader, --swipe, --insert and --tap exclude each other: say one of them")
	case s.insert != "":
		return s.openChip(s.insert, false)
	case s.tap != "":
		return s.openChip(s.tap, true)
	case s.swipe != "":
		return s.openReader("scripted:"+s.swipe, false)
	case s.reader == "":
		return noReader{}, nil
	}
	return s.openReader(s.reader, false)
}

// noReader is where a card would have to come from when the flags name no reader.
type noReader struct{}

var errNoReader = usage("where does the card come from? say --reader URL (possim doctor lists what is attached), or --swipe, --insert or --tap CARD to simulate one")

// Next implements reader.Reader.
func (noReader) Next(context.Context, reader.Ask) (reader.Presentation, error) {
	return nil, errNoReader
}

// Close implements reader.Reader.
func (noReader) Close() error { return nil }

// stopped says what an order that could not be carried through leaves behind.
func (s *station) stopped(ctx context.Context, t *emulator.Terminal, err error) error {
	if left := t.State(); left.Open != nil || len(left.Queue) > 0 {
		fmt.Fprintln(s.stderr, "possim: a request may be at the host; the next order of this terminal reverses it first")
	}
	if ctx.Err() != nil {
		return err
	}
	if errors.Is(err, reader.ErrGone) {
		return badWorld(fmt.Errorf("reader %s: %w", s.reader, err))
	}
	return readerError(err)
}

// report prints the outcome and turns it into an exit code.
func (s *station) report(out emulator.Outcome) error {
	if s.json {
		if err := json.NewEncoder(s.stdout).Encode(out.Words()); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.stderr, summary(out))
	}
	switch {
	case out.Result == emulator.Approved:
		return nil
	case out.Cause == emulator.HostDown:
		return exitError{code: exitWorld}
	}
	return exitError{code: exitFailed}
}

// fixed wants exactly n characters of the visible ASCII, as F41 and F42 have them.
func fixed(flag, value string, n int) error {
	for _, r := range value {
		if r < ' ' || r > '~' {
			return fmt.Errorf("%s: %q cannot stand in a message", flag, r)
		}
	}
	if len(value) != n {
		return fmt.Errorf("%s %q: want %d characters, got %d", flag, value, n, len(value))
	}
	return nil
}
