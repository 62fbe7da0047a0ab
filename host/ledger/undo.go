package ledger

// A posting stands when no standing posting has undone it. Undoing a posting therefore topples it,
// which raises what it had itself undone, which topples what that had undone, and so on down:
//
//	sale <- void <- reversal of the void <- ...
//	 up     down     up
//
// Each undoing posts the inverse of the one posting it names, and that is just what the alternation
// comes to: the registers hold the own moves of what stands.

// link is a posting's place among those that undo one another, by Seq, 0 for none.
type link struct {
	undid    uint64 // whose inverse this posted
	undoneBy uint64 // who posted the inverse of this and stands
}

// standing says what undoing p would come to, and changes nothing.
func (m *Machine) standing(p *Posting) Undo {
	switch {
	case p == nil:
		return Unknown
	case p.Refused != "":
		return Nothing
	}
	for seq, falls := p.Seq, true; seq != 0; seq, falls = m.links[seq].undid, !falls {
		// One that would fall must stand: else someone has undone it by another way meanwhile.
		if falls && m.links[seq].undoneBy != 0 {
			return Already
		}
	}
	return Undone
}

// topple marks seq as undone by another, and follows the alternation down.
func (m *Machine) topple(seq, by uint64) {
	m.tie(by, link{undid: seq})
	for falls := true; seq != 0; falls = !falls {
		l := m.links[seq]
		if l.undoneBy = 0; falls {
			l.undoneBy = by
		}
		m.tie(seq, l)
		by, seq = seq, l.undid
	}
}

func (m *Machine) tie(seq uint64, l link) {
	m.links[seq] = l
	m.behind.tie(seq, l)
}

// appendInverse appends the moves that take back what was added, in reverse order.
func appendInverse(back, moves []Move) []Move {
	for i := len(moves) - 1; i >= 0; i-- {
		if mv := moves[i]; !mv.Set {
			back = append(back, Move{Reg: mv.Reg, Add: -mv.Add})
		}
	}
	return back
}
