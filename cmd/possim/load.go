package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"possim/host"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios"
	"possim/scenarios/load"
)

// usualLoad is how long a load goes on that nobody ends.
const usualLoad = 10 * time.Second

// loader is possim load.
type loader struct {
	*app
	config  load.Config
	host    string
	dialect string
	mix     string
	pool    int
	cards   string
	list    []*scenarios.Card // of cards, once read
	amount  string
	firstID string
	shard   string
	failIf  []string
	sealing sealing
	json    bool
	bars    bool
	log     logFlags
	script  scripting
	flags   *pflag.FlagSet
}

func (a *app) loadCommand() *cobra.Command {
	l := &loader{app: a}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Have many terminals work at a host, and say how fast it was",
		Long: `load has many terminals, each with its own state, keys and batch, sell at a host: ours
or yours. With --rate orders come at that many a second whatever the host does, and
latency counts from when an order was due. With --rate 0 each terminal begins its next
order when the last one has ended.

The figures say approvals a second, percentiles of answered orders, response codes, and
errors by cause; where orders did not all end alike, also how many of each kind ended how,
and how long those took. It ends after --duration or --count; interrupted, it shows the
figures until then and exits 130. It exits 1 when a --fail-if condition holds, and when
no order was answered. A condition is about all orders, or about those with the labels
in braces: kind, tag, code, cause. A share, as in answered{code:51}>1%, is one of all
orders.

With --script the terminals do what a file of JavaScript says, which may give the other
flags as its options, too: docs/scripts.md.

With --shard 2/4 it is the second of four processes that share the terminals, the rate
and the count among them; possim load merge adds their reports up.

Kinds of --mix: sale, void, refund, pre-auth, completion, balance, echo, settle. Cards
are a generated pool of test numbers; possim host knows them with --walk-in.`,
		Example: `  possim host --walk-in
  possim load --terminals 64 --connections 8 --rate 500 --duration 30s
  possim load --rate 200 --ramp 10s --fail-if 'p99>50ms' --fail-if 'errors>0' --json
  possim load --mix sale=90,void=10 --fail-if 'p99{kind:sale,code:00}>50ms' --fail-if 'answered{code:51}>1%'
  possim load --script checkout.js --terminals 8 --env AMOUNT=12.34`,
		Args: cobra.NoArgs,
		RunE: a.command(l.run),
	}
	f, c := cmd.Flags(), &l.config
	l.flags = f
	f.StringVar(&l.host, "host", defaultHost, "address of the host")
	f.StringVar(&l.dialect, "dialect", "unionpay", dialectUsage)
	f.IntVar(&c.Terminals, "terminals", 64, "how many terminals work")
	f.IntVar(&c.Connections, "connections", 0, "how many connections they share (default one each)")
	f.Float64Var(&c.Rate, "rate", 0, "orders a second; 0 is as many as the host answers")
	f.DurationVar(&c.Ramp, "ramp", 0, "how long the rate, or the number of terminals at work, takes to grow")
	f.DurationVar(&c.Duration, "duration", 0, "how long orders are begun; 0 is until --count (default 10s without --count)")
	f.Int64Var(&c.Count, "count", 0, "how many orders in all, unless --duration ends before")
	f.StringVar(&l.mix, "mix", "sale=1", "kinds of orders and their weights, as in sale=90,void=5,balance=5")
	f.StringVar(&l.amount, "amount", "0.01", "amount of a sale")
	f.IntVar(&l.pool, "pool", 1000, "how many cards to generate in the test range 6222020000")
	f.StringVar(&l.cards, "cards", "", "the cards that pay: a YAML file with a cards: section, as of possim host")
	f.StringVar(&l.firstID, "tid-from", "00000001", "number of the first terminal, 8 digits; the others follow")
	f.StringVar(&c.MID, "mid", registry.DefaultMID, "merchant number, 15 characters")
	f.Uint64Var(&c.Seed, "seed", 1, "of what is drawn: kinds and cards")
	f.DurationVar(&c.AnswerWait, "timeout", 10*time.Second, "how long an answer may take")
	f.StringVar(&l.shard, "shard", "", "be this part of the run alone, with its share of terminals, connections, rate and count: 1/4 is the first of four")
	f.StringArrayVar(&l.failIf, "fail-if", nil, failIfUsage)
	f.BoolVar(&l.json, "json", false, "one JSON object instead of the figures for people")
	f.BoolVar(&l.bars, "latencies", false, "with --json: every latency too, for possim load merge")
	l.script.register(cmd)
	l.sealing.register(cmd)
	l.sealing.registerMethod(cmd)
	offersDialects(cmd)
	cmd.MarkFlagsMutuallyExclusive("pool", "cards")
	cmd.AddCommand(a.mergeCommand())
	l.log.register(f)
	quiet := f.Lookup("log") // each error of thousands is in the figures
	quiet.DefValue, l.log.level = "error", "error"
	return cmd
}

