package ledger

import "bytes"

func (r *lineReader) verdict(day Day, used *int) (v Verdict) {
	r.want("[")
	v.Rule = r.name()
	r.want(",")
	v.Reg = r.reg(day, used)
	r.want(`",`)
	v.Value = r.int()
	r.want(",")
	v.Add = r.int()
	if v.OK = true; r.has("]") {
		return v
	}
	if v.Min = r.bound(); v.Min.Set && r.has("]") {
		return v
	}
	if v.Max = r.bound(); v.Max.Set && r.has("]") {
		return v
	}
	v.OK = false
	r.want(",0]")
	return v
}

// moves reads a comma and all moves.
func (r *lineReader) moves(p *Posting, used *int) {
	more := r.list()
	if more {
		p.Moves = make([]Move, 0, r.registers())
	}
	for ; more; more = r.more() {
		mv := Move{Reg: r.reg(p.Day, used)}
		mv.Set = r.has("=")
		r.want(`",`)
		mv.Add = r.int()
		p.Moves = append(p.Moves, mv)
	}
}

// reg reads a register but for its closing quotation mark, and notes in used the last owner that had one.
func (r *lineReader) reg(day Day, used *int) (reg Reg) {
	r.want(`"`)
	reg.Kind = r.kind()
	n := r.small()
	all := r.shared.owners
	if n < 0 || n >= int64(len(all)) || int(n) > r.following(*used) || all[n] == "" {
		r.fail("an owner that is not there, or not yet")
		return Reg{}
	}
	*used = max(*used, int(n))
	reg.Owner = all[n]
	if reg.Day = reg.Kind.usualDay(day); r.has("@") {
		usual := reg.Day
		if reg.Day = r.day(); reg.Day == usual {
			r.fail("a day that need not be said")
		}
	}
	return reg
}

// following returns the place of the owner behind that one.
func (r *lineReader) following(used int) int {
	if used++; used < len(r.shared.owners) && r.shared.owners[used] == "" {
		used++
	}
	return used
}

// kind reads the two letters of a kind.
func (r *lineReader) kind() Kind {
	if len(r.b) >= 2 {
		for k := Balance; k.Valid(); k++ {
			if codes[k] == string(r.b[:2]) {
				r.b = r.b[2:]
				return k
			}
		}
	}
	r.fail("want two letters for a kind of register")
	return Balance
}

// registers returns how many strings there are before the next closing bracket: where moves begin, one each.
func (r *lineReader) registers() int {
	list, _, _ := bytes.Cut(r.b, []byte("]"))
	return bytes.Count(list, []byte(`"`)) / 2
}

// bound reads a comma and a bound, or null.
func (r *lineReader) bound() Bound {
	r.want(",")
	if r.has("null") {
		return Bound{}
	}
	return At(r.int())
}
