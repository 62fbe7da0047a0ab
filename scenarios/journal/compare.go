package journal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// Difference is a field that is not as it was recorded. Secrets are masked.
type Difference struct {
	Field    string `json:"field"` // number, tag ("55.9F26"), "mti", "tpdu" or "header"
	Recorded string `json:"recorded"`
	Now      string `json:"now"`
	Why      string `json:"why,omitempty"`
}

// String is the difference in words.
func (d Difference) String() string {
	s := fmt.Sprintf("field %s: recorded %s, now %s", d.Field, orAbsent(d.Recorded), orAbsent(d.Now))
	if d.Why != "" {
		s += ": " + d.Why
	}
	return s
}

func orAbsent(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// side is one message of a comparison.
type side struct {
	m      *wire.Message
	seal   Seal
	fields map[string]string // masked, once one is to be shown
	named  map[int]string
}

func sideOf(m *wire.Message, seal Seal) *side { return &side{m: m, seal: seal, named: texts(m)} }

// shown is a field as it may be shown.
func (s *side) shown(key string) string {
	if s.fields == nil {
		s.fields, _ = Masked(s.m)
	}
	return s.fields[key]
}

// comparer compares a message of now with a recorded one.
type comparer struct {
	*binding
	line     int
	was, now *side
	found    []Difference
	another  bool // the card is another one than was recorded: a terminal's own
	given    bool // the reference number is a new one, and with it the authorisation code
	about    *request
}

// compare returns what differs; about is the request that an answer answers, nil where
// it is not known or the messages are requests. Values that a side chooses for itself are bound to
// names; times are compared by their shape; MACs, and cryptograms and keys of the
// test issuer, by what they are worth; everything else by what it says.
func (b *binding) compare(line int, was, now *side, about *request) []Difference {
	if about == nil {
		about = &request{card: cardOf(was.m)}
	}
	c := &comparer{binding: b, line: line, was: was, now: now, about: about}
	if was.m.MTI != now.m.MTI {
		c.differ("mti", string(was.m.MTI), string(now.m.MTI), "")
		return c.found
	}
	if a, b := binary(was.m.TPDU), binary(now.m.TPDU); a != b {
		c.differ("tpdu", a, b, "")
	}
	if a, b := binary(was.m.Header), binary(now.m.Header); a != b {
		c.differ("header", a, b, "")
	}
	c.cards()
	for n := 3; n <= 128; n++ {
		if n != 35 && n != 36 {
			c.field(n)
		}
	}
	return c.found
}

func (c *comparer) differ(field, was, now, why string) {
	c.found = append(c.found, Difference{field, was, now, why})
}

// shown notes a difference by the masked forms.
func (c *comparer) shown(n int, why string) {
	key := strconv.Itoa(n)
	was, now := c.was.shown(key), c.now.shown(key)
	if was == now && why == "" {
		why = "the parts that are not shown differ"
	}
	c.differ(key, was, now, why)
}

// shapes are the times of a message and how they are written.
var shapes = map[int]string{7: "0102150405", 12: "150405", 13: "0102", 15: "0102"}

// chosen are the fields whose value a side chooses for itself.
var chosen = map[int]string{11: "stan", 37: "rrn", 38: "auth"}

func (c *comparer) field(n int) {
	was, now := text(c.was.m, c.was.named, n), text(c.now.m, c.now.named, n)
	switch {
	case was == "" && now == "":
	case was == "" || now == "":
		if n != 64 && n != 128 || c.was.seal != Unsealed != (c.now.seal != Unsealed) {
			c.shown(n, "")
		}
	case n == 64 || n == 128:
		c.mac(n)
	case n == 55:
		c.chip()
	case n == 62 && bringsKeys(c.was.m):
		c.keys()
	case n == 62 && c.from() && c.serials():
	case n == 60:
		c.parts(n, was, now, []part{{"", "", 2}, {"batch", c.terminal(), 6}, {"", "", 9}})
	case n == 61:
		c.parts(n, was, now, []part{{"batch", c.terminal(), 6}, {"stan", c.terminal() + was[:min(6, len(was))], 6}, {"0102", "", 4}, {"", "", 13}})
	case n == 90:
		c.parts(n, was, now, []part{{"", "", 4}, {"stan", c.scope(11), 6}, {"0102150405", "", 10}, {"", "", 22}})
	case chosen[n] != "":
		c.choice(n, symbol{chosen[n], c.scope(n), was}, now)
	case shapes[n] != "":
		if !shaped(now, shapes[n]) {
			c.shown(n, "no such time")
		}
	case n == 52 || n == 14 && c.another || n == 59 && len(was) == len(now) && c.from():
	case was != now:
		c.shown(n, "")
	}
}

// serials compares key serial numbers: those of a terminal count up, and have one
// beginning.
func (c *comparer) serials() bool {
	was, ok := serial(c.was.m)
	now, also := serial(c.now.m)
	if !ok || !also || len(was) != len(now) {
		return false
	}
	return c.pair(symbol{"ksn", c.terminal(), was.With(0).String()}, now.With(0).String(), c.line) == ""
}

// from reports whether the message comes from a terminal, whose codes, PINs and chips
// are other ones each time.
func (c *comparer) from() bool { return c.was.m.MTI.Answer() != "" }

// choice compares what a side chose. An authorisation code has six characters, which
// come again by chance: it is chosen anew with each new reference number, but where the
// request named one.
func (c *comparer) choice(n int, s symbol, now string) {
	if n == 37 {
		c.given = !c.met(s)
	}
	if n == 38 && c.given && c.about.named != s.value {
		c.again(s, now, c.line)
		return
	}
	if why := c.pair(s, now, c.line); why != "" {
		c.shown(n, why)
	}
}

// terminal is whose numbers they are.
func (c *comparer) terminal() string { return c.was.m.MID + c.was.m.TID }

// scope is what the number in a field is unique in: of a STAN the batch too, where the
// message says which, since terminals begin anew with each; of a code the card too.
func (c *comparer) scope(n int) string {
	switch n {
	case 11:
		return c.terminal() + c.was.m.Batch()
	case 38:
		return c.terminal() + c.about.card
	}
	return c.terminal()
}

func shaped(s, layout string) bool {
	_, err := time.Parse(layout, s) // of the year 0, a leap year
	return err == nil || strings.Trim(s, "0") == ""
}

// part is a run of digits in a field: of a class of symbols, a time by its layout, or
// plain.
type part struct {
	class, scope string
	size         int
}

func (c *comparer) parts(n int, was, now string, parts []part) {
	if len(was) != len(now) {
		c.shown(n, "")
		return
	}
	for _, p := range parts {
		size := min(p.size, len(was))
		a, b := was[:size], now[:size]
		was, now = was[size:], now[size:]
		why := ""
		switch {
		case p.scope != "":
			if strings.Trim(a, "0") == "" && a == b {
				continue // none is named
			}
			why = c.pair(symbol{p.class, p.scope, a}, b, c.line)
		case p.class != "":
			if !shaped(b, p.class[:min(len(p.class), len(b))]) {
				why = "no such time"
			}
		case a != b:
			why = fmt.Sprintf("%q is now %q", a, b)
		}
		if why != "" {
			c.shown(n, why)
			return
		}
	}
}

// cards compares fields 2, 35 and 36: the number as a symbol, since a terminal may
// read another card than was recorded.
func (c *comparer) cards() {
	was, now := numberOf(c.was.m), numberOf(c.now.m)
	c.another = was != now
	if was != "" && now != "" {
		if why := c.pair(symbol{"card", "", was}, now, c.line); why != "" {
			c.differ("2", card.Mask(was), card.Mask(now), strings.NewReplacer(was, card.Mask(was), now, card.Mask(now)).Replace(maskAll(why)))
		}
	}
	for _, n := range []int{2, 35, 36} {
		a, b := text(c.was.m, c.was.named, n), text(c.now.m, c.now.named, n)
		if (a == "") != (b == "") || n == 35 && !c.another && len(a) != len(b) {
			c.shown(n, "")
		}
	}
}

// cardOf is the number of a message's card, under the keys of a journal.
func cardOf(m *wire.Message) string {
	if enciphered(m) {
		if clear, err := hsm.DecryptTrack2(testKeys.TDK, m.Track2); err == nil {
			pan, _, _ := cutTrack(clear.Reveal())
			return pan
		}
	}
	return numberOf(m)
}

// maskAll masks every number of a card in a sentence.
func maskAll(s string) string { return digits().ReplaceAllStringFunc(s, card.Mask) }

// numberOf is the number of a message's card.
func numberOf(m *wire.Message) string {
	if m.PAN != "" {
		return m.PAN.Reveal()
	}
	if enciphered(m) {
		return ""
	}
	pan, _, _ := cutTrack(m.Track2.Reveal())
	return pan
}

func (c *comparer) mac(n int) {
	switch {
	case c.was.seal == c.now.seal, c.now.seal == Unverified:
	case c.was.seal == Unverified && c.now.seal == Valid: // as it should have been then
	default:
		c.differ(strconv.Itoa(n), string(c.was.seal), string(c.now.seal), "the MAC is worth something else")
	}
}

// keys compares what a sign-on brings: as many keys, with their right check values.
func (c *comparer) keys() {
	if len(c.was.m.Private62) != len(c.now.m.Private62) {
		c.shown(62, "another layout of keys")
	}
}

// worthNow says what a MAC of now is worth, to who has the keys of the session.
func (s *sessions) worthNow(d *wire.Dialect, frame []byte, m *wire.Message) (Seal, error) {
	mab, err := d.Decode(frame, m)
	if err != nil {
		return Unsealed, err
	}
	if len(m.MAC) == 0 {
		return Unsealed, nil
	}
	s.notice(m)
	seal := s.seal(m)
	if seal == nil {
		return Unverified, nil
	}
	if hsm.Verify(seal, mab, m.MAC) != nil {
		return Invalid, nil
	}
	return Valid, nil
}
