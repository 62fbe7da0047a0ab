package ledger

import (
	"errors"
	"fmt"
	"slices"
)

// Machine is the Book's deterministic state machine: the same Txs in the same order give the same
// postings, and the same postings the same state. It is not safe for concurrent use.
//
// It keeps what deciding needs, and nothing the garbage collector would have to walk: the value of each
// register under a hash, the place of each key in the journal, who has undone whom. The postings
// themselves it asks of its [Past] when one is wanted again: a repeat, something to undo. However long
// the journal grows, a Tx costs the same.
//
// Its zero value is an empty book that keeps its own past, packed, in memory.
type Machine struct {
	regs  map[regHash]int64
	keys  index           // of each posting's key
	tombs index           // of each key undone before it arrived: the posting that left the tombstone
	links map[uint64]link // of the postings that undid one another
	held  []uint64        // the postings that add to what is held, in order
	last  uint64

	past   Past
	own    pack // the past of a Machine that was given none
	next   next
	moves  []Move // room for the next posting's
	sheet  sheet
	behind *Segment // what came since the last cut, when segments are wanted
}

// Past finds the postings of a Machine again. A Posting that comes from it is the Machine's to keep.
type Past interface {
	Posting(seq uint64) (Posting, error)
}

// next is a posting decided on and not yet entered.
type next struct {
	Posting
	hash uint64 // of its key
	orig uint64 // whose inverse it posts, 0 for none
}

// ErrJournal is a posting that cannot follow the ones before it: the journal is damaged.
var ErrJournal = errors.New("ledger: journal does not fit together")

// NewMachine returns an empty machine whose postings past keeps: all that were decided and entered.
// It gathers what a [Segment] needs.
func NewMachine(past Past) *Machine { return &Machine{past: past, behind: new(Segment)} }

// Apply decides on tx and applies it. After an error the machine is unchanged: it is that of Tx.Check,
// or the past could not be read.
func (m *Machine) Apply(tx Tx) (Result, error) {
	if err := tx.Check(); err != nil {
		return Result{}, err
	}
	r, p, err := m.Decide(&tx)
	if err == nil && p != nil {
		m.Post()
	}
	return r, err
}

// Decide says what a checked tx comes to. It changes nothing that Read and Places look at, so they may
// go on meanwhile. A Tx that is to be recorded comes with its posting, valid until the next call: the
// caller puts it where the Past will find it, and then calls Post.
func (m *Machine) Decide(tx *Tx) (Result, *Posting, error) {
	m.sheet = m.sheet[:0]
	hash := hashName(string(tx.Key))
	first, err := m.known(tx.Key, hash)
	if err != nil {
		return Result{}, nil, err
	}
	if first != nil {
		if first.Print != tx.Print {
			return Result{Refused: RuleDuplicate}, nil, nil
		}
		r := first.result()
		r.Repeat = true
		return r, nil, nil
	}
	var orig *Posting
	if tx.Undoes != "" {
		if orig, err = m.known(tx.Undoes, hashName(string(tx.Undoes))); err != nil {
			return Result{}, nil, err
		}
		if orig.seq() != tx.UndoesSeq {
			return Result{Refused: RuleStale}, nil, nil
		}
	}
	dead, err := m.buried(tx.Key, hash)
	if err != nil {
		return Result{}, nil, err
	}
	m.decide(tx, orig, dead)
	m.next.hash = hash
	return m.next.result(), &m.next.Posting, nil
}

// Post enters what Decide decided on last.
func (m *Machine) Post() {
	p := &m.next.Posting
	if m.past == nil {
		m.own.add(p)
	}
	m.enter()
}

// Replay applies a posting that a journal recorded. No guard is asked again: what was posted is posted.
func (m *Machine) Replay(p Posting) error {
	m.sheet = m.sheet[:0]
	if p.Seq != m.last+1 {
		return fmt.Errorf("%w: posting %d follows %d", ErrJournal, p.Seq, m.last)
	}
	hash := hashName(string(p.Key))
	first, err := m.known(p.Key, hash)
	if err != nil {
		return err
	}
	if first != nil {
		return fmt.Errorf("%w: posting %d has the key %s of posting %d", ErrJournal, p.Seq, p.Key, first.Seq)
	}
	var orig *Posting
	if p.Undo == Undone {
		if orig, err = m.known(p.Undoes, hashName(string(p.Undoes))); err != nil {
			return err
		}
		if m.standing(orig) != Undone {
			return fmt.Errorf("%w: posting %d undoes %q, which does not stand", ErrJournal, p.Seq, p.Undoes)
		}
	}
	if err := m.checkPosted(&p); err != nil {
		return fmt.Errorf("%w: posting %d: %w", ErrJournal, p.Seq, err)
	}
	p.UndoneBy = ""
	m.next = next{Posting: p, hash: hash, orig: orig.seq()}
	m.Post()
	return nil
}

