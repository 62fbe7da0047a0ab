package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"possim/host"
	"possim/scenarios"
	"possim/scenarios/load"
	"possim/scenarios/script"
)

// scripting is what possim load does with a script.
type scripting struct {
	file  string
	env   []string
	read  *script.Script // nil without one
	mu    sync.Mutex     // terminals speak at the same time
	chips cardStates
}

func (s *scripting) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.file, "script", "", "a file of JavaScript that says what terminals do (docs/scripts.md)")
	f.StringArrayVar(&s.env, "env", nil, "NAME=VALUE that the script finds in env; repeatable")
	for _, other := range []string{"mix", "amount"} {
		cmd.MarkFlagsMutuallyExclusive("script", other)
	}
}

// read reads the script, and takes its options where no flag says another.
func (l *loader) read(ctx context.Context) (err error) {
	if l.script.file == "" {
		if l.flags.Changed("script") {
			return usage("--script: it names no file")
		}
		if len(l.script.env) > 0 {
			return usage("--env goes with --script")
		}
		return nil
	}
	l.script.chips = cardStates{app: l.app}
	world := script.World{Read: os.ReadFile, Print: l.say, Env: map[string]string{}, Chip: l.script.chips.chip}
	for _, pair := range l.script.env {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return usage("--env %q: want NAME=VALUE", pair)
		}
		world.Env[name] = value
	}
	if world.Named, err = l.named(); err != nil {
		return err
	}
	if l.script.read, err = script.Parse(ctx, l.script.file, world); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return badFile(err)
	}
	return l.options(l.script.read.Options)
}

// named are the cards that a script has by their names: those of the host's card file, or
// of the catalog.
func (l *loader) named() ([]*scenarios.Card, error) {
	if l.cards != "" {
		return l.listed()
	}
	return scenarios.CatalogCards()
}

// options takes what the script says where the flags say nothing.
func (l *loader) options(o script.Options) error {
	c := &l.config
	unless(l, "terminals", o.Terminals, &c.Terminals)
	unless(l, "connections", o.Connections, &c.Connections)
	unless(l, "rate", o.Rate, &c.Rate)
	unless(l, "ramp", o.Ramp, &c.Ramp)
	unless(l, "seed", o.Seed, &c.Seed)
	unless(l, "timeout", o.Timeout, &c.AnswerWait)
	if !l.flags.Changed("duration") && !l.flags.Changed("count") { // either says how long
		unless(l, "duration", o.Duration, &c.Duration)
		unless(l, "count", o.Iterations, &c.Count)
	}
	if !l.flags.Changed("fail-if") {
		l.failIf = o.FailIf
		for _, text := range o.FailIf {
			if _, err := load.ParseThreshold(text); err != nil {
				return badFile(fmt.Errorf("%s:%d:1: options.failIf: %w", l.script.file, o.Line, err))
			}
		}
	}
	return nil
}

func unless[T any](l *loader, flag string, said, to *T) {
	if said != nil && !l.flags.Changed(flag) {
		*to = *said
	}
}

// play has the script work the terminals of a world.
func (l *loader) play(w load.World) error {
	if l.script.read == nil {
		return nil
	}
	emv, err := testEMV()
	if err != nil {
		return err
	}
	o := scenarios.Options{Dialect: w.Dialect, MAC: string(host.MACOff), Method: l.config.MAC, Log: w.Log}
	if l.config.MAC != "" {
		o.MAC = string(host.MACRequire)
	}
	o.Real = &scenarios.Real{Now: w.Now, Sleep: w.Sleep, MID: l.config.MID, TMK: w.TMK}
	l.script.read.Scenarios(o)
	l.config.Player, l.config.Chips = l.script.read.Player, &emv
	return nil
}

// say prints a line of the script's beside the progress.
func (l *loader) say(line string) {
	l.script.mu.Lock()
	defer l.script.mu.Unlock()
	if isTerminal(l.stderr) {
		fmt.Fprint(l.stderr, "\r\x1b[K")
	}
	fmt.Fprintln(l.stderr, line)
}

// closeScript saves what chips remember.
func (l *loader) closeScript() (err error) {
	if l.script.read != nil {
		err = l.script.read.Close()
	}
	l.script.chips.letGo()
	return err
}
