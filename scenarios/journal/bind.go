package journal

import "fmt"

// binding remembers which value of now stands for which value of the recording: what
// a side chooses for itself (a STAN, a reference number) may be another one, but it
// must be the same other one wherever it comes again. A long journal has hundreds of
// thousands of them, so that they are kept close together.
type binding struct {
	scopes map[scope]uint32
	known  map[place]pairing // by the recorded value
	was    map[place]string  // the recorded value by that of now, where they differ
	count  map[string]int32  // names given, by class
	trail  []bound           // what was bound since keep, to take it back
}

// symbol is a value of one class (stan, rrn) and of one scope (a terminal).
type symbol struct{ class, scope, value string }

// scope is what values of one class are unique in.
type scope struct{ class, of string }

// place is a value with the number of its scope.
type place struct {
	scope uint32
	value string
}

// pairing is what is known of a recorded value.
type pairing struct {
	now    string
	line   int32 // where it came first
	number int32 // of its name
	paired bool  // something stands for it now
}

// bound is one thing that pair remembered.
type bound struct {
	at    place
	now   string
	class string // of a new name; "" for a new pair
}

func newBinding() *binding {
	return &binding{map[scope]uint32{}, map[place]pairing{}, map[place]string{}, map[string]int32{}, nil}
}

// in is a value's place.
func (b *binding) in(s symbol, value string) place {
	key := scope{s.class, s.scope}
	n, ok := b.scopes[key]
	if !ok {
		n = uint32(len(b.scopes))
		b.scopes[key] = n
	}
	return place{n, value}
}

// pair says in words why a value of now cannot stand for a recorded one; "" is that
// it does.
func (b *binding) pair(s symbol, now string, line int) string {
	at := b.in(s, s.value)
	p, known := b.known[at]
	if !known {
		b.count[s.class]++
		p = pairing{line: int32(line), number: b.count[s.class]}
		b.known[at] = p
		b.trail = append(b.trail, bound{at, "", s.class})
	}
	switch {
	case p.paired && p.now == now:
		return ""
	case p.paired:
		return fmt.Sprintf("$%s%d is that of line %d, where it is now %q", s.class, p.number, p.line, p.now)
	}
	other := place{at.scope, now}
	if was, taken := b.standsFor(other); taken {
		q := b.known[place{at.scope, was}]
		return fmt.Sprintf("the recording has a new one here, and %q stands for $%s%d of line %d", now, s.class, q.number, q.line)
	}
	if now == s.value {
		now = s.value // one string of the two
	} else {
		b.was[other] = s.value
	}
	p.now, p.paired = now, true
	b.known[at] = p
	b.trail = append(b.trail, bound{at, now, ""})
	return ""
}

// standsFor returns the recorded value that a value of now stands for.
func (b *binding) standsFor(now place) (string, bool) {
	if was, ok := b.was[now]; ok {
		return was, true
	}
	p := b.known[now]
	return now.value, p.paired && p.now == now.value
}

// keep makes what was bound since last time final.
func (b *binding) keep() { b.trail = b.trail[:0] }

// takeBack forgets what was bound since keep: the message was compared with another
// than it stands for.
func (b *binding) takeBack() {
	for i := len(b.trail) - 1; i >= 0; i-- {
		t := b.trail[i]
		if t.class != "" {
			delete(b.known, t.at)
			b.count[t.class]--
			continue
		}
		delete(b.was, place{t.at.scope, t.now})
		p := b.known[t.at]
		p.now, p.paired = "", false
		b.known[t.at] = p
	}
	b.keep()
}

// live returns what stands for a recorded value now: itself, as long as nothing else
// was seen.
func (b *binding) live(class, scope, value string) string {
	if p := b.known[b.in(symbol{class: class, scope: scope}, value)]; p.paired {
		return p.now
	}
	return value
}

// forget gives up what a world had: the next one chooses anew.
func (b *binding) forget() {
	clear(b.known)
	clear(b.was)
	b.keep()
}
