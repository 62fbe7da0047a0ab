package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// Redactor takes out of messages what must not be written: numbers of cards that
// are on no test list, and of any card the tracks' discretionary data, PIN blocks,
// names, payment codes and working keys.
type Redactor struct {
	replace bool
	stand   *surrogates
	// Known says of payment codes that they are a test card's, so that they stay; nil
	// knows none.
	Known func(wire.QRCode) bool
}

// NewRedactor returns a Redactor with a key of its own, drawn from random and kept
// nowhere else. With replace it gives cards that are on no test list surrogates;
// otherwise such a card is a *RealCardError.
func NewRedactor(random io.Reader, replace bool) (*Redactor, error) {
	stand, err := newSurrogates(random)
	return &Redactor{replace: replace, stand: stand}, err
}

// pass is the redaction of one message.
type pass struct {
	*Redactor
	m        *wire.Message
	keys     hsm.WorkingKeys // of the session, where they are known
	swaps    []swap          // the cards of this message that were replaced
	redacted map[int]bool
	finds    func(pan string) // told of every card instead of replacing it
	err      error
}

// swap is a card and the one that stands for it.
type swap struct{ from, to string }

// errLeft is why a frame is not written after all.
var errLeft = errors.New("a card number is where it could not be replaced")

// message redacts m in place, a message of a session with these keys.
func (r *Redactor) message(m *wire.Message, keys hsm.WorkingKeys) (*pass, error) {
	p := &pass{Redactor: r, m: m, keys: keys, redacted: map[int]bool{}}
	m.Rest = slices.Clone(m.Rest)
	p.learn()
	p.card()
	p.tracks()
	p.secrets()
	p.chip()
	p.details()
	p.codes()
	p.rest()
	p.texts()
	return p, p.err
}

// learn meets every card that the message names where cards are named, so that a
// copy of its number elsewhere is recognised.
func (p *pass) learn() {
	p.meet(p.m.PAN.Reveal())
	track := p.m.Track2.Reveal()
	if enciphered(p.m) {
		track = p.decipher(p.m.Track2)
	}
	pan, _, _ := cutTrack(track)
	p.meet(pan)
	if t, err := card.ParseTrack3(p.m.Track3); err == nil {
		p.meet(t.PAN.Reveal())
	}
	for _, f := range p.m.Rest {
		if f.Number == 45 {
			if t, err := card.ParseTrack1(card.TrackData(f.Value)); err == nil {
				p.meet(t.PAN.Reveal())
			}
		}
	}
	p.meetChip(p.m.Chip)
	if uploads(p.m) {
		all, _ := wire.ParseDetails(p.m.Private48)
		for _, d := range all {
			p.meet(d.PAN.Reveal())
		}
	}
}

// meet returns the number that stands for a card's, itself for a test card.
func (p *pass) meet(pan string) string {
	if p.finds != nil {
		p.finds(pan)
		return pan
	}
	if len(pan) < card.MinPAN || card.IsTest(card.PAN(pan)) {
		return pan
	}
	if i := slices.IndexFunc(p.swaps, func(s swap) bool { return s.from == pan }); i >= 0 {
		return p.swaps[i].to
	}
	if !p.replace {
		p.fail(&RealCardError{PAN: card.PAN(pan)})
		return pan
	}
	to, err := p.stand.pan(card.PAN(pan))
	p.fail(err)
	p.swaps = append(p.swaps, swap{pan, to.Reveal()})
	return to.Reveal()
}

func (p *pass) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// mark notes a changed field.
func (p *pass) mark(number int) { p.redacted[number] = true }

// fields are the numbers of what changed, in order.
func (p *pass) fields() []string {
	var numbers []int
	for n := range p.redacted {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = strconv.Itoa(n)
	}
	return out
}

func (p *pass) card() {
	if pan := p.m.PAN.Reveal(); pan != "" {
		if to := p.meet(pan); to != pan {
			p.m.PAN = card.PAN(to)
			if len(to)%2 != len(pan)%2 {
				p.m.Pads = slices.DeleteFunc(slices.Clone(p.m.Pads), func(f wire.Pad) bool { return f.Field == 2 })
			}
			p.mark(2)
		}
	}
}

// secrets wipes PIN blocks and puts the test keys into sign-on answers.
func (p *pass) secrets() {
	if p.m.PINBlock != nil {
		p.m.PINBlock = make(wire.Secret, len(p.m.PINBlock))
		p.mark(52)
	}
	if bringsKeys(p.m) && len(p.m.Private62) > 0 {
		block := testBlock(len(p.m.Private62))
		if block == nil {
			block = make([]byte, len(p.m.Private62))
		}
		p.m.Private62 = block
		p.mark(62)
	}
}

// details rewrites the cards of a batch upload.
func (p *pass) details() {
	if !uploads(p.m) {
		return
	}
	all, err := wire.ParseDetails(p.m.Private48)
	if err != nil || len(all) == 0 {
		return // no card is in it, or texts finds it
	}
	for i := range all {
		all[i].PAN = card.PAN(p.meet(all[i].PAN.Reveal()))
	}
	text, err := wire.Details48(all)
	p.fail(err)
	if text != p.m.Private48 {
		p.m.Private48 = text
		p.mark(48)
	}
}

// cutTrack splits a track 2 behind its number, which may be enciphered from there on.
func cutTrack(track string) (pan, rest string, ok bool) {
	i := strings.IndexAny(track, "=D")
	if i < 0 {
		return "", track, false
	}
	return track[:i], track[i+1:], true
}

// left reports whether one of the real numbers is still in a frame: in characters, in
// packed digits at either half of a byte, or as hexadecimal characters.
func (p *pass) left(frame []byte) bool {
	packed := strings.ToUpper(hex.EncodeToString(frame))
	for _, s := range p.swaps {
		if bytes.Contains(frame, []byte(s.from)) || strings.Contains(packed, s.from) ||
			bytes.Contains(frame, []byte(strings.ToUpper(hex.EncodeToString([]byte(s.from))))) {
			return true
		}
	}
	return false
}
