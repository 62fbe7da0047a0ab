package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"possim/emulator"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader"
)

// sale is one sale at a terminal of this machine.
type sale struct {
	*app
	reader  string
	swipe   string
	host    string
	dialect string
	tid     string
	mid     string
	name    string
	state   string
	timeout time.Duration
	json    bool
	yes     bool
	log     logFlags
}

// saleResult is what `possim sale --json` prints (a contract).
type saleResult struct {
	Outcome  emulator.Result        `json:"outcome"`
	Code     wire.Code              `json:"code"`
	STAN     string                 `json:"stan"`
	RRN      string                 `json:"rrn"`
	Auth     string                 `json:"auth"`
	Amount   string                 `json:"amount"`
	Currency string                 `json:"currency"`
	PAN      string                 `json:"pan"`
	Entry    string                 `json:"entry"`
	Reversal emulator.ReversalState `json:"reversal"`
	Cause    emulator.Cause         `json:"cause"`
	Slip     string                 `json:"slip"`
	Note     string                 `json:"note,omitempty"`
}

func (a *app) saleCommand() *cobra.Command {
	s := &sale{app: a}
	cmd := &cobra.Command{
		Use:   "sale AMOUNT",
		Short: "Make one sale with an attached reader",
		Long: `sale is one sale at a terminal: the amount is confirmed twice (where stdin is not a
terminal, or with --yes, it is taken as confirmed), the card is read, the host is
asked, and the slip goes to stdout. What the terminal's screen says goes to stderr.

The terminal's state survives a power cut at any point: what an earlier run left
open is reversed first. It exits 0 when the sale is approved, 1 when it is not, and
4 when the reader, the state or the host cannot be reached.`,
		Example: `  possim sale 12.34 --reader serial:/dev/ttyUSB0
  possim sale 12.34 --reader wav:swipe.wav --host 10.0.0.5:8583 --dialect iso87ascii --json
  possim sale 12.34 --swipe good`,
		Args: exactly("AMOUNT"),
		RunE: a.command(s.run),
	}
	f := cmd.Flags()
	f.StringVar(&s.reader, "reader", "", "the reader: "+readerURLs)
	f.StringVar(&s.swipe, "swipe", "", "swipe a simulated card of the catalog instead of reading one")
	f.StringVar(&s.host, "host", defaultHost, "address of the host")
	f.StringVar(&s.dialect, "dialect", "unionpay", dialectUsage)
	f.StringVar(&s.tid, "tid", "00000001", "terminal number, 8 characters")
	f.StringVar(&s.mid, "mid", registry.DefaultMID, "merchant number, 15 characters")
	f.StringVar(&s.name, "merchant", "POSSIM", "merchant name on the slip")
	f.StringVar(&s.state, "state", "", "directory of the terminal's state (default $XDG_STATE_HOME/possim)")
	f.DurationVar(&s.timeout, "timeout", time.Minute, "how long an answer may take")
	f.BoolVar(&s.json, "json", false, "one JSON object instead of the slip")
	f.BoolVar(&s.yes, "yes", false, "take the amount as confirmed")
	offersDialects(cmd)
	s.log.register(f)
	return cmd
}

func (s *sale) run(ctx context.Context, args []string) (err error) {
	amount, err := money.Parse(args[0], money.CNY)
	if err != nil {
		return usage("%w", err)
	}
	dialect, log, err := s.check()
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
	attached, err := s.openCard()
	if err != nil {
		return err
	}
	defer attached.Close()
	till := &till{app: s.app, asks: !s.yes && isTerminal(s.stdin), json: s.json}
	terminal := emulator.New(
		emulator.Config{TID: s.tid, MID: s.mid, MerchantName: s.name, AnswerWait: s.timeout},
		emulator.World{
			Reader: attached, Face: till, Print: till.print, Dial: dialer(s.host, s.now), Dialect: dialect,
			Now: s.chinaNow, Save: state.save, Log: log,
		}, saved)
	out, err := terminal.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: amount})
	if err != nil {
		return s.stopped(ctx, terminal, err)
	}
	return s.report(out)
}

// openCard opens the reader that the flags name.
func (s *sale) openCard() (reader.Reader, error) {
	switch {
	case s.reader != "" && s.swipe != "":
		return nil, usage("--reader and --swipe exclude each other")
	case s.swipe != "":
		return s.openReader("scripted:"+s.swipe, false)
	case s.reader == "":
		return nil, usage("where does the card come from? say --reader URL (possim doctor lists what is attached), or --swipe CARD to simulate one")
	}
	return s.openReader(s.reader, false)
}

// stopped says what an order that could not be carried through leaves behind.
func (s *sale) stopped(ctx context.Context, t *emulator.Terminal, err error) error {
	if left := t.State(); left.Open != nil || len(left.Queue) > 0 {
		fmt.Fprintln(s.stderr, "possim: a request may be at the host; the next sale of this terminal reverses it first")
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
func (s *sale) report(out emulator.Outcome) error {
	if s.json {
		if err := json.NewEncoder(s.stdout).Encode(result(out)); err != nil {
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

func result(out emulator.Outcome) saleResult {
	return saleResult{
		Outcome: out.Result, Code: out.Code, STAN: out.STAN, RRN: out.RRN, Auth: out.Auth,
		Amount: out.Amount.String(), Currency: out.Amount.Currency.Code(), PAN: out.PAN.String(), Entry: out.Entry,
		Reversal: out.Reversal, Cause: out.Cause, Slip: out.Slip, Note: out.Note,
	}
}

// summary is the outcome in one line.
func summary(out emulator.Outcome) string {
	line := fmt.Sprintf("%s %s %s", out.Result, out.Amount, out.Amount.Currency.Code())
	for _, part := range []struct{ name, value string }{
		{"code", string(out.Code)}, {"cause", string(out.Cause)}, {"stan", out.STAN}, {"rrn", out.RRN}, {"", out.Note},
	} {
		if part.value != "" {
			line += "  " + part.name + " " + part.value
		}
	}
	if out.Reversal != emulator.ReversalNone {
		line += "  reversal " + string(out.Reversal)
	}
	return line
}

// check refuses flags that no terminal could work with.
func (s *sale) check() (*wire.Dialect, zerolog.Logger, error) {
	log, err := s.logger(s.log)
	if err != nil {
		return nil, log, err
	}
	if err := errors.Join(fixed("--tid", s.tid, 8), fixed("--mid", s.mid, 15)); err != nil {
		return nil, log, usage("%w", err)
	}
	if s.timeout <= 0 {
		return nil, log, usage("--timeout %s: want more than 0", s.timeout)
	}
	d, err := s.app.dialect("dialect", s.dialect)
	return d, log, err
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
