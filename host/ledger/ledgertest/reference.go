package ledgertest

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"possim/host/ledger"
)

// reference is a Book that keeps nothing but a list of what happened. Each question is answered by
// going through all of it, in integers of any size. It says what a Book means, as directly as it can
// be said, where the machine says how it is done quickly:
//
//   - a line stands when no standing line has undone it;
//   - to undo is to make the named line stand no more, and is possible when then nothing is undone twice;
//   - what undoing posts is the difference in the sums of the own moves of all that stands.
type reference struct{ lines []line }

type line struct {
	ledger.Result
	tx     ledger.Tx
	undone string // key this line had undone, "" for none
	back   map[ledger.Reg]*big.Int
	own    []ledger.Move
	raised []ledger.Raise
}

// commit does what Book.Commit does.
func (r *reference) commit(tx ledger.Tx) ledger.Result {
	if i := r.find(tx.Key); i >= 0 {
		if r.lines[i].tx.Print != tx.Print {
			return ledger.Result{Refused: ledger.RuleDuplicate}
		}
		res := r.lines[i].Result
		res.Repeat = true
		return res
	}
	if tx.Undoes != "" && uint64(r.find(tx.Undoes)+1) != tx.UndoesSeq {
		return ledger.Result{Refused: ledger.RuleStale}
	}
	l := r.consider(tx)
	l.raised = tx.Raise
	l.Seq, l.Memo = uint64(len(r.lines)+1), tx.Memo
	r.lines = append(r.lines, l)
	return l.Result
}

// consider returns the line that tx would become.
func (r *reference) consider(tx ledger.Tx) line {
	l := line{tx: tx}
	if slices.ContainsFunc(r.lines, func(o line) bool { return o.Undo == ledger.Unknown && o.Refused == "" && o.tx.Undoes == tx.Key }) {
		l.Refused = ledger.RuleTombstone
		return l
	}
	var undo ledger.Undo
	if tx.Undoes != "" && tx.Refuse == "" {
		undo = r.undoing(tx)
		if undo != ledger.Undone && len(tx.Moves) > 0 {
			l.Undo, l.Refused = undo, ledger.RuleStanding
			return l
		}
		if undo == ledger.Undone {
			l.undone, l.back = string(tx.Undoes), r.difference(tx)
		}
	}
	l.own = tx.Moves
	l.Why, l.Refused = r.ask(tx.Guards, l.back)
	if l.Refused == "" && r.tooBig(l) {
		l.Refused = ledger.RuleOverflow
	}
	if l.Refused != "" {
		l.undone, l.back, l.own = "", nil, nil
		return l
	}
	l.Refused, l.Undo = tx.Refuse, undo
	return l
}

// undoing says what undoing would come to.
func (r *reference) undoing(tx ledger.Tx) ledger.Undo {
	i := r.find(tx.Undoes)
	switch {
	case i < 0:
		return ledger.Unknown
	case r.lines[i].Refused != "":
		return ledger.Nothing
	case !r.stands(i):
		return ledger.Already
	}
	then := reference{append(slices.Clone(r.lines), line{tx: tx, undone: string(tx.Undoes)})}
	times := map[string]int{}
	for j, l := range then.lines {
		if l.undone != "" && then.stands(j) {
			if times[l.undone]++; times[l.undone] > 1 {
				return ledger.Already
			}
		}
	}
	return ledger.Undone
}

// difference returns how the sums of what stands change when tx undoes its original.
func (r *reference) difference(tx ledger.Tx) map[ledger.Reg]*big.Int {
	then := reference{append(slices.Clone(r.lines), line{tx: tx, undone: string(tx.Undoes)})}
	diff := then.standing()
	for reg, n := range r.standing() {
		if diff[reg] == nil {
			diff[reg] = new(big.Int)
		}
		diff[reg].Sub(diff[reg], n)
	}
	maps.DeleteFunc(diff, func(_ ledger.Reg, n *big.Int) bool { return n.Sign() == 0 })
	return diff
}

// standing sums the own adding moves of all lines that stand.
func (r *reference) standing() map[ledger.Reg]*big.Int {
	sums := map[ledger.Reg]*big.Int{}
	for i, l := range r.lines {
		if l.Refused != "" || !r.stands(i) {
			continue
		}
		for _, mv := range l.own {
			if !mv.Set {
				if sums[mv.Reg] == nil {
					sums[mv.Reg] = new(big.Int)
				}
				sums[mv.Reg].Add(sums[mv.Reg], big.NewInt(mv.Add))
			}
		}
	}
	return sums
}

// stands reports whether no standing line has undone line i.
func (r *reference) stands(i int) bool { return r.undoer(i) < 0 }

// undoer returns the standing line that has undone line i, or -1.
func (r *reference) undoer(i int) int {
	for j := i + 1; j < len(r.lines); j++ {
		if r.lines[j].undone == string(r.lines[i].tx.Key) && r.stands(j) {
			return j
		}
	}
	return -1
}

// ask asks the guards.
func (r *reference) ask(guards []ledger.Guard, back map[ledger.Reg]*big.Int) (why []ledger.Verdict, refused string) {
	for _, g := range guards {
		value := r.value(g.Reg)
		if n := back[g.Reg]; n != nil {
			value.Add(value, n)
		}
		v := ledger.Verdict{Guard: g, Value: clamp(value)}
		sum := new(big.Int).Add(big.NewInt(v.Value), big.NewInt(g.Add))
		v.OK = (!g.Min.Set || sum.Cmp(big.NewInt(g.Min.N)) >= 0) && (!g.Max.Set || sum.Cmp(big.NewInt(g.Max.N)) <= 0)
		if why = append(why, v); !v.OK {
			return why, g.Rule
		}
	}
	return why, ""
}

// tooBig reports whether a register would leave int64.
func (r *reference) tooBig(l line) bool {
	then := reference{append(slices.Clone(r.lines), l)}
	touched := slices.Collect(maps.Keys(l.back))
	for _, mv := range l.own {
		touched = append(touched, mv.Reg)
	}
	return slices.ContainsFunc(touched, func(reg ledger.Reg) bool { return !then.value(reg).IsInt64() })
}

// value adds up all that was ever posted to a register.
func (r *reference) value(reg ledger.Reg) *big.Int {
	sum := new(big.Int)
	for _, l := range r.lines {
		if n := l.back[reg]; n != nil {
			sum.Add(sum, n)
		}
		for _, mv := range l.own {
			switch {
			case mv.Reg != reg:
			case mv.Set:
				sum.SetInt64(mv.Add)
			default:
				sum.Add(sum, big.NewInt(mv.Add))
			}
		}
		for _, up := range l.raised {
			if to := big.NewInt(up.To); up.Reg == reg && sum.Cmp(to) < 0 {
				sum.Set(to)
			}
		}
	}
	return sum
}

func (r *reference) find(k ledger.Key) int {
	return slices.IndexFunc(r.lines, func(l line) bool { return l.tx.Key == k })
}

func clamp(n *big.Int) int64 {
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}
