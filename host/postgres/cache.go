package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"possim/host/ledger"
)

// cache is what a writer knows of the registers, as they are after a certain posting. It has each that
// was moved since the mark before last, so that one which it does not have is as the table says, which
// is never further behind than that.
type cache struct {
	at         uint64         // the posting
	lastKey    string         // and its key
	folded     uint64         // the table was up to date up to here, or further
	told       *atomic.Uint64 // by a fold of what is in this cache: up to where it is now
	mark       uint64         // where the younger ones begin
	young, old map[ledger.Reg]*register
	dirty      []*register // that the table may not have as they are
}

// register is one that a writer has met.
type register struct {
	reg   ledger.Reg
	name  string // in the database
	value int64
	known bool   // whether that is so
	moved uint64 // the last posting that moved it, 0 when the table has it as it is

	turn  uint64 // the last turn that it was in,
	place int    // and where
}

// cacheSize is how many registers are young before they are called old, and the old are forgotten.
const cacheSize = 1 << 16

// forget makes it know nothing behind a posting that the table is up to date to.
func (c *cache) forget(at uint64) {
	*c = cache{at: at, folded: at, told: new(atomic.Uint64), mark: at, young: map[ledger.Reg]*register{}}
}

// keyParam is the last posting's key as a parameter, NULL when it is not known.
func (c *cache) keyParam() []byte {
	if c.lastKey == "" {
		return nil
	}
	return []byte(c.lastKey)
}

// meet returns a register, of which nothing need be known.
func (c *cache) meet(r ledger.Reg) *register {
	g := c.young[r]
	if g == nil {
		if g = c.old[r]; g == nil {
			g = &register{reg: r, name: registerName(r)}
		}
		c.young[r] = g
	}
	return g
}

// move sets a register that a posting moved.
func (c *cache) move(g *register, n int64, by uint64) {
	if g.moved == 0 {
		c.dirty = append(c.dirty, g)
	}
	g.value, g.known, g.moved = n, true, by
}

// clean notes how far the table of registers is. What was folded for a cache that was forgotten since says
// nothing of it: that may have been the table of a server that is gone, ahead of the one that followed it.
func (c *cache) clean() {
	upto := c.told.Load()
	if upto <= c.folded {
		return
	}
	c.folded = upto
	c.dirty = slices.DeleteFunc(c.dirty, func(g *register) bool {
		if g.moved <= upto {
			g.moved = 0
		}
		return g.moved == 0
	})
}

// age forgets what was not met for long.
func (c *cache) age(size int) {
	if len(c.young) >= size && c.folded >= c.mark {
		c.old, c.young, c.mark = c.young, make(map[ledger.Reg]*register, size), c.at
	}
}

// news is what a posting of somebody else's made of its registers: names, a line each, and as many
// numbers; and what is left of itself, if that is not one of them.
type news struct {
	key, regs, after string
	rest             []byte
}

// follow takes the next posting.
func (c *cache) follow(p news) error {
	c.at, c.lastKey = c.at+1, p.key
	for names, numbers := p.regs, p.after; names != ""; {
		var name, digits string
		name, names, _ = strings.Cut(names, "\n")
		digits, numbers, _ = strings.Cut(numbers, ",")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: posting %d left %q in %s", errAnswer, c.at, digits, name)
		}
		r, err := readName(name)
		if err != nil {
			return err
		}
		c.move(c.meet(r), n, c.at)
	}
	if p.rest == nil {
		return nil
	}
	n, err := number(p.rest)
	own := c.meet(ledger.Reg{Kind: ledger.Rest, Owner: p.key})
	own.value, own.known = n, true
	return err
}

// registerName is what the database calls a register: kind:day:owner, which sorts today's together.
func registerName(r ledger.Reg) string {
	return r.Kind.String() + ":" + strconv.Itoa(int(r.Day)) + ":" + r.Owner
}

// readName reads what registerName wrote.
func readName(name string) (r ledger.Reg, err error) {
	kind, rest, _ := strings.Cut(name, ":")
	day, owner, _ := strings.Cut(rest, ":")
	n, err1 := strconv.ParseInt(day, 10, 32)
	if r.Kind, err = ledger.ParseKind(kind); err != nil || err1 != nil {
		return r, fmt.Errorf("%w: a register %q", errAnswer, name)
	}
	r.Day, r.Owner = ledger.Day(n), strings.Clone(owner)
	return r, nil
}
