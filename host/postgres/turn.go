package postgres

import (
	"slices"
	"strconv"

	"possim/host/ledger"
)

// turn is a batch that is decided on: what it has to know, what the cache and the database said of that,
// and what became of it. It is used again for the next.
type turn struct {
	machine *ledger.Machine
	past    past

	undoes, reads bool
	keys          map[ledger.Key]bool // to be asked for
	order         []ledger.Key        // the same, in order,
	names         array               // and as a parameter
	known         map[ledger.Key]bool // those the database has
	number        uint64
	cache         *cache
	cells         []cell
	missing       []int // the cells that the cache does not have,
	labels        array // and their names
	untouched     array // the names of the rests that are taken to be nothing, for possim.append to see
	links         []link
	last          ledger.Key // of the last posting

	out   draft
	spots []int // the cells of the last posting's moves
	moved []int // and of the registers that its regs names
	body  []byte
}

// cell is a register of the turn.
type cell struct {
	*register
	now   int64  // what it holds in the turn, which began with its value
	by    uint64 // the last posting that moved it,
	line  int    // and where its column regs names it, or ownRest
	rest  bool   // of one of the batch
	fresh bool   // nobody has ever moved it
	own   bool   // but now the posting whose rest it is
}

// link says who has a posting undone, 0 for nobody, as the turn began.
type link struct{ seq, undoneBy uint64 }

// begin lists what the batch has to know: keys that were undone, and all of them when it has to look.
func (t *turn) begin(c *cache, batch []*request, originals []ledger.Posting, look bool) {
	t.reset()
	t.number++
	t.cache = c
	for _, r := range batch {
		if r.Want == nil {
			t.want(&r.Tx, look)
			continue
		}
		t.reads = true
		for _, reg := range r.Want.regs {
			t.place(reg)
		}
	}
	for i := range originals {
		p := &originals[i]
		t.past[p.Seq] = *p
		for i := range p.Moves {
			t.place(p.Moves[i].Reg)
		}
	}
}

func (t *turn) reset() {
	if t.machine == nil {
		t.past = past{}
		t.machine = ledger.NewPart(t.past)
		t.keys, t.known = map[ledger.Key]bool{}, map[ledger.Key]bool{}
	}
	clear(t.past)
	clear(t.keys)
	clear(t.known)
	t.order, t.cells, t.links = t.order[:0], t.cells[:0], t.links[:0]
	t.undoes, t.reads = false, false
	t.names.reset(oidText)
}

func (t *turn) want(tx *ledger.Tx, look bool) {
	if look || tx.Undoes != "" { // what is stale is not posted, and a repeat is not stale
		t.name(tx.Key)
	}
	if tx.Undoes != "" {
		t.undoes = true
		t.name(tx.Undoes)
	}
	for i := range tx.Guards {
		t.place(tx.Guards[i].Reg)
	}
	for i := range tx.Moves {
		r := &tx.Moves[i].Reg
		at := t.place(*r)
		if r.Kind == ledger.Rest && r.Day == 0 && r.Owner == string(tx.Key) {
			t.cells[at].rest = true
		}
	}
	for i := range tx.Raise {
		t.place(tx.Raise[i].Reg)
	}
}

func (t *turn) name(k ledger.Key) {
	if !t.keys[k] {
		t.keys[k] = true
		t.order = append(t.order, k)
		t.names.text(string(k))
	}
}

// place is where a register is among the cells.
func (t *turn) place(r ledger.Reg) int {
	g := t.cache.meet(r)
	if g.turn != t.number {
		g.turn, g.place = t.number, len(t.cells)
		t.cells = append(t.cells, cell{register: g})
	}
	return g.place
}

// decide answers the batch and writes down what is to be posted. A key that the database has is left to
// be answered as a repeat.
func (t *turn) decide(batch []*request) error {
	t.out.reset()
	for _, r := range batch {
		switch {
		case r.Want != nil:
			r.Want.values = r.Want.values[:0]
			for _, reg := range r.Want.regs {
				r.Want.values = append(r.Want.values, t.cells[t.place(reg)].value)
			}
			continue
		case t.known[r.Tx.Key]:
			r.Result = ledger.Result{Repeat: true}
			continue
		}
		var p *ledger.Posting
		var err error
		if r.Result, p, err = t.machine.Decide(&r.Tx); err != nil {
			return err
		}
		if p != nil {
			t.machine.Post()
			t.post(&r.Tx, p)
		}
	}
	for _, l := range t.links {
		if now := t.machine.UndoneBy(l.seq); now != l.undoneBy {
			t.out.fall(l.seq, now)
		}
	}
	return nil
}

// post writes a posting down.
func (t *turn) post(tx *ledger.Tx, p *ledger.Posting) {
	kept := *p
	kept.Moves = slices.Clone(p.Moves)
	t.past[p.Seq], t.last = kept, p.Key
	undid := uint64(0)
	if p.Undo == ledger.Undone {
		undid = tx.UndoesSeq
	}
	if t.undoes {
		t.links = append(t.links, link{seq: p.Seq})
	}
	holds := t.registers(p)
	t.body = t.appendBody(t.body[:0], p)
	t.out.arrays[wBodies].raw(t.body)
	t.out.post(p, undid, holds)
}

// registers writes down what a posting left in the registers it moved, and says whether it moves a hold.
func (t *turn) registers(p *ledger.Posting) (holds bool) {
	t.spots, t.moved, t.body = t.spots[:0], t.moved[:0], t.body[:0]
	own := -1
	for i := range p.Moves {
		mv := &p.Moves[i]
		at := t.place(mv.Reg)
		t.spots = append(t.spots, at)
		c := &t.cells[at]
		if mv.Set {
			c.now = mv.Add
		} else {
			c.now += mv.Add // may wrap on the way; the machine knows that the sum fits
		}
		if c.by == p.Seq {
			continue
		}
		holds = holds || mv.Reg.Kind == ledger.Hold
		c.own = c.fresh && c.moved == 0 && c.by == 0 && c.rest && mv.Reg.Owner == string(p.Key)
		c.by = p.Seq
		if c.line = len(t.moved); c.own {
			c.line, own = ownRest, at
			continue
		}
		if len(t.moved) > 0 {
			t.body = append(t.body, '\n')
		}
		t.body = append(t.body, c.name...)
		t.moved = append(t.moved, at)
	}
	t.out.arrays[wRegs].raw(t.body)
	t.body = t.body[:0]
	for i, at := range t.moved {
		if i > 0 {
			t.body = append(t.body, ',')
		}
		t.body = strconv.AppendInt(t.body, t.cells[at].now, 10)
	}
	t.out.arrays[wAfters].raw(t.body)
	if own < 0 {
		t.out.arrays[wRests].null()
	} else {
		t.out.arrays[wRests].int8(t.cells[own].now)
	}
	return holds
}

// enter takes what was posted into the cache.
func (t *turn) enter() {
	for i := range t.cells {
		switch cell := &t.cells[i]; {
		case cell.by == 0:
		case cell.own:
			cell.value, cell.known = cell.now, true
		default:
			t.cache.move(cell.register, cell.now, cell.by)
		}
	}
	t.cache.at, t.cache.lastKey = t.machine.Last(), string(t.last)
}
