package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"possim/scenarios"
)

// app is the program with its world as fields: tests build one of their own, and
// nothing below cmd reaches the real one by itself.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookup         func(name string) (string, bool) // the environment
	now            func() time.Time
	sleep          func(ctx context.Context, d time.Duration) error
	seed           func() uint64 // where a seed comes from when none is given
	keys           *typing       // stdin, once somebody reads it; see typing
	terminal       sync.Mutex    // guards restore
	restore        func()        // gives the terminal on stdin back; nil while it is a person's
	running        bool          // a command has begun: an error is its own, no longer one of usage
}

// worldApp returns the app of the real world.
func worldApp() *app {
	return &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		lookup: os.LookupEnv, now: time.Now, sleep: sleep, seed: rand.Uint64,
	}
}

// main runs the command line args and returns the exit code.
func (a *app) main(args []string) int {
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		a.unhush()
		signal.Stop(signals) // a second one ends the program at once
		stop(interrupted{s})
	}()
	return a.run(ctx, args)
}

// run is main without the signals.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	return a.exit(ctx, root.ExecuteContext(ctx))
}

// interrupted is why the context of a command ends when a signal came.
type interrupted struct{ signal os.Signal }

func (i interrupted) Error() string { return "interrupted (" + i.signal.String() + ")" }

// Is lets whoever looks for a cancelled context find one.
func (i interrupted) Is(target error) bool { return target == context.Canceled }

// terminated reports whether ctx ended by SIGTERM, which a server obeys as planned.
func terminated(ctx context.Context) bool {
	var i interrupted
	return errors.As(context.Cause(ctx), &i) && i.signal == syscall.SIGTERM
}

// chinaNow is the clock of terminals: a UnionPay terminal shows and sends Beijing
// time, as its host does, wherever it stands.
func (a *app) chinaNow() time.Time { return a.now().In(scenarios.China) }

// env returns a variable of the environment, or "".
func (a *app) env(name string) string {
	value, _ := a.lookup(name)
	return value
}

// isTerminal reports whether stream, one of the app's three, is a person's terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// colour reports whether text for people on w may carry colour (https://no-color.org).
func (a *app) colour(w io.Writer) bool {
	return a.env("NO_COLOR") == "" && a.env("TERM") != "dumb" && isTerminal(w)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
