package scenarios

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"possim/emulator"
	"possim/reader"
	"possim/reader/icc"
)

// equip gives a terminal with a chip reader what it needs to know of chips.
func (w *world) equip() error {
	t := w.sc.Terminal
	if !t.ChipReader && !t.Contactless {
		return nil
	}
	keys, err := TestCAPKs()
	if err != nil {
		return err
	}
	e := emulator.EMV{CAPKs: keys, Contactless: t.Taps}
	for _, a := range emulator.DefaultApplications() {
		if t.AIDs != nil && !slices.ContainsFunc(t.AIDs, func(aid []byte) bool { return slices.Equal(aid, a.AID) }) {
			continue
		}
		a.FloorLimit = t.FloorLimit
		e.Applications = append(e.Applications, a)
	}
	w.config.EMV = e
	return nil
}

// insertion is a chip card on its way into the reader, or into its field. What the card
// remembers (its counter, its tries, its log) lasts as long as the scenario.
type insertion struct {
	world  *world
	card   *Card
	faults []icc.Fault
	tap    bool
}

// insertion makes the gesture of a step.
func (w *world) insertion(a Insert, tap bool) insertion {
	c := w.sc.cards.find(a.Card)
	return insertion{w, c, a.Faults, tap}
}

// Chips returns the cards that the scenario inserts or taps, each once.
func (s *Scenario) Chips() (found []*Card) {
	for _, step := range flatten(s.Steps) {
		name, chip := presented(step)
		if c := s.cards.find(name); chip && c != nil && c.Chip != nil && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	return found
}

// presented names the card that a step presents, "" where it presents none, and reports
// whether it does so by its chip.
func presented(step *Step) (name string, chip bool) {
	switch a := step.Action.(type) {
	case Swipe:
		return a.Card, false
	case Insert:
		return a.Card, true
	case Tap:
		return a.Card, true
	}
	return "", false
}

// settles is how long a hand takes to put a card into a reader, or to hold it there.
const settles = 500 * time.Millisecond

// Present puts the card in. One that cannot be made is a mute one, and its step fails.
func (i insertion) Present(*rand.Rand) (reader.Presentation, time.Duration) {
	chip, err := i.make()
	if err != nil {
		i.world.fail(0, i.card.Pos, "card", "the chip of card "+i.card.Name+" is made", err.Error())
		chip = nil
	}
	in := &slot{insertion: i, chip: chip}
	if i.tap {
		return &reader.Tap{UID: i.uid(), Card: in, Release: in.release}, settles
	}
	out := &reader.Chip{Card: in, Release: in.release}
	if chip != nil {
		out.ATR = chip.ATR()
	}
	return out, settles
}

func (i insertion) make() (*icc.Card, error) {
	p, err := i.card.Profile(i.world.ring)
	if err != nil {
		return nil, err
	}
	p.Contactless = i.tap
	if i.faults != nil {
		p.Faults = i.faults
	}
	m, err := i.world.memoryOf(i.card.Name, p)
	if err != nil {
		return nil, err
	}
	return icc.New(p, m.state)
}

// memoryOf is what the chip of a card remembers of this scenario, or of those before it.
func (w *world) memoryOf(name string, p icc.Profile) (*memory, error) {
	if m := w.chips[name]; m != nil {
		return m, nil
	}
	m, err := w.chipOf(name, p)
	if err == nil {
		w.chips[name] = m
	}
	return m, err
}

// uid is four bytes that the card always answers with (ISO/IEC 14443-3).
func (i insertion) uid() []byte {
	n := uint32(0x08000000)
	for _, r := range i.card.Name {
		n = n*31 + uint32(r)
	}
	return []byte{8, byte(n >> 16), byte(n >> 8), byte(n)}
}

// slot is the card while it is in the reader.
type slot struct {
	insertion
	chip *icc.Card
}

// Transmit implements reader.Transceiver.
func (s *slot) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	if s.chip == nil {
		return nil, icc.ErrMute
	}
	return s.chip.Transmit(ctx, apdu)
}

// release takes the card out: it keeps what it remembers.
func (s *slot) release() error {
	m := s.world.chips[s.card.Name]
	if s.chip == nil || m == nil {
		return nil
	}
	m.state = s.chip.State()
	return m.save(m.state)
}

// choose is what the cardholder chooses of a card's applications: the steps before it are
// over. Where no step chooses, the first.
func (o *order) choose(titles []string) (emulator.Answer, error) {
	if o.chosen >= len(o.choices) {
		return emulator.Answer{}, nil
	}
	at := o.choices[o.chosen]
	o.checkUntil(at)
	if len(o.failures) > 0 {
		return emulator.Answer{}, errStop
	}
	o.chosen++
	o.look()
	s := o.steps[at]
	c := s.Action.(Choose)
	if c.Cancel {
		return emulator.Answer{Cancel: true}, nil
	}
	i := c.Number - 1
	if c.Title != "" {
		i = slices.Index(titles, c.Title)
	}
	if i < 0 || i >= len(titles) {
		want := c.Title
		if want == "" {
			want = strconv.Itoa(c.Number)
		}
		o.fail(s.Number, s.Pos, s.Verb, want, "the terminal offers "+strings.Join(titles, ", "))
		return emulator.Answer{}, errStop
	}
	return emulator.Answer{Choice: i}, nil
}
