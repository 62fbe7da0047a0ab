package ledger

import "fmt"

// Bound is one end of a guard's range; the zero Bound is open.
type Bound struct {
	N   int64
	Set bool
}

// At returns the inclusive bound n.
func At(n int64) Bound { return Bound{N: n, Set: true} }

// Guard refuses a Tx under the name Rule unless Min <= Reg+Add <= Max.
type Guard struct {
	Rule     string
	Reg      Reg
	Add      int64
	Min, Max Bound
}

// Verdict is a guard that was asked: what it saw, and whether it let the Tx pass.
type Verdict struct {
	Guard
	Value int64 // of the register, before Add
	OK    bool
}

// Verdict is what the guard says of a register's value.
func (g Guard) Verdict(value int64) Verdict {
	return Verdict{Guard: g, Value: value, OK: g.holds(value)}
}

// holds reports whether the guard lets value pass. A sum beyond int64 is beyond every bound.
func (g *Guard) holds(value int64) bool {
	sum, over := wide{}.plus(value).plus(g.Add).narrow()
	if over {
		return sum > 0 && !g.Max.Set || sum < 0 && !g.Min.Set
	}
	return (!g.Min.Set || sum >= g.Min.N) && (!g.Max.Set || sum <= g.Max.N)
}

// String says the verdict in one line, in the register's own units.
func (v Verdict) String() string {
	sum, _ := wide{}.plus(v.Value).plus(v.Add).narrow()
	s := fmt.Sprintf("%s: %s is %d", v.Rule, v.Reg, v.Value)
	if v.Add != 0 {
		s += fmt.Sprintf(", %+d makes %d", v.Add, sum)
	}
	if v.Min.Set {
		s += fmt.Sprintf(", at least %d", v.Min.N)
	}
	if v.Max.Set {
		s += fmt.Sprintf(", at most %d", v.Max.N)
	}
	if v.OK {
		return s + ": passes"
	}
	return s + ": refused"
}
