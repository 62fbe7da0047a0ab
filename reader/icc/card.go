package icc

import (
	"context"
	"fmt"

	"possim/reader/card"
	"possim/reader/emv"
)

// Card is an emulated card in a reader's slot, with power. It is for one caller at a
// time. It prints as the masked number of its first application.
type Card struct{ in *box }

// box keeps the card two pointers away from fmt, which calls no methods on what stands
// in an unexported field of someone's struct.
type box struct{ m *machine }

// machine is the card: what it is, what it remembers, and what it is amid.
type machine struct {
	profile Profile
	apps    []*application
	blocked bool
	draws   uint64

	app       *application // nil: nothing or the PSE is selected
	directory [][]byte     // of the PSE, while it is selected
	lastName  []byte       // of the last SELECT by partial name, and how far it got
	lastMatch int
	tx        transaction
	pending   response // what GET RESPONSE fetches
	count     int      // commands so far
	byINS     map[byte]int
	dead      error
}

// application is an application with its records and what it remembers.
type application struct {
	*Application
	*personal
	state *AppState
}

// New makes a card of a profile, with what it remembers from before: State{} for a
// fresh one. The same profile and state make the same card, byte for byte.
func New(p Profile, s State) (*Card, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if len(s.Apps) != 0 && len(s.Apps) != len(p.Applications) {
		return nil, fmt.Errorf("card: a state of %d applications for a profile of %d: it is another card's", len(s.Apps), len(p.Applications))
	}
	s = s.Clone()
	m := &machine{profile: p, blocked: s.Blocked || p.has(FaultBlocked), draws: s.Draws, byINS: map[byte]int{}}
	if p.Contactless {
		m.profile.Protocol = T1 // ISO/IEC 14443-4 carries answers whole, as T=1 does
	}
	m.profile.Applications = append([]Application(nil), p.Applications...)
	for i := range m.profile.Applications {
		a, err := m.load(&m.profile.Applications[i])
		if err != nil {
			return nil, fmt.Errorf("card: application %X: %w", m.profile.Applications[i].AID, err)
		}
		a.state = &AppState{Tries: a.tries(), Limits: a.Risk.Limits}
		if len(s.Apps) > 0 {
			a.state = &s.Apps[i]
		}
		a.state.Blocked = a.state.Blocked || p.has(FaultApplication)
		m.apps = append(m.apps, a)
	}
	return &Card{&box{m}}, nil
}

func (m *machine) load(a *Application) (*application, error) {
	personal, err := m.profile.personalise(a)
	if err != nil {
		return nil, err
	}
	if err := a.tryCryptogram(personal); err != nil {
		return nil, err
	}
	return &application{Application: a, personal: personal}, nil
}

// tryCryptogram computes one of zeros, so that lists and keys that cannot serve are found
// when the card is made and not at a terminal.
func (a *Application) tryCryptogram(p *personal) error {
	for _, list := range a.cryptogramLists() {
		if err := a.tryList(p, list); err != nil {
			return err
		}
	}
	// An answer of 256 bytes holds the signature of CDA, 9F27, 9F36, 9F10 and templates.
	if size := p.size(); a.AIP.Has(emv.AIPCDA) && size > 205 {
		return fmt.Errorf("an RSA key of %d bytes is too long for CDA; at most 205 (EMV Book 2 Annex D)", size)
	} else if a.Tap != nil && size > maxTapKey {
		return fmt.Errorf("an RSA key of %d bytes is too long for a tap; at most %d", size, maxTapKey)
	}
	return nil
}

// cryptogramLists is what a cryptogram's values can come from.
func (a *Application) cryptogramLists() []emv.DOL {
	out := []emv.DOL{append(append(emv.DOL{}, a.CDOL1...), a.PDOL...)}
	if a.Tap != nil {
		out = append(out, a.Tap.PDOL)
	}
	return out
}

func (a *Application) tryList(p *personal, zeros emv.DOL) error {
	values, err := zeros.Split(make([]byte, zeros.Length()))
	if err != nil {
		return err
	}
	own := emv.List{emv.New(emv.TagAIP, a.AIP[:]), emv.New(emv.TagATC, []byte{0, 1}), emv.New(emv.TagIAD, a.issuerData(cvr{0x03}))}
	_, err = a.Scheme.Cryptogram(p.keys, append(own, values...))
	return err
}

// size is the length of the card's RSA key, 0 without one.
func (p *personal) size() int {
	if p.rsa == nil {
		return 0
	}
	return p.rsa.RSA.Public().Size()
}

// ATR returns the Answer To Reset; a mute card has none.
func (c *Card) ATR() []byte {
	p := &c.in.m.profile
	atr := atrT0
	switch {
	case p.has(FaultMute):
		return nil
	case p.has(FaultWrongATR):
		atr = atrWrong
	case len(p.ATR) > 0:
		atr = p.ATR
	case p.Contactless:
		atr = atrTap
	case p.Protocol == T1:
		atr = atrT1
	}
	return append([]byte(nil), atr...)
}

// Reset is what power off and on, or a warm reset, do: everything but State is
// forgotten. A card that was pulled out stays away.
func (c *Card) Reset() {
	m := c.in.m
	m.deselect()
	m.pending = response{}
	if m.dead == ErrTimeout {
		m.dead = nil
	}
}

// State returns what the card remembers without power.
func (c *Card) State() State {
	m := c.in.m
	s := State{Blocked: m.blocked, Draws: m.draws}
	for _, a := range m.apps {
		s.Apps = append(s.Apps, *a.state)
	}
	return s.Clone()
}

// Transmit carries out a command APDU and returns the response APDU. Any bytes get one:
// its errors are those of a card that is not there, ErrMute, ErrTimeout and ErrRemoved,
// and ctx's.
func (c *Card) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := c.in.m
	cmd, good := parseCommand(append([]byte(nil), apdu...))
	if err := m.strike(cmd.ins); err != nil {
		return nil, err
	}
	if !good {
		return word(swWrongLength).bytes(), nil
	}
	if cmd.ins == insGetResponse && cmd.cla&0x7F == 0 {
		return m.getResponse(cmd), nil
	}
	m.pending = response{}
	return m.shape(cmd, m.execute(cmd)), nil
}

// random draws bytes that never came before from this card.
func (m *machine) random(n int) []byte {
	m.draws++
	b := make([]byte, n)
	_, _ = emv.Seeded(m.profile.Seed, fmt.Sprintf("random %s %d", m.apps[0].Holder.PAN.Reveal(), m.draws)).Read(b) // it never fails
	return b
}

// String returns the masked number of the first application.
func (c *Card) String() string {
	if c == nil || c.in == nil {
		return "no card"
	}
	return "card " + c.in.m.apps[0].Holder.PAN.String()
}

// Format implements fmt.Formatter so that no verb shows more.
func (c *Card) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, c.String()) }
