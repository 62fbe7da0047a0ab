package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
)

// Secrets are what a card's holder knows and its stripe carries, which a journal
// never has: a replay puts them in again; and what its issuer verifies its chip with.
type Secrets struct {
	PIN    hsm.PIN
	CVN    string   // three digits, behind PVKI and PVV
	Issuer emv.Keys // that the keys of its chip come from
}

// Stage is where a journal is played: a host, and the clock it lives by.
type Stage struct {
	Dial  wire.Dialer
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
	TMK   hsm.Key       // of the terminals; the zero key is registry.TestTMK
	BDK   hsm.Key       // of terminals with DUKPT keys; the zero key: they sign on for theirs
	PIN   hsm.PINFormat // of field 52, where that does not say it itself
	// Simulated says that waiting costs nothing, so that every frame comes at its time
	// whatever the speed; and that one terminal has one connection at a time.
	Simulated bool
	Step      func(ctx context.Context, s Step) error // does a scenario's step; nil cannot
	Card      func(card.PAN) (Secrets, bool)          // nil knows none
}

// Player sends what a journal's terminals sent to a host, and compares what the host
// answers with what it answered then.
type Player struct {
	Dialect *wire.Dialect
	Method  hsm.MACAlgorithm // "" is the journal's
	Stage   Stage            // for frames outside of scenarios
	// World builds the stage of a scenario; nil plays all on Stage.
	World func(ctx context.Context, w World) (Stage, error)
	// Source is told of the files that scenarios were made of, before they begin.
	Source func(Source)
	Speed  float64       // 0 is as fast as the host answers, 1 as it was, 2 twice as fast
	Wait   time.Duration // for an answer; 0 is UsualWait
	Rand   io.Reader     // fills PIN blocks that need it
	// Seen is told of every line once it was played, and of the frame of now that stands
	// for an answer; nil is nobody. A frame that was not recorded has an empty Entry.
	Seen func(e Entry, now []byte)
	// At is told the time of each line before it is played; nil is nobody.
	At func(t float64) error
	// Last is the line of the last frame of each connection, as Check found it: the player
	// hangs up behind it. nil keeps every connection until the end.
	Last map[int32]uint32
	// MostMisses ends a replay that goes wrong all the way; 0 is UsualMisses. Below 0
	// nothing ends it, and the report shows the first UsualMisses.
	MostMisses int
}

// UsualWait is how long a player waits for an answer where nothing else is said.
const UsualWait = 10 * time.Second

// UsualMisses is after how many misses a replay ends.
const UsualMisses = 100

// ErrTooMany ends a replay that goes wrong all the way.
var ErrTooMany = errors.New("there are too many misses: the rest was not played")

// play is one run of a Player.
type play struct {
	*Player
	r        *Reader
	stage    Stage
	sessions *sessions
	bound    *binding
	lonely   map[string]unanswered // by terminal: the last request, until its recorded answer
	sent     map[string]bool       // terminals that have sent something
	signed   map[string]bool       // terminals that were signed on, or could not be
	unsigned string                // why the last could not
	links    map[int]*played
	ended    []int // connections whose last frame was played
	ahead    []Entry
	at       float64 // time of the last frame
	began    time.Time
	scenario string
	report   Report
}

// sentAgain are the classes of what a player sends as it was recorded.
var sentAgain = []string{"stan", "card"}

// Play plays a journal to its end. The report says what differs; an error is one of
// the journal (*LineError), of the stage, or of ctx.
func (p *Player) Play(ctx context.Context, r *Reader) (Report, error) {
	method := p.Method
	if method == "" {
		method = hsm.MACAlgorithm(r.Header.MAC)
	}
	run := &play{Player: p, r: r, stage: p.Stage, bound: newBinding(sentAgain...), links: map[int]*played{}, lonely: map[string]unanswered{}, sent: map[string]bool{}, signed: map[string]bool{},
		sessions: newSessions(p.Stage.TMK, p.Stage.BDK, method)}
	if p.Stage.Now != nil {
		run.began = p.Stage.Now()
	}
	defer run.hangUp()
	for {
		e, err := run.next()
		if err == io.EOF {
			if run.report.Cut = r.Cut(); run.report.Cut == 0 { // else the answer was cut off
				run.leftovers(ctx)
			}
			return run.report, nil
		}
		if err != nil {
			return run.report, err
		}
		if err := run.line(ctx, e); err != nil {
			return run.report, err
		}
		if p.MostMisses >= 0 && run.report.Missed >= p.mostMisses() {
			return run.report, ErrTooMany
		}
	}
}

