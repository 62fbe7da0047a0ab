package postgres

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"possim/host/ledger"
)

// cache is what a writer knows of the registers, by their names, as they are after a certain posting. It
// has each that was moved since the mark before last, so that one which it does not have is as the
// table says, which is never further behind than that.
type cache struct {
	at         uint64 // the posting
	folded     uint64 // the table was up to date up to here, or further
	mark       uint64 // where the younger ones begin
	young, old map[string]int64
	dirty      map[string]uint64 // those that the table may not have as they are, and the last posting that moved each
	lastKey    string            // of the posting
}

// cacheSize is how many registers are young before they are called old, and the old are forgotten.
const cacheSize = 1 << 16

// forget makes it know nothing behind a posting that the table is up to date to.
func (c *cache) forget(at uint64) {
	*c = cache{at: at, folded: at, mark: at, young: map[string]int64{}, dirty: map[string]uint64{}}
}

func (c *cache) value(name string) (n int64, known bool) {
	if n, known = c.young[name]; !known {
		n, known = c.old[name]
	}
	return n, known
}

func (c *cache) set(name string, n int64) { c.young[name] = n }

// move sets a register that a posting moved.
func (c *cache) move(name string, n int64, by uint64) {
	c.young[name] = n
	c.dirty[name] = by
}

// clean notes how far the table of registers is.
func (c *cache) clean(upto uint64) {
	if upto <= c.folded {
		return
	}
	c.folded = upto
	maps.DeleteFunc(c.dirty, func(_ string, by uint64) bool { return by <= upto })
}

// age forgets what was not moved for long.
func (c *cache) age() {
	if len(c.young) >= cacheSize && c.folded >= c.mark {
		c.old, c.young, c.mark = c.young, make(map[string]int64, cacheSize), c.at
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
		c.move(strings.Clone(name), n, c.at)
	}
	if p.rest == nil {
		return nil
	}
	n, err := number(p.rest)
	c.set(restName(p.key), n)
	return err
}

// registerName is what the database calls a register: kind:day:owner, which sorts today's together.
func registerName(r ledger.Reg) string {
	return r.Kind.String() + ":" + strconv.Itoa(int(r.Day)) + ":" + r.Owner
}

// restName is what it calls the rest of a posting.
func restName(key string) string { return registerName(ledger.Reg{Kind: ledger.Rest, Owner: key}) }
