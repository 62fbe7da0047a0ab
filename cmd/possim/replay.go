package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios"
	"possim/scenarios/journal"
)

// replay plays a journal again.
type replay struct {
	*app
	host    string
	listen  string
	dialect string
	mode    string
	cards   string
	walkIn  bool
	speed   float64
	timeout time.Duration
	json    bool
	sealing sealing
	path    string
	source  map[string]string
}

func (a *app) replayCommand() *cobra.Command {
	p := &replay{app: a}
	cmd := &cobra.Command{
		Use:   "replay LOG",
		Short: "Play a recorded journal again, and compare",
		Long: `replay sends what the terminals of a journal sent, and compares what the host
answers with what it answered when it was recorded. Nothing is left out of that:
numbers that a side chooses for itself (STAN, reference number, authorisation code,
batch) may be other ones now, but must come again where they came again; times are
compared by their shape, MACs and cryptograms by what they are worth.

A journal of possim run is played to hosts that are built again from it. One that a
proxy recorded needs a host: --host ADDR, or one of possim's own, with fresh books, by
--cards FILE or --walk-in.

With --listen ADDR replay is the host, and the terminal is yours: each request is
answered as the recorded one that it is like. --mode spy has a request that was not
recorded answered by --host; --mode replay is told nothing about it and misses.
--mode update writes the answers of now into the journal.

The journal is read to its end before anything is sent. Exit codes: 0 all as
recorded, 1 something differs, 3 the journal is wrong, 4 the host cannot be reached.`,
		Example: `  possim replay day.jsonl
  possim replay proxy.jsonl --host 10.0.0.5:8583 --tmk $TMK
  possim replay proxy.jsonl --walk-in --json
  possim replay proxy.jsonl --listen 127.0.0.1:9000`,
		Args: exactly("LOG"),
		RunE: a.command(p.run),
	}
	f := cmd.Flags()
	f.StringVar(&p.host, "host", "", "play to the host at this address")
	f.StringVar(&p.listen, "listen", "", "be the host at this address, for a terminal")
	f.StringVar(&p.dialect, "dialect", "", dialectUsage+" (default the journal's)")
	f.StringVar(&p.mode, "mode", "", "verify (send the requests), replay or spy (with --listen), update (default by --listen)")
	f.StringVar(&p.cards, "cards", "", "play to a host with fresh books that knows these cards; with --listen, whose chips to verify")
	f.BoolVar(&p.walkIn, "walk-in", false, "play to a host with fresh books that opens an account at first sight of a card")
	f.Float64Var(&p.speed, "speed", 0, "0: as fast as answers come; 1: as it was; 2: twice as fast")
	f.DurationVar(&p.timeout, "timeout", journal.UsualWait, "how long an answer may take")
	f.BoolVar(&p.json, "json", false, "one JSON object")
	p.sealing.register(cmd)
	p.sealing.registerMethod(cmd)
	p.sealing.registerDUKPT(cmd, dukptHost)
	offersDialects(cmd)
	offers(cmd, "mode", "verify", "replay", "spy", "update")
	return cmd
}

func (p *replay) run(ctx context.Context, args []string) error {
	p.path = args[0]
	if err := p.settle(); err != nil {
		return err
	}
	header, err := p.header()
	if err != nil {
		return err
	}
	if p.dialect == "" {
		p.dialect = header.Dialect
	}
	dialect, err := p.app.dialect("dialect", p.dialect)
	if err != nil {
		return err
	}
	survey, err := p.check(dialect)
	if err != nil {
		return err
	}
	player := journal.Player{Dialect: dialect, Last: survey.Last, Speed: p.speed, Wait: p.timeout, Rand: randomness}
	if p.sealing.algorithm != header.MAC && p.sealing.algorithm != string(hsm.MACECB) {
		if player.Method, err = p.sealing.method(); err != nil {
			return err
		}
	}
	if p.listen != "" {
		return p.serve(ctx, header, dialect)
	}
	if err := p.stage(ctx, &player, header); err != nil {
		return err
	}
	debug.SetGCPercent(keptMost)
	return p.play(ctx, &player)
}

// keptMost is for a program that keeps most of what it makes: the books of a host, and
// which number of now stands for which of the recording.
const keptMost = 40

// settle refuses what does not go together.
func (p *replay) settle() error {
	switch {
	case p.mode != "" && !slices.Contains([]string{"verify", "replay", "spy", "update"}, p.mode):
		return usage("--mode %q: want verify, replay, spy or update", p.mode)
	case p.speed < 0:
		return usage("--speed %v: want 0 or more", p.speed)
	case p.timeout <= 0:
		return usage("--timeout %s: want more than 0", p.timeout)
	case p.listen == "" && (p.mode == "replay" || p.mode == "spy"):
		return usage("--mode %s answers a terminal: say --listen ADDR", p.mode)
	case p.listen != "" && (p.mode == "verify" || p.mode == "update"):
		return usage("--mode %s sends to a host, and --listen is one", p.mode)
	case p.mode == "spy" && p.host == "":
		return usage("--mode spy asks a host about what was not recorded: say --host ADDR")
	case p.listen != "" && p.mode != "spy" && p.host != "":
		return usage("--listen is the host: --host goes with it in --mode spy alone")
	case p.listen != "" && p.walkIn:
		return usage("--walk-in is a host of possim's own, and --listen is one of the journal's")
	case p.listen == "" && p.host != "" && (p.cards != "" || p.walkIn):
		return usage("--host is the host: --cards and --walk-in are of one of possim's own")
	}
	return nil
}

