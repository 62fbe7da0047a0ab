package load_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
)

// bank is a host at the other end of pipes, in this process and on the clock of the test.
type bank struct {
	t       *testing.T
	dialect *wire.Dialect
	host    *host.Host // nil where serve does it all
	// serve answers a request by calling reply, now or later, as often as it likes.
	serve func(c *call)
	down  bool // nobody listens
	mu    sync.Mutex
	seen  int // financial requests
	dials int
}

// call is one request at the bank.
type call struct {
	*bank
	frame  []byte
	req    wire.Message
	number int // of the financial requests, from 1; 0 for others
	stream net.Conn
}

// reply sends frames back.
func (c *call) reply(frames ...[]byte) {
	for _, f := range frames {
		_ = wire.WriteFrame(c.stream, f) // the other side may have hung up, which is its right
	}
}

// answer is an answer with a code, without a MAC.
func (c *call) answer(code wire.Code) []byte {
	a := c.req.Answer()
	a.Code, a.RRN = code, "060100"+c.req.STAN
	c.dialect.Fit(&a)
	frame, err := c.dialect.Encode(nil, &a, nil)
	if err != nil {
		c.t.Error(err)
	}
	return frame
}

// dial opens a pipe to the bank.
func (b *bank) dial(context.Context) (wire.Link, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dials++
	if b.down {
		return nil, wire.ErrNotSent
	}
	ours, theirs := net.Pipe()
	go b.attend(theirs)
	return wire.NewConn(ours, time.Now), nil
}

func (b *bank) attend(stream net.Conn) {
	defer stream.Close()
	in := bufio.NewReader(stream)
	for {
		frame, err := wire.ReadFrame(in, 0)
		if err != nil {
			return
		}
		c := &call{bank: b, frame: frame, stream: stream}
		if _, err := b.dialect.Decode(frame, &c.req); err != nil {
			b.t.Error(err)
		}
		if c.req.MTI == wire.MTIFinancialRequest {
			b.mu.Lock()
			b.seen++
			c.number = b.seen
			b.mu.Unlock()
		}
		b.serve(c)
	}
}

// newBank is a bank whose host keeps books. It knows every card at first sight.
func newBank(t *testing.T) *bank {
	b := &bank{t: t, dialect: wire.UnionPay()}
	b.host = &host.Host{
		Now: time.Now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: make([]byte, 16),
		WalkIn: true, Random: rand.Reader, MAC: host.MACRequire, Log: zerolog.Nop(),
	}
	b.serve = b.answers()
	return b
}

// answers is the serve of a host that has no trouble.
func (b *bank) answers() func(c *call) {
	handle := b.host.Handler(b.dialect)
	return func(c *call) {
		if answer, ok := handle(b.t.Context(), c.frame); ok {
			c.reply(answer)
		}
	}
}

// newStub is a bank that answers 00 to sales as soon as it is asked, and to nothing else:
// what a serve of the test's own does not take.
func newStub(t *testing.T, serve func(c *call)) *bank {
	b := &bank{t: t, dialect: wire.UnionPay()}
	b.serve = func(c *call) {
		switch {
		case c.number > 0:
			serve(c)
		case c.req.MTI == wire.MTINetwork: // it does not know terminals' sign-ons
			c.reply(c.answer(wire.InvalidTxn))
		default:
			c.reply(c.answer(wire.Approved))
		}
	}
	return b
}

func (b *bank) world() load.World {
	return load.World{
		Dial: b.dial, Dialect: b.dialect, Now: time.Now, Within: context.WithTimeout, TMK: registry.TestTMK,
		Random: rand.Reader, Log: zerolog.Nop(),
		Sleep: func(ctx context.Context, d time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(d):
				return nil
			}
		},
	}
}

// run is a whole run at the bank.
func (b *bank) run(c load.Config) load.Report {
	b.t.Helper()
	_, r := b.ran(c)
	return r
}

func (b *bank) ran(c load.Config) (*load.Load, load.Report) {
	b.t.Helper()
	l := b.load(c)
	if err := l.Run(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return l, l.Report()
}

// load is a run at the bank that has not begun.
func (b *bank) load(c load.Config) *load.Load {
	b.t.Helper()
	l, err := load.New(b.config(c), b.world())
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// config fills in what most runs here have.
func (b *bank) config(c load.Config) load.Config {
	if c.Cards == nil {
		c.Cards = pool(b.t, 10)
	}
	if b.host != nil {
		c.MAC = hsm.MACECB
	}
	c.FirstTID, c.MID = 1, registry.DefaultMID
	return c
}

func pool(t *testing.T, n int) []load.Card {
	t.Helper()
	cards, err := load.Pool(n)
	if err != nil {
		t.Fatal(err)
	}
	return cards
}
