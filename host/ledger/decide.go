package ledger

// sheet is what the Tx under decision looks at: each register once, hashed once.
type sheet []cell

type cell struct {
	reg   Reg
	hash  regHash
	n     int64
	moved bool
}

// cell returns the sheet's line for r; the next call may move it.
func (m *Machine) cell(r Reg) *cell {
	for i := range m.sheet {
		if m.sheet[i].reg == r {
			return &m.sheet[i]
		}
	}
	h := hashReg(&r)
	m.sheet = append(m.sheet, cell{reg: r, hash: h, n: m.regs[h]})
	return &m.sheet[len(m.sheet)-1]
}

// decide makes the next posting: what tx comes to.
func (m *Machine) decide(tx *Tx, orig *Posting, dead bool) {
	m.next = next{Posting: Posting{
		Seq: m.last + 1, Key: tx.Key, Undoes: tx.Undoes, Print: tx.Print,
		At: tx.At.UTC().Round(0), Day: tx.Day, Memo: append([]byte(nil), tx.Memo...), Moves: m.moves[:0],
	}}
	if dead {
		m.next.Refused = RuleTombstone
	} else {
		m.weigh(tx, orig)
	}
	for _, r := range tx.Raise {
		if n, _ := m.after(r.Reg, m.next.Moves); n < r.To {
			m.next.Moves = append(m.next.Moves, Move{Reg: r.Reg, Add: r.To, Set: true})
		}
	}
	m.moves = m.next.Moves
}

// weigh is decide without tombstones and what is raised.
func (m *Machine) weigh(tx *Tx, orig *Posting) {
	p := &m.next
	undo, undone := Undo(""), uint64(0)
	if tx.Undoes != "" && tx.Refuse == "" {
		if undo = m.standing(orig); undo == Undone {
			p.Moves, undone = appendInverse(p.Moves, orig.Moves), orig.Seq
		} else if len(tx.Moves) > 0 {
			p.Refused, p.Undo = RuleStanding, undo
			return
		}
	}
	if p.Why, p.Refused = m.judge(tx.Guards, p.Moves); p.Refused == "" {
		if p.Moves = append(p.Moves, tx.Moves...); m.overflows(p.Moves) {
			p.Refused = RuleOverflow
		}
	}
	if p.Refused != "" {
		p.Moves = p.Moves[:0]
		return
	}
	p.Refused, p.Undo, p.orig = tx.Refuse, undo, undone
}

// judge asks the guards in order, on the registers as they would be after the moves of back.
func (m *Machine) judge(guards []Guard, back []Move) (why []Verdict, refused string) {
	if len(guards) > 0 {
		why = make([]Verdict, 0, len(guards))
	}
	for i := range guards {
		value, _ := m.after(guards[i].Reg, back)
		v := guards[i].Verdict(value)
		why = append(why, v)
		if !v.OK {
			return why, v.Rule
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
		if n := m.cell(mv.Reg).n; n >= edge || n <= -edge || mv.Add >= edge || mv.Add <= -edge {
			return false
		}
	}
	return len(moves) <= 4096
}

// after returns what r would hold after the moves, or the end of int64 that lies beyond, and true.
func (m *Machine) after(r Reg, moves []Move) (n int64, over bool) {
	n = m.cell(r).n
	if len(moves) == 0 {
		return n, false
	}
	sum := wide{}.plus(n)
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
