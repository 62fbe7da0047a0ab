package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"possim/host/wire"
)

// record is a proxy that writes down what passes.
type record struct {
	*app
	listen  string
	to      string
	dialect string
	tape    taping
	sealing sealing
}

func (a *app) recordCommand() *cobra.Command {
	r := &record{app: a}
	cmd := &cobra.Command{
		Use:   "record --listen ADDR --to ADDR --out FILE",
		Short: "Record what passes between any terminal and any host",
		Long: `record stands between terminals and their host: it takes connections on --listen,
opens one to --to for each, passes every frame on as it came, and writes it to --out
with nothing real in it. It stops at SIGINT or SIGTERM; what was written till then is
a whole journal, and so it is after a crash, but for its last line.

A card that is on no list of test numbers ends the recording, and with it the proxy,
before anything of it is written: exit code 1. With --redact such cards are recorded,
each under a test number that stands for it throughout the file.

With the TMK of the terminals (--tmk; possim's own have the published test key) it
says of each MAC whether it was valid.`,
		Example: `  possim record --listen 127.0.0.1:9000 --to 10.0.0.5:8583 --out day.jsonl --redact`,
		Args:    cobra.NoArgs,
		RunE:    a.command(r.run),
	}
	f := cmd.Flags()
	f.StringVar(&r.listen, "listen", "127.0.0.1:9000", "address for the terminals; port 0 takes any free one")
	f.StringVar(&r.to, "to", "", "address of the host")
	f.StringVar(&r.tape.file, "out", "", "the journal to write; an existing file is replaced")
	f.BoolVar(&r.tape.redact, "redact", false, "take real cards too, and write test numbers in their place")
	f.StringVar(&r.dialect, "dialect", "unionpay", dialectUsage)
	f.StringVar(&r.sealing.tmk, "tmk", "", "terminal master key in hex, to verify MACs with (default a published test key)")
	f.StringVar(&r.sealing.kbpk, "kbpk", "", "the key, in hex, that protects the TR-31 block of --tmk")
	r.sealing.registerMethod(cmd)
	r.sealing.registerDUKPT(cmd, "to verify MACs with: the "+dukptHost)
	offersDialects(cmd)
	return cmd
}

func (r *record) run(ctx context.Context, _ []string) (err error) {
	if r.to == "" || r.tape.file == "" {
		return usage("say --to ADDR, the host, and --out FILE, the journal")
	}
	dialect, err := r.app.dialect("dialect", r.dialect)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", r.listen)
	if err != nil {
		return badWorld(fmt.Errorf("--listen: %w", err))
	}
	defer listener.Close()
	tape, err := r.recorder(r.tape, dialect, &r.sealing)
	if err != nil {
		return err
	}
	proxied, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	say := tape.stop
	tape.stop = func(err error) { say(err); stop(err) }
	fmt.Fprintf(r.stderr, "listening on %s (%s), recording to %s\n", listener.Addr(), dialect, r.tape.file)
	r.accept(proxied, listener, tape)
	if err := tape.close(); err != nil {
		return err
	}
	fmt.Fprintf(r.stderr, "stopped; %d connections recorded\n", tape.last)
	if terminated(ctx) {
		return nil
	}
	return exitError{code: exitInterrupted}
}

// accept takes connections until ctx ends, and returns when the last one has.
func (r *record) accept(ctx context.Context, listener net.Listener, tape *recorder) {
	var conns sync.WaitGroup
	defer conns.Wait()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		stream, err := listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				stream.Close()
			}
			return
		}
		if err != nil {
			fmt.Fprintf(r.stderr, "possim: a connection could not be accepted: %v\n", err)
			if errors.Is(err, net.ErrClosed) || r.sleep(ctx, time.Second) != nil {
				return
			}
			continue
		}
		conns.Go(func() { r.pass(ctx, wire.NewConn(stream, r.now), tape) })
	}
}

// pass carries one connection's frames both ways until either side hangs up.
func (r *record) pass(ctx context.Context, terminal *wire.Conn, tape *recorder) {
	defer terminal.Close()
	conn := tape.next()
	host, err := dialer(r.to, r.now)(ctx)
	if err != nil {
		fmt.Fprintf(r.stderr, "possim: connection %d: %v\n", conn, err)
		return
	}
	defer host.Close()
	terminal.Most = wire.MostBytes
	var back sync.WaitGroup
	back.Go(func() {
		r.pump(ctx, conn, false, host, terminal, tape)
		terminal.Close()
	})
	r.pump(ctx, conn, true, terminal, host, tape)
	host.Close()
	back.Wait()
}

// quiet is how long a proxy waits for a frame before it waits again.
const quiet = time.Hour

// pump passes frames on, each written down before it goes on: no answer comes before
// its request in the journal.
func (r *record) pump(ctx context.Context, conn int, fromTerminal bool, from, to wire.Link, tape *recorder) {
	for {
		frame, err := from.Receive(ctx, quiet)
		if errors.Is(err, wire.ErrNoAnswer) {
			continue
		}
		if err != nil {
			if !errors.Is(err, wire.ErrLinkClosed) && ctx.Err() == nil || errors.Is(err, wire.ErrCutOff) {
				fmt.Fprintf(r.stderr, "possim: connection %d: %v\n", conn, err)
			}
			return
		}
		tape.hear(conn, fromTerminal, frame)
		if ctx.Err() != nil { // the recording has stopped, and nothing more passes
			return
		}
		if err := to.Send(ctx, frame); err != nil {
			return
		}
	}
}