// checkPosted checks what a journal may say was posted.
func (m *Machine) checkPosted(p *Posting) error {
	if err := checkName("Key", string(p.Key)); err != nil {
		return err
	}
	if err := checkMoves(p.Moves, p.Refused != ""); err != nil {
		return err
	}
	if m.overflows(p.Moves) {
		return errors.New(RuleOverflow)
	}
	return nil
}

// enter makes the next posting part of the state.
func (m *Machine) enter() {
	p := &m.next.Posting
	if m.regs == nil {
		m.regs, m.links = map[regHash]int64{}, map[uint64]link{}
	}
	holds := false
	for i := range p.Moves {
		mv := &p.Moves[i]
		holds = holds || mv.Reg.Kind == Hold && mv.Add > 0
		c := m.cell(mv.Reg)
		if c.moved = true; mv.Set {
			c.n = mv.Add
		} else {
			c.n += mv.Add // may wrap on the way; the sum is known to fit
		}
	}
	for i := range m.sheet {
		if c := &m.sheet[i]; c.moved {
			m.regs[c.hash] = c.n
			m.behind.value(c.hash, c.n)
		}
	}
	m.last = p.Seq
	m.keys.put(m.next.hash, m.last)
	m.behind.key(m.last, m.next.hash)
	if holds {
		m.held = append(m.held, m.last)
		m.behind.hold(m.last)
	}
	switch {
	case p.Undo == Undone:
		m.topple(m.next.orig, p.Seq)
	case p.Undo == Unknown && p.Refused == "":
		h := hashName(string(p.Undoes))
		m.tombs.put(h, p.Seq)
		m.behind.tomb(h, p.Seq)
	}
}

// known returns the posting under k, whose hash is h, or nil.
func (m *Machine) known(k Key, h uint64) (*Posting, error) {
	for _, seq := range m.keys.find(h) {
		p, err := m.posting(seq)
		if err != nil {
			return nil, err
		}
		if p.Key == k {
			return &p, nil
		}
	}
	return nil, nil
}

// buried reports whether a tombstone lies under k, whose hash is h.
func (m *Machine) buried(k Key, h uint64) (bool, error) {
	for _, seq := range m.tombs.find(h) {
		p, err := m.posting(seq)
		if err != nil || p.Undoes == k {
			return err == nil, err
		}
	}
	return false, nil
}

func (m *Machine) posting(seq uint64) (Posting, error) {
	if m.past == nil {
		return m.own.Posting(seq)
	}
	return m.past.Posting(seq)
}

// Find returns the posting under k.
func (m *Machine) Find(k Key) (Posting, error) { return FindIn(m.pastOrOwn(), k, m.Places(k)) }

func (m *Machine) pastOrOwn() Past {
	if m.past == nil {
		return &m.own
	}
	return m.past
}

// Place is where in the journal a key may be, and who has undone what is there, 0 for nobody.
type Place struct{ Seq, UndoneBy uint64 }

// Places returns where the posting under k can be: hardly ever more than one place. FindIn looks.
func (m *Machine) Places(k Key) []Place {
	seqs := m.keys.find(hashName(string(k)))
	places := make([]Place, len(seqs))
	for i, seq := range seqs {
		places[i] = Place{seq, m.links[seq].undoneBy}
	}
	return places
}

// FindIn returns the posting under k from the places it can be in, or ErrNotFound.
func FindIn(past Past, k Key, places []Place) (Posting, error) {
	for _, at := range places {
		p, err := past.Posting(at.Seq)
		if err != nil {
			return Posting{}, err
		}
		if p.Key != k {
			continue
		}
		if at.UndoneBy != 0 {
			by, err := past.Posting(at.UndoneBy)
			if err != nil {
				return Posting{}, err
			}
			p.UndoneBy = by.Key
		}
		return p, nil
	}
	return Posting{}, ErrNotFound
}

// Posting returns the posting with that Seq, as the journal has it: UndoneBy is left out.
func (m *Machine) Posting(seq uint64) (Posting, error) {
	if seq == 0 || seq > m.last {
		return Posting{}, ErrNotFound
	}
	return m.posting(seq)
}

// Read returns the registers' values.
func (m *Machine) Read(regs ...Reg) []int64 {
	values := make([]int64, len(regs))
	for i := range regs {
		values[i] = m.regs[hashReg(&regs[i])]
	}
	return values
}

// Held returns the Seqs of the postings behind after that add to a register of the kind Hold and stand,
// in order. One that is undone and later stands again does so by a posting that adds to it again.
func (m *Machine) Held(after uint64) (seqs []uint64) {
	i, found := slices.BinarySearch(m.held, after)
	if found {
		i++
	}
	for _, seq := range m.held[i:] {
		if m.links[seq].undoneBy == 0 {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// Last returns the Seq of the last posting, 0 for an empty book.
func (m *Machine) Last() uint64 { return m.last }

// seq returns the posting's Seq, 0 for none.
func (p *Posting) seq() uint64 {
	if p == nil {
		return 0
	}
	return p.Seq
}
