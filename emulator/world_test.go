package emulator_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// powerCut is the panic that ends a terminal in the middle of anything.
type powerCut struct{ at string }

// world is a bench for one terminal: a scripted reader and face, a host with the
// simplest books that can be right, a clock, and a power switch that can be
// thrown before or after any touch of the outside.
type world struct {
	t       *testing.T
	dialect *wire.Dialect
	now     time.Time
	saved   emulator.State
	cutAt   int // the touch at which the power goes; 0 never
	touches int

	swipes  []reader.Presentation
	answers []emulator.Answer // to AskAmount, in order; then agreement
	screens []string
	slips   []string
	wire    []string // MTIs as they passed, > to the host, < to the terminal

	down    bool                        // nobody listens
	lose    map[string]int              // MTI to how many of it are lost
	spoil   func(frame []byte) [][]byte // what becomes of an answer on its way
	refuse  wire.Code                   // the host declines sales with it
	ackWith wire.Code                   // the host answers reversals with it
	charged map[string]int64            // STAN to the amount booked, negative for what was given back
	undone  map[string]bool
	pins    []string                     // to AskPIN, in order; then none is typed
	asked   []emulator.Question          // all that was asked
	edit    func(req, ans *wire.Message) // what the host does otherwise
	seen    []wire.Message               // all the host could read
	sent    [][]byte                     // and all that was sent
	kinds   map[string]wire.Kind         // STAN to what it was

	config emulator.Config // of the terminal, beside what every one has
	tmk    hsm.Key         // loaded into the terminal
	dukpt  emulator.DUKPT  // or this
	tak    hsm.Key         // the host's: it verifies and seals when set
	tpk    hsm.Key
	tdk    hsm.Key
	batch  string // the open one; "" takes any

	wrongARPC bool   // the issuer's answer is not the card's
	script    []byte // what the issuer sends along, as objects of field 55
	choice    int    // to AskApplication
	within    func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	drawn     byte // sign-ons so far
}

func newWorld(t *testing.T) *world {
	return &world{
		t: t, dialect: wire.UnionPay(), now: time.Date(2026, 6, 1, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)),
		lose: map[string]int{}, charged: map[string]int64{}, undone: map[string]bool{}, kinds: map[string]wire.Kind{},
	}
}

// touch is called before and after everything the terminal does to the outside.
func (w *world) touch(what string) {
	if w.touches++; w.touches == w.cutAt {
		panic(powerCut{what})
	}
}

func (w *world) terminal(c emulator.Config) *emulator.Terminal {
	c.TID, c.MID, c.MerchantName = "00000001", "898100054110001", "测试商户"
	c.MAC, c.NoPINUpTo = cmp.Or(c.MAC, w.config.MAC), cmp.Or(c.NoPINUpTo, w.config.NoPINUpTo)
	c.PINEntry, c.EncryptTracks = c.PINEntry || w.config.PINEntry, c.EncryptTracks || w.config.EncryptTracks
	c.ChipReader, c.Contactless, c.EMV = c.ChipReader || w.config.ChipReader, w.config.Contactless, w.config.EMV
	return emulator.New(c, emulator.World{
		Reader: w, Face: w, Dialect: w.dialect, Log: zerolog.Nop(), Within: w.within,
		Now: func() time.Time { return w.now }, TMK: w.tmk, DUKPT: w.dukpt, Random: seeded{rand.NewChaCha8([32]byte{1})},
		Dial: func(context.Context) (wire.Link, error) {
			w.touch("dial")
			if w.down {
				return nil, fmt.Errorf("%w: nobody listens", wire.ErrNotSent)
			}
			return &hostLink{w: w}, nil
		},
		Save: func(s emulator.State) error {
			w.touch("before save")
			w.saved = s
			w.touch("after save")
			return nil
		},
		Print: func(_ context.Context, slip string) error {
			w.touch("before print")
			w.slips = append(w.slips, slip)
			w.touch("after print")
			return nil
		},
	}, w.saved)
}

// Next, Show and Ask make the world the terminal's Reader and Face.
func (w *world) Next(context.Context, reader.Ask) (reader.Presentation, error) {
	w.touch("read")
	if len(w.swipes) == 0 {
		return nil, reader.ErrEnd
	}
	p := w.swipes[0]
	w.swipes = w.swipes[1:]
	return p, nil
}

