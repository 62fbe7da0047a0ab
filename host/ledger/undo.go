package ledger

// A posting stands when no standing posting has undone it. Undoing a posting therefore topples it,
// which raises what it had itself undone, which topples what that had undone, and so on down:
//
//	sale <- void <- reversal of the void <- ...
//	 up     down     up
//
// Each undoing posts the inverse of the one posting it names, and that is just what the alternation
// comes to: the registers hold the own moves of what stands.

// standing says what undoing e would come to, and changes nothing.
func (m *Machine) standing(e *entry) Undo {
	switch {
	case e == nil:
		return Unknown
	case e.Refused != "":
		return Nothing
	}
	for falls := true; e != nil; e, falls = e.undid, !falls {
		// One that would fall must stand: else someone has undone it by another way meanwhile.
		if falls && e.undoneBy != nil {
			return Already
		}
	}
	return Undone
}

// topple marks e as undone by the posting named, and follows the alternation down.
func topple(e, by *entry) {
	for falls := true; e != nil; by, e, falls = e, e.undid, !falls {
		if falls {
			e.undoneBy = by
		} else {
			e.undoneBy = nil
		}
	}
}

// inverse returns the moves that take back what was added, in reverse order.
func inverse(moves []Move) []Move {
	var back []Move
	for i := len(moves) - 1; i >= 0; i-- {
		if mv := moves[i]; !mv.Set {
			back = append(back, Move{Reg: mv.Reg, Add: -mv.Add})
		}
	}
	return back
}
