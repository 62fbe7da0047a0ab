package journal

import (
	"fmt"
	"hash/fnv"

	"possim/host/wire"
)

// binding remembers which value of now stands for which value of the recording: what
// a side chooses for itself (a STAN, a reference number) may be another one, but it
// must be the same other one wherever it comes again: a refund may name its sale by
// the reference number days later. So nothing is forgotten within a world, and each
// value takes two words, without a pointer for the garbage collector to follow.
type binding struct {
	same   map[string]bool // classes whose values are played as recorded, and stand for themselves
	scopes map[scope]uint64
	known  map[uint64]uint64 // by the place of the recorded value: the value of now, and where it came first
	was    map[uint64]uint64 // by the place of a value of now: the recorded one, where they differ
	ids    map[string]uint64 // values that are no short numbers
	long   []string
	trail  []change // what was bound since keep, to take it back
}

// symbol is a value of one class (stan, rrn) and of one scope (a terminal).
type symbol struct{ class, scope, value string }

// scope is what values of one class are unique in.
type scope struct{ class, of string }

// change is an entry of a map before it was written.
type change struct {
	in       map[uint64]uint64
	key, old uint64
	had      bool
}

// newBinding returns one that knows nothing; values of the classes in same stand for
// themselves.
func newBinding(same ...string) *binding {
	b := &binding{same: map[string]bool{}, scopes: map[scope]uint64{}, known: map[uint64]uint64{}, was: map[uint64]uint64{}, ids: map[string]uint64{}}
	for _, class := range same {
		b.same[class] = true
	}
	return b
}

// A word holds the code of a value in its lower bits, and above it a scope (a place) or
// a line (what is known of one).
const (
	codeBits  = 41
	codeMask  = 1<<codeBits - 1
	mostUpper = 1<<(64-codeBits) - 1
	// shortest is the first code of a value that is no number of up to twelve digits: there
	// are so many of those.
	shortest = 1_111_111_111_111
)

// code is a value as a number: of digits the place among all such runs, shorter ones
// first, since 012 is not 12; of anything else its place in a list.
func (b *binding) code(value string) uint64 {
	if n, ok := decimal(value); ok {
		return n
	}
	id, ok := b.ids[value]
	if !ok {
		id = shortest + uint64(len(b.long))
		b.ids[value], b.long = id, append(b.long, value)
	}
	return id
}

func decimal(s string) (uint64, bool) {
	if len(s) > 12 {
		return 0, false
	}
	n, shorter, size := uint64(0), uint64(0), uint64(1)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(s[i]-'0')
		shorter, size = shorter+size, size*10
	}
	return shorter + n, true
}

// text is the value of a code.
func (b *binding) text(code uint64) string {
	if code >= shortest {
		return b.long[code-shortest]
	}
	digits, size := 0, uint64(1)
	for code >= size {
		code, size, digits = code-size, size*10, digits+1
	}
	if digits == 0 {
		return ""
	}
	return fmt.Sprintf("%0*d", digits, code)
}

// in is the scope of a symbol, in the upper bits. The scopes of authorisation codes
// are as many as there are cards: their upper half is a hash, and two that share one
// may come to name one code, as the codes of one card may.
func (b *binding) in(s symbol) uint64 {
	if s.class == "auth" {
		h := fnv.New32a()
		h.Write([]byte(s.scope))
		return (uint64(h.Sum32())&(mostUpper>>1) | (mostUpper>>1 + 1)) << codeBits
	}
	key := scope{s.class, s.scope}
	n, ok := b.scopes[key]
	if !ok {
		n = min(uint64(len(b.scopes)), mostUpper>>1)
		b.scopes[key] = n
	}
	return n << codeBits
}

// pair says in words why a value of now cannot stand for a recorded one; "" is that
// it does.
func (b *binding) pair(s symbol, now string, line int) string {
	if b.same[s.class] {
		if s.value == now {
			return ""
		}
		return "this replay has sent the recorded one"
	}
	in, code, value := b.in(s), b.code(now), b.code(s.value)
	p, known := b.known[in|value]
	switch {
	case known && p&codeMask == code:
		return ""
	case known:
		return fmt.Sprintf("the $%s of line %d is now %q", s.class, p>>codeBits, b.text(p&codeMask))
	}
	if was, taken := b.standsFor(in, code); taken && s.class != "auth" { // codes of six characters come again by chance
		return fmt.Sprintf("the recording has a new one here, and %q stands for the $%s of line %d", now, s.class, b.known[in|was]>>codeBits)
	}
	b.bind(in, value, code, line)
	return ""
}

// again has another value of now stand for a recorded one from here on.
func (b *binding) again(s symbol, now string, line int) {
	b.bind(b.in(s), b.code(s.value), b.code(now), line)
}

func (b *binding) bind(in, value, code uint64, line int) {
	if value != code {
		b.set(b.was, in|code, value)
	}
	b.set(b.known, in|value, min(uint64(line), mostUpper)<<codeBits|code)
}

func (b *binding) set(in map[uint64]uint64, key, value uint64) {
	old, had := in[key]
	b.trail = append(b.trail, change{in, key, old, had})
	in[key] = value
}

// standsFor returns the code of the recorded value that a value of now stands for.
func (b *binding) standsFor(in, now uint64) (uint64, bool) {
	if was, ok := b.was[in|now]; ok {
		return was, true
	}
	p, ok := b.known[in|now]
	return now, ok && p&codeMask == now
}

// met reports whether something stands for a recorded value.
func (b *binding) met(s symbol) bool {
	_, ok := b.known[b.in(s)|b.code(s.value)]
	return ok
}

// keep makes what was bound since last time final.
func (b *binding) keep() { b.trail = b.trail[:0] }

// takeBack forgets what was bound since keep: the message was compared with another
// than it stands for.
func (b *binding) takeBack() {
	for i := len(b.trail) - 1; i >= 0; i-- {
		if t := b.trail[i]; t.had {
			t.in[t.key] = t.old
		} else {
			delete(t.in, t.key)
		}
	}
	b.keep()
}

// live returns what stands for a recorded value now: itself, as long as nothing else
// was seen.
func (b *binding) live(class, scope, value string) string {
	s := symbol{class, scope, value}
	if p, ok := b.known[b.in(s)|b.code(value)]; ok {
		return b.text(p & codeMask)
	}
	return value
}

// renewBatch puts the batch that is open now in the place of the recorded one.
func (b *binding) renewBatch(m *wire.Message) {
	if batch := m.Batch(); batch != "" {
		s := m.Sub60()
		s.Batch = b.live("batch", m.MID+m.TID, batch)
		m.Private60 = s.String() + m.Private60[len(s.String()):]
	}
}

// forget gives up what a world had: the next one chooses anew.
func (b *binding) forget() {
	clear(b.known)
	clear(b.was)
	clear(b.ids)
	clear(b.scopes)
	b.long = b.long[:0]
	b.keep()
}