func (w *world) Close() error { return nil }

func (w *world) Show(_ context.Context, s emulator.Screen) error {
	w.touch("show")
	w.screens = append(w.screens, s.Text())
	return nil
}

func (w *world) Ask(_ context.Context, q emulator.Question) (emulator.Answer, error) {
	w.touch("ask")
	w.asked = append(w.asked, q)
	if q.Kind == emulator.AskPIN {
		return w.typePIN(), nil
	}
	if q.Kind == emulator.AskApplication {
		return emulator.Answer{Choice: w.choice}, nil
	}
	if q.Kind != emulator.AskAmount || len(w.answers) == 0 {
		return emulator.Answer{}, nil
	}
	a := w.answers[0]
	w.answers = w.answers[1:]
	return a, nil
}

func (w *world) typePIN() emulator.Answer {
	if len(w.pins) == 0 {
		return emulator.Answer{}
	}
	pin, err := hsm.ParsePIN(w.pins[0])
	if err != nil {
		return emulator.Answer{Cancel: true}
	}
	w.pins = w.pins[1:]
	return emulator.Answer{PIN: pin}
}

// hostLink is the line to the bench's host, which decides the moment a frame arrives.
type hostLink struct {
	w     *world
	inbox [][]byte
}

func (l *hostLink) Send(_ context.Context, frame []byte) error {
	l.w.touch("before send")
	l.w.sent = append(l.w.sent, slices.Clone(frame))
	var req wire.Message
	mab, err := l.w.dialect.Decode(frame, &req)
	if err != nil {
		l.w.t.Errorf("the terminal sent a frame that does not decode: %v", err)
		return nil
	}
	l.w.wire = append(l.w.wire, ">"+string(req.MTI)+" "+req.STAN)
	if !l.w.lost(req.MTI) {
		l.w.seen = append(l.w.seen, req)
		l.answer(&req, mab)
	}
	l.w.touch("after send")
	return nil
}

func (l *hostLink) answer(req *wire.Message, mab []byte) {
	ans, seal := l.w.judge(req, mab)
	if l.w.edit != nil {
		l.w.edit(req, &ans)
	}
	frame, err := l.w.dialect.Encode(nil, &ans, seal)
	if err != nil {
		l.w.t.Errorf("bench host: %v", err)
		return
	}
	if l.w.lost(ans.MTI) {
		return
	}
	frames := [][]byte{frame}
	if l.w.spoil != nil {
		frames = l.w.spoil(frame)
	}
	l.inbox = append(l.inbox, frames...)
}

func (w *world) lost(mti wire.MTI) bool {
	if w.lose[string(mti)] == 0 {
		return false
	}
	w.lose[string(mti)]--
	return true
}

func (l *hostLink) Receive(_ context.Context, wait time.Duration) ([]byte, error) {
	l.w.touch("before receive")
	if len(l.inbox) == 0 {
		l.w.now = l.w.now.Add(wait)
		return nil, wire.ErrNoAnswer
	}
	frame := l.inbox[0]
	l.inbox = l.inbox[1:]
	l.w.wire = append(l.w.wire, "<")
	l.w.touch("after receive")
	return frame, nil
}

func (l *hostLink) Close() error { return nil }

// net is what the host has charged and not taken back.
func (w *world) net() (sum int64) {
	for stan, amount := range w.charged {
		if !w.undone[stan] {
			sum += amount
		}
	}
	return sum
}

// Cards of the bench.
const (
	plainTrack2 = card.TrackData("6222020000000015=29121010000000000")
	chipTrack2  = card.TrackData("6222020000000015=29122010000000000")
)

func good(track2 card.TrackData) *reader.Swipe {
	s := &reader.Swipe{Verdict: magstripe.VerdictOK, Speed: 40}
	s.Tracks[0].Status, s.Tracks[2].Status = magstripe.StatusBlank, magstripe.StatusBlank
	s.Tracks[1] = reader.Track{Status: magstripe.StatusOK, Data: track2}
	return s
}

func bad(v magstripe.Verdict, status magstripe.Status) *reader.Swipe {
	s := &reader.Swipe{Verdict: v}
	for i := range s.Tracks {
		s.Tracks[i].Status = status
	}
	return s
}

func sale(fen int64) emulator.Order {
	return emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(fen)}
}
