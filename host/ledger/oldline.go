package ledger

import (
	"encoding/base64"
	"time"
)

// A line of version 2 of host/sqlite's file, which nobody writes any more:
//
//	[seq, "key", "print in base64", "2026-06-01T01:00:00Z", day, "undoes", "undo", "refused",
//	 [["day-amount","card",20260601], ...]           registers: kind, owner, day
//	 [["rule", 0, value, add, min, max, 1], ...]     verdicts: 0 is the first register; null or a bound; 1 passed
//	 [[0, add], [1, null, set], ...]                 moves
//	 "memo", "base64 when it is not text"]
//
// What is absent is "", 0 or [].

// oldPosting reads such a line behind its first bracket.
func (r *lineReader) oldPosting(p *Posting) {
	p.Seq = uint64(r.int())
	p.Key = Key(r.next())
	if n, err := base64.RawStdEncoding.Strict().DecodeString(r.next()); err != nil || copy(p.Print[:], n) != len(p.Print) || len(n) != len(p.Print) {
		r.fail("the print is not 16 bytes in base64")
	}
	var err error
	if p.At, err = time.Parse(time.RFC3339Nano, r.next()); err != nil {
		r.fail("the time is not of RFC 3339")
	}
	p.At = p.At.UTC()
	r.want(",")
	p.Day = Day(r.small())
	p.Undoes, p.Undo, p.Refused = Key(r.next()), Undo(r.next()), r.next()
	for more := r.list(); more; more = r.more() {
		r.oldRegister()
	}
	for more := r.list(); more; more = r.more() {
		if p.Why == nil {
			p.Why = make([]Verdict, 0, 4)
		}
		p.Why = append(p.Why, r.oldVerdict())
	}
	for more := r.list(); more; more = r.more() {
		if p.Moves == nil {
			p.Moves = make([]Move, 0, len(r.shared.regs))
		}
		p.Moves = append(p.Moves, r.oldMove())
	}
	if memo := r.next(); memo != "" {
		p.Memo = []byte(memo)
	} else if r.has(",") {
		if p.Memo, err = base64.StdEncoding.Strict().DecodeString(r.text()); err != nil {
			r.fail("the memo is not base64")
		}
	}
	r.want("]")
}

func (r *lineReader) oldRegister() {
	r.want("[")
	kind, err := ParseKind(r.name())
	if err != nil {
		r.failed(err)
	}
	r.want(",")
	reg := Reg{Kind: kind, Owner: r.name()}
	r.want(",")
	reg.Day = Day(r.small())
	r.want("]")
	r.shared.regs = append(r.shared.regs, reg)
}

func (r *lineReader) oldVerdict() (v Verdict) {
	r.want("[")
	v.Rule = r.name()
	r.want(",")
	v.Reg = r.oldReg()
	r.want(",")
	v.Value = r.int()
	r.want(",")
	v.Add = r.int()
	v.Min, v.Max = r.bound(), r.bound()
	switch {
	case r.has(",1]"):
		v.OK = true
	default:
		r.want(",0]")
	}
	return v
}

func (r *lineReader) oldMove() (mv Move) {
	r.want("[")
	mv.Reg = r.oldReg()
	mv.Set = r.has(",null")
	r.want(",")
	mv.Add = r.int()
	r.want("]")
	return mv
}

// reg reads the place of a register and returns that.
func (r *lineReader) oldReg() Reg {
	n := r.int()
	if n < 0 || n >= int64(len(r.shared.regs)) {
		r.fail("there is no such register")
		return Reg{}
	}
	return r.shared.regs[n]
}