func (l *loader) run(ctx context.Context, _ []string) (err error) {
	if err := l.read(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.closeScript()) }()
	limits, err := l.settle()
	if err != nil {
		return err
	}
	world, err := l.world()
	if err != nil {
		return err
	}
	if err := l.play(world); err != nil {
		return err
	}
	run, err := load.New(l.config, world)
	if err != nil {
		return usage("%w", err)
	}
	shown := l.progress(run)
	err = run.Run(ctx)
	shown()
	if err != nil && ctx.Err() == nil {
		return badWorld(fmt.Errorf("the load could not begin: %w", err))
	}
	report := run.Report()
	report.WithLatencies = l.bars
	if err := errors.Join(printLoad(l.stdout, report, l.json), err); err != nil {
		return err
	}
	if n := report.Codes[wire.InvalidCard]; n > 0 && l.cards == "" {
		fmt.Fprintf(l.stderr, "possim: the host did not know the card %d times (code 14): start it with possim host --walk-in, or name cards that it knows with --cards FILE\n", n)
	}
	return judgeLoad(&report, limits)
}

// settle takes what the flags say into the configuration, and refuses what no run could do.
func (l *loader) settle() (limits []load.Threshold, err error) {
	c := &l.config
	if c.Duration == 0 && c.Count == 0 {
		c.Duration = usualLoad
	}
	if c.Connections == 0 {
		c.Connections = c.Terminals
	}
	if _, err := fmt.Sscanf(l.firstID, "%08d", &c.FirstTID); err != nil || len(l.firstID) != 8 || strings.Trim(l.firstID, "0123456789") != "" {
		return nil, usage("--tid-from %q: want 8 digits", l.firstID)
	}
	switch {
	case c.Terminals < 1 || c.Connections < 1:
		return nil, usage("--terminals and --connections: want at least 1")
	case c.FirstTID+c.Terminals-1 > 99_999_999:
		return nil, usage("--tid-from %s and %d terminals: the last would have nine digits", l.firstID, c.Terminals)
	case c.Rate < 0 || c.Ramp < 0 || c.Duration < 0 || c.Count < 0:
		return nil, usage("--rate, --ramp, --duration and --count: want 0 or more")
	case c.AnswerWait <= 0:
		return nil, usage("--timeout %s: want more than 0", c.AnswerWait)
	}
	if err := fixed("--mid", c.MID, 15); err != nil {
		return nil, usage("%w", err)
	}
	if c.Mix, err = load.ParseMix(l.mix); err != nil {
		return nil, usage("--mix: %w", err)
	}
	amount, err := money.Parse(l.amount, money.CNY)
	if err != nil || amount.Minor <= 0 {
		return nil, usage("--amount %q: want an amount over 0, as in 0.01", l.amount)
	}
	c.Amount = amount.Minor
	if limits, err = thresholds(l.failIf); err != nil {
		return nil, err
	}
	if l.bars && !l.json {
		return nil, usage("--latencies goes with --json")
	}
	if err := l.cut(); err != nil {
		return nil, err
	}
	return limits, l.payers()
}

// payers are the cards of the file, or of a pool.
func (l *loader) payers() (err error) {
	if l.cards == "" {
		if l.config.Cards, err = load.Pool(l.pool); err != nil {
			return usage("--pool %d: %w", l.pool, err)
		}
		return nil
	}
	cards, err := l.listed()
	if err != nil {
		return err
	}
	for _, c := range cards {
		_, track2, err := c.Tracks()
		if err != nil {
			return badFile(fmt.Errorf("%s:%d:%d: %w", l.cards, c.Line, c.Column, err))
		}
		l.config.Cards = append(l.config.Cards, load.Card{Track2: track2})
	}
	if len(cards) == 0 {
		return badFile(fmt.Errorf("%s:1:1: %w", l.cards, load.ErrNoCards))
	}
	return nil
}

// listed are the cards of --cards. The file is read once.
func (l *loader) listed() (_ []*scenarios.Card, err error) {
	if l.list == nil {
		if l.list, err = scenarios.LoadCards(l.cards); err != nil {
			return nil, badFile(err)
		}
	}
	return l.list, nil
}

// world is what the terminals are attached to.
func (l *loader) world() (w load.World, err error) {
	if w.Log, err = l.logger(l.log); err != nil {
		return w, err
	}
	if w.Dialect, err = l.app.dialect("dialect", l.dialect); err != nil {
		return w, err
	}
	policy, err := l.sealing.policy(w.Dialect)
	if err != nil {
		return w, err
	}
	method, err := l.sealing.method()
	if err != nil {
		return w, err
	}
	if policy == host.MACRequire {
		l.config.MAC = method
	}
	w.TMK, err = l.sealing.key()
	w.Dial, w.Now, w.Sleep, w.Within, w.Random = dialer(l.host, l.now), l.chinaNow, l.sleep, context.WithTimeout, randomness
	return w, err
}

// progress shows a line a second to a person. The function it returns takes it away.
func (l *loader) progress(run *load.Load) (stop func()) {
	if !isTerminal(l.stderr) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for l.sleep(ctx, time.Second) == nil {
			fmt.Fprintf(l.stderr, "\r\x1b[K%s", run.Report().Line())
		}
		fmt.Fprint(l.stderr, "\r\x1b[K")
	}()
	return func() { cancel(); <-gone }
}

// cut leaves of the run what --shard has of it.
func (l *loader) cut() error {
	if l.shard == "" {
		return nil
	}
	shard, err := scenarios.ParseShard(l.shard)
	if err != nil {
		return usage("--%w", err)
	}
	if l.config, err = l.config.Part(shard.Index, shard.Of); err != nil {
		return usage("--shard %s: %w", l.shard, err)
	}
	return nil
}
