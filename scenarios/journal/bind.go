package journal

import "fmt"

// binding remembers which value of now stands for which value of the recording: what
// a side chooses for itself (a STAN, a reference number) may be another one, but it
// must be the same other one wherever it comes again.
type binding struct {
	now   map[symbol]string // by the recorded value
	was   map[symbol]string // by the value of now
	names map[symbol]string // by the recorded value: $stan1
	first map[symbol]int    // the line where the recorded value came first
	count map[string]int

	trail []bound // what was bound since try, to take it back
}

// bound is one thing that pair remembered.
type bound struct {
	symbol symbol
	now    string
	named  bool // the name is new; else the pair is
}

// symbol is a value of one class (stan, rrn) and of one scope (a terminal).
type symbol struct{ class, scope, value string }

func newBinding() *binding {
	return &binding{map[symbol]string{}, map[symbol]string{}, map[symbol]string{}, map[symbol]int{}, map[string]int{}, nil}
}

// pair says in words why a value of now cannot stand for a recorded one; "" is that
// it does.
func (b *binding) pair(s symbol, now string, line int) string {
	name, known := b.names[s]
	if !known {
		b.count[s.class]++
		name = fmt.Sprintf("$%s%d", s.class, b.count[s.class])
		b.names[s], b.first[s] = name, line
		b.trail = append(b.trail, bound{s, "", true})
	}
	other := symbol{s.class, s.scope, now}
	was, taken := b.was[other]
	switch {
	case known && b.now[s] == now:
		return ""
	case known:
		return fmt.Sprintf("%s is that of line %d, where it is now %q", name, b.first[s], b.now[s])
	case taken:
		was := symbol{s.class, s.scope, was}
		return fmt.Sprintf("the recording has a new one here, and %q stands for %s of line %d", now, b.names[was], b.first[was])
	}
	b.now[s], b.was[other] = now, s.value
	b.trail = append(b.trail, bound{s, now, false})
	return ""
}

// keep makes what was bound since last time final.
func (b *binding) keep() { b.trail = b.trail[:0] }

// takeBack forgets what was bound since keep: the message was compared with another
// than it stands for.
func (b *binding) takeBack() {
	for _, t := range b.trail {
		if t.named {
			delete(b.names, t.symbol)
			delete(b.first, t.symbol)
			b.count[t.symbol.class]--
			continue
		}
		delete(b.now, t.symbol)
		delete(b.was, symbol{t.symbol.class, t.symbol.scope, t.now})
	}
	b.keep()
}

// live returns what stands for a recorded value now: itself, as long as nothing else
// was seen.
func (b *binding) live(class, scope, value string) string {
	if now, ok := b.now[symbol{class, scope, value}]; ok {
		return now
	}
	return value
}

// forget gives up what a world had: the next one chooses anew.
func (b *binding) forget() {
	clear(b.now)
	clear(b.was)
	clear(b.names)
	clear(b.first)
	b.keep()
}
