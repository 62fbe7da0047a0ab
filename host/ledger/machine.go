package ledger

import (
	"errors"
	"fmt"
	"slices"
)

// Machine is the Book's deterministic state machine: the same Txs in the same order give the same
// postings, and the same postings the same state. It is not safe for concurrent use.
// Its zero value is an empty book.
type Machine struct {
	regs    map[Reg]int64
	keys    map[Key]*entry
	tombs   map[Key]struct{} // keys undone before they arrived
	journal []*entry         // by Seq-1
}

// entry is a posting and its place among those that undo one another.
type entry struct {
	Posting
	undid    *entry // whose inverse this posted, if any
	undoneBy *entry // who posted the inverse of this and stands
}

// ErrJournal is a posting that cannot follow the ones before it: the journal is damaged.
var ErrJournal = errors.New("ledger: journal does not fit together")

// Apply decides on tx and applies it. The error is that of Tx.Check; the machine is then unchanged.
func (m *Machine) Apply(tx Tx) (Result, error) {
	if err := tx.Check(); err != nil {
		return Result{}, err
	}
	if first := m.keys[tx.Key]; first != nil {
		if first.Print != tx.Print {
			return Result{Refused: RuleDuplicate}, nil
		}
		r := first.Result()
		r.Repeat = true
		return r, nil
	}
	orig := m.keys[tx.Undoes]
	if tx.Undoes != "" && orig.seq() != tx.UndoesSeq {
		return Result{Refused: RuleStale}, nil
	}
	e := &entry{Posting: m.decide(&tx, orig)}
	m.post(e, orig)
	return e.Result(), nil
}

// Replay applies a posting that a journal recorded. No guard is asked again: what was posted is posted.
func (m *Machine) Replay(p Posting) error {
	orig := m.keys[p.Undoes]
	switch {
	case p.Seq != m.Last()+1:
		return fmt.Errorf("%w: posting %d follows %d", ErrJournal, p.Seq, m.Last())
	case m.keys[p.Key] != nil:
		return fmt.Errorf("%w: posting %d has the key %s of posting %d", ErrJournal, p.Seq, p.Key, m.keys[p.Key].Seq)
	case p.Undo == Undone && m.standing(orig) != Undone:
		return fmt.Errorf("%w: posting %d undoes %q, which does not stand", ErrJournal, p.Seq, p.Undoes)
	}
	err := checkName("Key", string(p.Key))
	if err == nil {
		err = checkMoves(p.Moves, p.Refused != "")
	}
	if err == nil && m.overflows(p.Moves) {
		err = errors.New(RuleOverflow)
	}
	if err != nil {
		return fmt.Errorf("%w: posting %d: %w", ErrJournal, p.Seq, err)
	}
	p = p.clone()
	p.UndoneBy = ""
	m.post(&entry{Posting: p}, orig)
	return nil
}

// decide says what tx comes to, and changes nothing.
func (m *Machine) decide(tx *Tx, orig *entry) Posting {
	p := m.weigh(tx, orig)
	for _, r := range tx.Raise {
		if n, _ := m.after(r.Reg, p.Moves); n < r.To {
			p.Moves = append(p.Moves, Move{Reg: r.Reg, Add: r.To, Set: true})
		}
	}
	return p
}

// weigh is decide without what is raised.
func (m *Machine) weigh(tx *Tx, orig *entry) Posting {
	p := Posting{
		Seq: m.Last() + 1, Key: tx.Key, Undoes: tx.Undoes, Print: tx.Print,
		At: tx.At.UTC().Round(0), Day: tx.Day, Memo: append([]byte(nil), tx.Memo...),
	}
	if _, dead := m.tombs[tx.Key]; dead {
		p.Refused = RuleTombstone
		return p
	}
	var back []Move
	undo := Undo("")
	if tx.Undoes != "" && tx.Refuse == "" {
		undo = m.standing(orig)
		if undo == Undone {
			back = inverse(orig.Moves)
		} else if len(tx.Moves) > 0 {
			p.Refused, p.Undo = RuleStanding, undo
			return p
		}
	}
	if p.Why, p.Refused = m.judge(tx.Guards, back); p.Refused != "" {
		return p
	}
	moves := slices.Concat(back, tx.Moves)
	if m.overflows(moves) {
		p.Refused = RuleOverflow
		return p
	}
	p.Refused, p.Undo, p.Moves = tx.Refuse, undo, moves
	return p
}

