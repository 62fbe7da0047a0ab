package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"possim/host"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/server"
	"possim/host/wire"
	"possim/scenarios"
)

// dueEvery is how often the host is told that time passes.
const dueEvery = 10 * time.Second

// serve is the mock acquirer on a socket.
type serve struct {
	*app
	listen   string
	dialect  string
	spec     string
	db       string
	cards    string
	walkIn   bool
	conns    int
	pending  int
	fallback bool
	block    bool
	record   taping
	dayLimit string
	acquirer string
	issuer   string
	sealing  sealing
	keyFile  string
	log      logFlags
}

func (a *app) hostCommand() *cobra.Command {
	s := &serve{app: a}
	cmd := &cobra.Command{
		Use:   "host",
		Short: "Serve the mock acquirer: ISO 8583 over TCP",
		Long: `host is an acquirer and the issuer behind it: it keeps double-entry books and
enforces limits. It says "listening on ADDR" on stderr when it is ready, logs one
line for each decision, and stops gracefully.

With --db the books are durable: what was answered survives kill -9. Without it
they are in memory. Beside the books it keeps which batch each terminal has open and,
wrapped under the master key of --key-file or $POSSIM_MASTER_KEY (64 hex digits), the
keys of its session; without a master key terminals sign on again after a restart.

A database (--db postgres://USER@HOST/NAME) may be shared: several hosts then keep one
book and one limit a day, and a terminal may talk to any of them. All need the same
master key. Passwords are better in $PGPASSWORD or ~/.pgpass than in the address.

Where messages carry MACs (--mac) one that does not verify is answered A0 and posts
nothing. Terminals share a published test key until --tmk says otherwise. Without --cards it knows the cards of the catalog, and with
--walk-in it opens an account for any card at first sight. It knows merchant
` + registry.DefaultMID + ` and its terminals 00000001 to 00010000.`,
		Example: `  possim host
  possim host --listen 0.0.0.0:8583 --dialect iso87ascii --db books.db --cards cards.yaml`,
		Args: cobra.NoArgs,
		RunE: a.command(s.run),
	}
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", defaultHost, "address to listen on; port 0 takes any free one")
	f.StringVar(&s.dialect, "dialect", "unionpay", dialectUsage)
	f.StringVar(&s.spec, "spec", "", "the same as --dialect FILE")
	f.StringVar(&s.db, "db", "", "keep the books in this SQLite file, or in a PostgreSQL database that several hosts share (postgres://...)")
	f.StringVar(&s.cards, "cards", "", "the cards it knows: a YAML file with a cards: section (default the catalog's)")
	f.BoolVar(&s.walkIn, "walk-in", false, "open an account at first sight of a card")
	f.IntVar(&s.conns, "max-connections", server.UsualMaxConns, "connections open at once; one more is closed")
	f.IntVar(&s.pending, "max-pending", host.DefaultMostPending, "requests under way at once, on all connections; one more is answered 91")
	f.BoolVar(&s.fallback, "fallback", false, "take the stripe of a card whose chip could not be read (else 45)")
	f.BoolVar(&s.block, "block-lost", false, "have the chips of lost and stolen cards block themselves")
	f.StringVar(&s.dayLimit, "terminal-limit", money.Format(host.DefaultTerminalDay), "what one terminal may take a day")
	f.StringVar(&s.acquirer, "acquirer", "", "institution code of the acquirer, up to 11 digits: field 32 of answers, and 44 in unionpay (default there "+host.DefaultAcquirer+")")
	f.StringVar(&s.issuer, "issuer", "", "institution code of the issuer, up to 11 digits: field 44 of answers in unionpay (default "+host.DefaultIssuer+")")
	f.StringVar(&s.keyFile, "key-file", "", "with --db: the master key that keys are wrapped under (default $POSSIM_MASTER_KEY)")
	s.record.register(cmd)
	s.sealing.register(cmd)
	s.sealing.registerMethod(cmd)
	s.sealing.registerDUKPT(cmd, dukptHost)
	offersDialects(cmd)
	cmd.MarkFlagsMutuallyExclusive("dialect", "spec")
	s.log.register(f)
	return cmd
}