// open opens the journal.
func (p *replay) open() (*os.File, *journal.Reader, error) {
	file, err := os.Open(p.path)
	if err != nil {
		return nil, nil, badFile(err)
	}
	r, err := journal.NewReader(file)
	if err != nil {
		file.Close()
		if wrong := p.wrong(err); errors.As(wrong, new(exitError)) {
			return nil, nil, wrong
		}
		return nil, nil, badFile(err)
	}
	return file, r, nil
}

func (p *replay) header() (journal.Header, error) {
	file, r, err := p.open()
	if err != nil {
		return journal.Header{}, err
	}
	return r.Header, file.Close()
}

// wrong puts the file's name before what is wrong with a line.
func (p *replay) wrong(err error) error {
	if errors.As(err, new(*journal.LineError)) {
		return badFile(fmt.Errorf("%s:%w", p.path, err))
	}
	return err
}

// mostProblems is how many problems of a journal are listed.
const mostProblems = 20

// check reads the journal to its end.
func (p *replay) check(d *wire.Dialect) (journal.Survey, error) {
	file, err := os.Open(p.path)
	if err != nil {
		return journal.Survey{}, badFile(err)
	}
	defer file.Close()
	survey, err := journal.Check(file, d, mostProblems)
	if err != nil {
		return survey, badFile(err)
	}
	var all []error
	for _, problem := range survey.Problems {
		all = append(all, fmt.Errorf("%s:%w", p.path, problem))
	}
	if len(all) > 0 {
		return survey, badFile(errors.Join(all...))
	}
	return survey, nil
}

// stage finds the host to play to.
func (p *replay) stage(ctx context.Context, player *journal.Player, header journal.Header) error {
	tmk, err := p.sealing.key()
	if err != nil {
		return err
	}
	bdk, err := p.sealing.base()
	if err != nil {
		return err
	}
	player.Stage = journal.Stage{Now: p.now, Sleep: p.sleep, TMK: tmk, BDK: bdk}
	switch {
	case p.host != "":
		player.Stage.Dial = dialer(p.host, p.now)
		player.Stage.Card, err = p.cardSecrets()
		return err
	case p.cards != "" || p.walkIn:
		if player.Stage.Card, err = p.cardSecrets(); err != nil {
			return err
		}
		return p.ownHost(ctx, player, header)
	}
	p.source = map[string]string{}
	player.Source = func(s journal.Source) { p.source[s.Path] = s.Text }
	player.World = func(ctx context.Context, w journal.World) (journal.Stage, error) {
		return scenarios.Rebuild(ctx, w, p.source, player.Dialect)
	}
	player.Stage.Dial = func(context.Context) (wire.Link, error) {
		return nil, usage("%s was not recorded by possim run: say which host to play it to, --host ADDR, --cards FILE or --walk-in", p.path)
	}
	return nil
}

// cardSecrets are the PINs, CVNs and issuers' keys of the cards.
func (p *replay) cardSecrets() (func(card.PAN) (journal.Secrets, bool), error) {
	cards, err := scenarios.CatalogCards()
	if p.cards != "" {
		cards, err = scenarios.LoadCards(p.cards)
	}
	if err != nil {
		return nil, badFile(err)
	}
	known := map[card.PAN]journal.Secrets{}
	for _, c := range cards {
		known[c.PAN()] = c.Secrets()
	}
	return func(pan card.PAN) (journal.Secrets, bool) { s, ok := known[pan]; return s, ok }, nil
}

// play plays, and reports.
func (p *replay) play(ctx context.Context, player *journal.Player) error {
	file, r, err := p.open()
	if err != nil {
		return err
	}
	defer file.Close()
	if p.mode == "update" {
		return p.update(ctx, player, r)
	}
	report, err := p.played(ctx, player, r)
	if err != nil {
		return err
	}
	switch {
	case report.Missed > 0:
		return exitError{code: exitFailed}
	case report.Requests == 0:
		return failed("%s: nothing was played: it holds no request", p.path)
	}
	return nil
}

// played plays, and writes the report.
func (p *replay) played(ctx context.Context, player *journal.Player, r *journal.Reader) (journal.Report, error) {
	report, err := player.Play(ctx, r)
	if ctx.Err() != nil {
		return report, context.Cause(ctx)
	}
	switch {
	case errors.Is(err, journal.ErrTooMany):
		fmt.Fprintf(p.stderr, "possim: %v\n", err)
	case errors.As(err, new(*journal.LineError)):
		return report, p.wrong(err)
	case errors.As(err, new(exitError)):
		return report, err
	case err != nil:
		return report, badWorld(fmt.Errorf("%s: %w", p.path, err))
	}
	return report, p.report(p.stdout, &report)
}

// report writes a report.
func (p *replay) report(w io.Writer, r *journal.Report) error {
	if p.json {
		if r.Misses == nil {
			r.Misses = []journal.Miss{}
		}
		return json.NewEncoder(w).Encode(r)
	}
	r.Print(w, p.path)
	return nil
}
