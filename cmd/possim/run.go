package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"possim/scenarios"
	"possim/scenarios/journal"
)

// run plays scenarios.
type run struct {
	*app
	options  scenarios.Options
	filter   string
	format   string
	dialect  string
	host     string
	cards    string
	tid, mid string
	record   taping
	sealing  sealing
	state    string
	states   []*stateFile // of the terminals towards a real host
	chips    cardStates
	outside  environment
	skip     bool
	list     bool
	watch    bool
	shard    string
	again    string
	reports  reports
	flags    *pflag.FlagSet
	log      logFlags
}

func (a *app) runCommand() *cobra.Command {
	r := &run{app: a}
	cmd := &cobra.Command{
		Use:   "run [FILE|DIR ...]",
		Short: "Run scenarios (the built-in catalog when none is named)",
		Long: `run plays scenarios: scripted swipes through a simulated head, a terminal, ISO 8583
and a mock acquirer, each in a world of its own whose clock is simulated. The same
seed gives the same output, whatever --jobs says.

With --host ADDR the acquirer is yours: real time, one scenario after the other.
Steps that need the simulated host are then errors at their line, or passed over by
name with --skip-unsupported.

--format says what goes to stdout; --report FORMAT:FILE writes another report beside
it, as often as it is given, and --summary appends a table to a file, which is GitHub's
step summary unless you name one. --shard 2/3 runs the second of three parts, in
which each scenario stays whatever else there is. --rerun-failed FILE reads the JSON
report of an earlier run and runs, with its seed, what failed in it or was not reached.
--watch runs again whenever a file changes, until you interrupt it.

It exits 0 when all passed, 1 when one failed or none ran, 2 when nothing matches,
3 when a scenario file is wrong. A shard without a scenario to run, and a rerun when
nothing had failed, say so and exit 0.`,
		Example: `  possim run
  possim run --filter 'answer lost' --format junit
  possim run tests/ --format github --report junit:report.xml --report json:last.json
  possim run tests/ --rerun-failed last.json
  possim run my-scenarios/ --host 10.0.0.5:8583 --tid 12345678`,
		RunE: a.command(r.run),
	}
	f := cmd.Flags()
	r.flags = f
	f.StringVar(&r.filter, "filter", "", "run the scenarios whose name matches this regular expression")
	f.StringSliceVar(&r.options.Tags, "tags", nil, "run the scenarios with one of these tags")
	f.IntVar(&r.options.Jobs, "jobs", runtime.NumCPU(), "scenarios at a time")
	f.Uint64Var(&r.options.Seed, "seed", 1, "seed of all randomness")
	f.BoolVar(&r.options.FailFast, "fail-fast", false, "stop at the first failure")
	f.StringVar(&r.shard, "shard", "", "run this part of the scenarios alone: 1/3 is the first of three")
	f.StringVar(&r.again, "rerun-failed", "", "run what failed or was not reached, by the JSON report of an earlier run in this file")
	f.BoolVar(&r.watch, "watch", false, "run again whenever one of the files changes")
	f.BoolVar(&r.list, "list", false, "list the scenarios instead of running them")
	f.StringVar(&r.format, "format", "pretty", "report on stdout: "+formats())
	r.reports.register(f)
	f.StringVar(&r.dialect, "dialect", "unionpay", dialectUsage)
	f.StringVar(&r.host, "host", "", "run against the host at this address, in real time")
	f.StringVar(&r.cards, "cards", "", "with --host: the cards that host knows, by the names that scenarios use")
	f.StringVar(&r.tid, "tid", "", "with --host: terminal number, instead of the scenarios'")
	f.StringVar(&r.mid, "mid", "", "with --host: merchant number, instead of the scenarios'")
	f.StringVar(&r.state, "state", "", "with --host: directory of the terminals' state (default $XDG_STATE_HOME/possim)")
	f.BoolVar(&r.skip, "skip-unsupported", false, "with --host: pass over scenarios that need the simulated host")
	r.record.register(cmd)
	r.sealing.register(cmd)
	r.sealing.registerMethod(cmd)
	r.sealing.registerDUKPT(cmd, dukptTerminal+"; without --host, the BDK")
	r.sealing.registerPIN(cmd)
	r.log.register(f)
	offers(cmd, "format", strings.Split(formats(), ", ")...)
	offersDialects(cmd)
	f.Lookup("log").DefValue, r.log.level = "error", "error"
	return cmd
}

func (r *run) run(ctx context.Context, args []string) error {
	if err := r.settle(args); err != nil {
		return err
	}
	switch {
	case r.watch:
		return r.watching(ctx, args)
	case r.again != "":
		last, err := r.last()
		if err != nil {
			return err
		}
		if len(last.Undone) == 0 {
			return r.nothingAgain(last)
		}
		if args, err = r.filesAgain(last, args); err != nil {
			return err
		}
	}
	return r.once(ctx, args)
}