func (p *Player) mostMisses() int {
	if p.MostMisses <= 0 {
		return UsualMisses
	}
	return p.MostMisses
}

// next returns the next line, one that was looked at before first.
func (p *play) next() (Entry, error) {
	if len(p.ahead) > 0 {
		e := p.ahead[0]
		p.ahead = p.ahead[1:]
		return e, nil
	}
	return p.r.Next()
}

func (p *play) line(ctx context.Context, e Entry) error {
	switch {
	case e.World != nil:
		return p.open(ctx, e)
	case e.Step != nil:
		return p.step(ctx, e)
	case e.Source != nil:
		if p.Source != nil {
			p.Source(*e.Source)
		}
		p.seen(e, nil)
		return nil
	}
	defer p.done(e)
	switch {
	case e.Frame.Hex == nil:
		return p.unreadable(ctx, e)
	case e.Frame.FromTerminal():
		return p.send(ctx, e)
	}
	return p.receive(ctx, e)
}

// open begins a scenario.
func (p *play) open(ctx context.Context, e Entry) error {
	p.leftovers(ctx)
	p.hangUp()
	p.bound.forget()
	clear(p.sent)
	clear(p.signed)
	p.at, p.scenario = 0, e.World.Scenario
	p.seen(e, nil)
	p.report.Scenarios++
	if p.World == nil {
		return nil
	}
	stage, err := p.World(ctx, *e.World)
	if err != nil {
		return &LineError{e.Number, 1, fmt.Errorf("scenario %q: %w", e.World.Scenario, err)}
	}
	p.stage, p.began = stage, stage.Now()
	method := p.Method
	if method == "" {
		method = hsm.MACAlgorithm(e.World.Method)
	}
	p.sessions = newSessions(stage.TMK, stage.BDK, method)
	return nil
}

// step does a step of a scenario, where the stage can.
func (p *play) step(ctx context.Context, e Entry) error {
	if err := p.pace(ctx, e.Step.T); err != nil {
		return err
	}
	p.seen(e, nil)
	if p.stage.Step == nil {
		p.report.Steps++
		return nil
	}
	if err := p.stage.Step(ctx, *e.Step); err != nil {
		return &LineError{e.Number, 1, fmt.Errorf("step %s: %w", e.Step.Verb, err)}
	}
	return nil
}

// pace waits until it is time for a frame.
func (p *play) pace(ctx context.Context, t float64) error {
	wait := t - p.at
	p.at = max(p.at, t)
	if p.At != nil {
		if err := p.At(t); err != nil {
			return err
		}
	}
	switch {
	case p.stage.Simulated:
		return p.simulate(ctx, p.began.Add(time.Duration(t*1000+0.5)*time.Millisecond))
	case p.Speed > 0 && wait > 0:
		return p.stage.Sleep(ctx, time.Duration(wait/p.Speed*float64(time.Second)))
	}
	return ctx.Err()
}

// simulate lets simulated time pass as the terminal did: waiting for the answers that
// it did not get, which are lost on the way to who waits.
func (p *play) simulate(ctx context.Context, until time.Time) error {
	for _, l := range p.links {
		for len(l.requests) > 0 && p.stage.Now().Before(until) {
			frame, err := l.Receive(ctx, until.Sub(p.stage.Now()))
			if err != nil {
				break
			}
			l.pool = append(l.pool, frame)
		}
	}
	return p.stage.Sleep(ctx, until.Sub(p.stage.Now()))
}

// miss takes down what went wrong at a line.
func (p *play) miss(e Entry, m Miss, now []byte) {
	m.Line, m.Scenario = e.Number, p.scenario
	if e.Frame != nil {
		m.MTI, m.Conn = e.Frame.MTI, e.Frame.Conn
	}
	p.report.miss(m, p.mostMisses())
	p.seen(e, now)
}

func (p *play) seen(e Entry, now []byte) {
	if p.Seen != nil {
		p.Seen(e, now)
	}
}