// judge asks the guards in order, on the registers as they would be after the moves of back.
func (m *Machine) judge(guards []Guard, back []Move) (why []Verdict, refused string) {
	if len(guards) > 0 {
		why = make([]Verdict, 0, len(guards))
	}
	for _, g := range guards {
		value, _ := m.after(g.Reg, back)
		v := g.Verdict(value)
		why = append(why, v)
		if !v.OK {
			return why, g.Rule
		}
	}
	return why, ""
}

// overflows reports whether moves would take a register beyond int64.
func (m *Machine) overflows(moves []Move) bool {
	if m.small(moves) {
		return false
	}
	for i := range moves {
		if _, over := m.after(moves[i].Reg, moves); over {
			return true
		}
	}
	return false
}

// small reports whether no register can overflow, as is all but always so: up to 4,096 moves of
// less than 2^50 each, onto a register of less than 2^50.
func (m *Machine) small(moves []Move) bool {
	const edge = 1 << 50
	for i := range moves {
		mv := &moves[i]
		if n := m.regs[mv.Reg]; n >= edge || n <= -edge || mv.Add >= edge || mv.Add <= -edge {
			return false
		}
	}
	return len(moves) <= 4096
}

// after returns what r would hold after the moves, or the end of int64 that lies beyond, and true.
func (m *Machine) after(r Reg, moves []Move) (n int64, over bool) {
	sum := wide{}.plus(m.regs[r])
	for i := range moves {
		switch mv := &moves[i]; {
		case mv.Reg != r:
		case mv.Set:
			sum = wide{}.plus(mv.Add)
		default:
			sum = sum.plus(mv.Add)
		}
	}
	return sum.narrow()
}

// post enters a decided posting.
func (m *Machine) post(e *entry, orig *entry) {
	if m.keys == nil {
		m.regs, m.keys, m.tombs = map[Reg]int64{}, map[Key]*entry{}, map[Key]struct{}{}
	}
	for i := range e.Moves {
		if mv := &e.Moves[i]; mv.Set {
			m.regs[mv.Reg] = mv.Add
		} else {
			m.regs[mv.Reg] += mv.Add // may wrap on the way; the sum is known to fit
		}
	}
	switch {
	case e.Undo == Undone:
		e.undid = orig
		topple(orig, e)
	case e.Undo == Unknown && e.Refused == "":
		m.tombs[e.Undoes] = struct{}{}
	}
	m.keys[e.Key] = e
	m.journal = append(m.journal, e)
}

// Find returns the posting under k.
func (m *Machine) Find(k Key) (Posting, bool) {
	e := m.keys[k]
	if e == nil {
		return Posting{}, false
	}
	return e.view(), true
}

// Posting returns the posting with that Seq, as the journal has it: UndoneBy is left out.
func (m *Machine) Posting(seq uint64) (Posting, bool) {
	if seq == 0 || seq > m.Last() {
		return Posting{}, false
	}
	return m.journal[seq-1].clone(), true
}

// Read returns the registers' values.
func (m *Machine) Read(regs ...Reg) []int64 {
	values := make([]int64, len(regs))
	for i, r := range regs {
		values[i] = m.regs[r]
	}
	return values
}

// Last returns the Seq of the last posting, 0 for an empty book.
func (m *Machine) Last() uint64 { return uint64(len(m.journal)) }

// seq returns the posting's Seq, 0 for none.
func (e *entry) seq() uint64 {
	if e == nil {
		return 0
	}
	return e.Seq
}

// view returns the posting as Find shows it.
func (e *entry) view() Posting {
	p := e.clone()
	if e.undoneBy != nil {
		p.UndoneBy = e.undoneBy.Key
	}
	return p
}