// once runs the scenarios once.
func (r *run) once(ctx context.Context, args []string) error {
	files, err := r.load(args)
	if err != nil {
		return err
	}
	if r.list {
		chosen, err := scenarios.Select(files, r.options)
		if err != nil {
			return usage("%w", err)
		}
		return scenarios.List(r.stdout, chosen)
	}
	var record bytes.Buffer
	if r.record.file != "" {
		r.options.Record, r.options.Redact, r.options.Tool = &record, r.record.redact, tool()
	}
	r.outside = environment{}
	defer r.letGo()
	summary, err := scenarios.Run(ctx, files, r.options)
	if err != nil && ctx.Err() != nil && len(summary.Results) > 0 {
		err = errors.Join(err, r.report(&summary)) // what was done, and what was not reached
	}
	if err != nil {
		return runError(ctx, err)
	}
	if r.record.file != "" {
		if err := writeFile(r.record.file, record.Bytes()); err != nil {
			return badWorld(err)
		}
	}
	if err := r.report(&summary); err != nil {
		return err
	}
	if err := r.outside.wrong(); err != nil {
		return err
	}
	return verdict(summary.Err())
}

// part reads which part of the scenarios is to be run, and how often.
func (r *run) part(args []string) (err error) {
	if r.shard != "" {
		if r.options.Shard, err = scenarios.ParseShard(r.shard); err != nil {
			return usage("--shard: %w", err)
		}
	}
	switch {
	case r.watch && (r.list || r.again != ""):
		return usage("--watch goes with neither --list nor --rerun-failed")
	case r.watch && len(args) == 0:
		return usage("--watch: name the files or directories to watch: the built-in catalog does not change")
	}
	return nil
}

// settle turns flags into options.
func (r *run) settle(args []string) (err error) {
	if !slices.Contains(scenarios.Formats(), scenarios.Format(r.format)) {
		return usage("--format %q: want one of %s", r.format, formats())
	}
	if r.filter != "" {
		if r.options.Filter, err = regexp.Compile(r.filter); err != nil {
			return usage("--filter: %w", err)
		}
	}
	if err := r.reports.settle(r.env("GITHUB_STEP_SUMMARY")); err != nil {
		return err
	}
	if err := r.part(args); err != nil {
		return err
	}
	if r.options.Jobs < 1 {
		return usage("--jobs %d: want at least 1", r.options.Jobs)
	}
	if r.options.Dialect, err = r.app.dialect("dialect", r.dialect); err != nil {
		return err
	}
	if r.options.Log, err = r.logger(r.log); err != nil {
		return err
	}
	policy, err := r.sealing.policy(r.options.Dialect)
	if err != nil {
		return err
	}
	r.options.MAC = string(policy)
	if r.options.Method, err = r.sealing.sealedWith(); err != nil {
		return err
	}
	if r.options.PIN, err = r.sealing.pins(r.options.Dialect); err != nil {
		return err
	}
	if r.options.Inject, err = r.sealing.injected(); err != nil {
		return err
	}
	if r.host != "" {
		return r.real()
	}
	if r.options.BDK, err = r.sealing.base(); err != nil {
		return err
	}
	if r.cards != "" || r.tid != "" || r.mid != "" || r.state != "" || r.sealing.tmk != "" || r.sealing.kbpk != "" || r.skip {
		return usage("--cards, --tid, --mid, --state, --tmk, --kbpk and --skip-unsupported go with --host ADDR")
	}
	return nil
}

// load reads and parses the files, or the catalog.
func (r *run) load(args []string) ([]*scenarios.File, error) {
	sources, err := scenarios.CatalogSources()
	if len(args) > 0 {
		sources, err = scenarios.Sources(args...)
	}
	if err != nil {
		return nil, badFile(err)
	}
	var more []*scenarios.Card
	if r.cards != "" {
		if more, err = scenarios.LoadCards(r.cards); err != nil {
			return nil, badFile(err)
		}
	}
	files, err := scenarios.Load(scenarios.Narrowed(sources, r.options), more...)
	if err != nil {
		return nil, badFile(err)
	}
	return files, nil
}

// runError gives an error of a run that could not be made its exit code.
func runError(ctx context.Context, err error) error {
	var wrong scenarios.Errors
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, scenarios.ErrNoMatch):
		return usage("%w", err)
	case errors.As(err, &wrong):
		return badFile(err)
	case errors.As(err, new(*journal.RealCardError)):
		return failed("%w", err)
	}
	return err
}

// verdict turns what became of a run into an exit code. The report has said which
// scenarios failed; that nothing ran it may not have made plain.
func verdict(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, scenarios.ErrNothingRan):
		return failed("%w", err)
	}
	return exitError{code: exitFailed}
}

func formats() string {
	var names []string
	for _, f := range scenarios.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}