func (s *serve) run(ctx context.Context, _ []string) (err error) {
	if s.conns < 1 || s.pending < 1 {
		return usage("--max-connections and --max-pending: want at least 1")
	}
	dialect, err := s.spoken()
	if err != nil {
		return err
	}
	log, err := s.logger(s.log)
	if err != nil {
		return err
	}
	books, err := s.openBooks(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, books.close()) }()
	h, err := s.host(books, log)
	if err != nil {
		return err
	}
	if h.MAC, err = s.sealing.policy(dialect); err != nil {
		return err
	}
	if err := s.secure(ctx, h, books); err != nil {
		return err
	}
	if err := h.Due(ctx); err != nil {
		return err
	}
	read := h.Reader(dialect)
	config := server.Config{Read: func(frame []byte) server.Request { return read(frame) }, Now: s.now, Log: log, MaxConns: s.conns}
	if s.record.file != "" {
		rec, err := s.recorder(s.record, dialect, &s.sealing)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rec.close()) }()
		config.Wrap = rec.wrap
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return badWorld(fmt.Errorf("--listen: %w", err))
	}
	fmt.Fprintf(s.stderr, "listening on %s (%s, MAC %s, %d cards, books %s)\n", listener.Addr(), dialect, h.MAC, len(h.Registry.Cards()), books.where)
	return s.serve(ctx, h, listener, config)
}

// spoken is the dialect of --dialect or --spec.
func (s *serve) spoken() (*wire.Dialect, error) {
	if s.spec != "" {
		return s.app.dialect("spec", s.spec)
	}
	return s.app.dialect("dialect", s.dialect)
}

// serve runs until ctx ends. SIGTERM is how a server is told to stop, and no failure.
func (s *serve) serve(ctx context.Context, h *host.Host, listener net.Listener, config server.Config) error {
	ticking, stop := context.WithCancel(ctx)
	ticked := make(chan struct{})
	go func() {
		defer close(ticked)
		for s.sleep(ticking, dueEvery) == nil {
			if err := h.Due(ticking); err != nil && ticking.Err() == nil {
				h.Log.Error().Err(err).Msg("what the clock brings could not be done")
			}
		}
	}()
	err := server.Serve(ctx, listener, config)
	stop()
	<-ticked
	if err != nil {
		return badWorld(err)
	}
	fmt.Fprintln(s.stderr, "stopped")
	if terminated(ctx) {
		return nil
	}
	return exitError{code: exitInterrupted}
}

// host builds the host from the flags.
func (s *serve) host(b *books, log zerolog.Logger) (*host.Host, error) {
	limit, err := money.Parse(s.dayLimit, money.CNY)
	if err != nil {
		return nil, usage("--terminal-limit: %w", err)
	}
	for _, code := range []string{s.acquirer, s.issuer} {
		if len(code) > 11 || strings.Trim(code, "0123456789") != "" {
			return nil, usage("--acquirer and --issuer: an institution code is up to 11 digits, not %d characters", len(code))
		}
	}
	known, err := s.registry()
	if err != nil {
		return nil, err
	}
	downloads, err := scenarios.CatalogDownloads()
	if err != nil {
		return nil, err
	}
	return &host.Host{
		Now: s.now, Registry: known, Book: b.Book, TokenKey: b.key, TerminalDay: &limit.Minor,
		Zone: scenarios.China, WalkIn: s.walkIn, Random: randomness, Downloads: downloads, Log: log,
		Acquirer: s.acquirer, Issuer: s.issuer,
		Fallback: s.fallback, BlockLost: s.block, MostPending: s.pending,
	}, nil
}

// secure gives the registry the keys it shares with terminals, and a place where
// their sessions survive a restart.
func (s *serve) secure(ctx context.Context, h *host.Host, b *books) error {
	tmk, err := s.sealing.key()
	if err != nil {
		return err
	}
	algorithm, err := s.sealing.method()
	if err != nil {
		return err
	}
	if err := errors.Join(h.Registry.SetTMK(tmk), h.Registry.SetMACAlgorithm(algorithm)); err != nil {
		return usage("%w", err)
	}
	if base, err := s.sealing.base(); err != nil {
		return err
	} else if !base.Zero() {
		if err := h.Registry.SetBDK(base); err != nil {
			return usage("--dukpt: %w", err)
		}
	}
	if b.terminals == nil {
		if s.keyFile != "" {
			return usage("--key-file goes with --db FILE: without it nothing is kept")
		}
		return nil
	}
	master, err := s.master(s.keyFile)
	if err != nil {
		return err
	}
	if err := h.Registry.Keep(ctx, b.terminals, master); err != nil {
		return badWorld(fmt.Errorf("%s: %w", s.db, err))
	}
	if master.Zero() {
		b.where += "; no master key: terminals' keys are not kept"
	}
	return nil
}

// registry knows the cards of the card file, or of the catalog.
func (s *serve) registry() (*registry.Registry, error) {
	cards, err := scenarios.CatalogCards()
	if s.cards != "" {
		cards, err = scenarios.LoadCards(s.cards)
	}
	if err != nil {
		return nil, badFile(err)
	}
	known := registry.New()
	for _, c := range cards {
		entry, ok := c.Known()
		if !ok {
			continue
		}
		if err := known.PutCard(entry); err != nil {
			return nil, badFile(fmt.Errorf("%s:%d:%d: card %s: %w", s.cards, c.Line, c.Column, c.Name, err))
		}
	}
	return known, nil
}
