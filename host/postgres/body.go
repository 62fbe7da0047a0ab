package postgres

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"possim/host/ledger"
)

// The body of a row is JSON, of what has no column:
//
//	{"print":"00ff...","at":"2026-06-01T01:00:00Z","day":20260601,
//	 "asked":[["rule",0,value,add,min,max], ...], "moves":[[0,add],[1,null,set], ...]}
//
// A register is the line of the column regs that names it, from 0 on; ownRest stands for what is left of
// the posting itself, in the column rest; one that was asked about and not moved is named in place. Bounds
// that there are not are null, or left out at the end. Whether a verdict passed follows from its numbers.
// Rows of versions 1 and 2, which have no regs, name everything (ledger's JSON).

// ownRest is the register rest of the posting's own key.
const ownRest = -1

// appendBody appends the body of a posting whose registers were written down.
func (t *turn) appendBody(dst []byte, p *ledger.Posting) []byte {
	dst = hex.AppendEncode(append(dst, `{"print":"`...), p.Print[:])
	dst = p.At.AppendFormat(append(dst, `","at":"`...), time.RFC3339Nano)
	dst = append(dst, '"')
	if p.Day != 0 {
		dst = strconv.AppendInt(append(dst, `,"day":`...), int64(p.Day), 10)
	}
	dst = append(dst, `,"asked":[`...)
	for i := range p.Why {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = t.appendVerdict(dst, p.Seq, &p.Why[i])
	}
	dst = append(dst, `],"moves":[`...)
	for i := range p.Moves {
		if i > 0 {
			dst = append(dst, ',')
		}
		mv := &p.Moves[i]
		dst = strconv.AppendInt(append(dst, '['), int64(t.cells[t.spots[i]].line), 10)
		if mv.Set {
			dst = append(dst, ",null"...)
		}
		dst = append(strconv.AppendInt(append(dst, ','), mv.Add, 10), ']')
	}
	return append(dst, "]}"...)
}

func (t *turn) appendVerdict(dst []byte, seq uint64, v *ledger.Verdict) []byte {
	dst = append(ledger.AppendText(append(dst, '['), v.Rule), ',')
	if c := &t.cells[t.place(v.Reg)]; c.by == seq {
		dst = strconv.AppendInt(dst, int64(c.line), 10)
	} else {
		dst = ledger.AppendText(dst, c.name)
	}
	dst = strconv.AppendInt(append(dst, ','), v.Value, 10)
	dst = strconv.AppendInt(append(dst, ','), v.Add, 10)
	if v.Min.Set || v.Max.Set {
		dst = v.Min.AppendNext(dst)
	}
	if v.Max.Set {
		dst = v.Max.AppendNext(dst)
	}
	return append(dst, ']')
}

// body is a body that was read.
type body struct {
	Print string
	At    time.Time
	Day   ledger.Day
	Asked [][]json.RawMessage
	Moves [][]*int64
}

// readBody reads the body of a posting whose key is known, beside what is in the column regs.
func readBody(p *ledger.Posting, text, regs string) error {
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return err
	}
	if n, err := hex.Decode(p.Print[:], []byte(b.Print)); err != nil || n != len(p.Print) {
		return fmt.Errorf("%w: a print %q", errAnswer, b.Print)
	}
	p.At, p.Day = b.At, b.Day
	lines := strings.Split(regs, "\n")
	named := func(line int64) (ledger.Reg, error) {
		switch {
		case line == ownRest:
			return ledger.Reg{Kind: ledger.Rest, Owner: string(p.Key)}, nil
		case line < 0 || line >= int64(len(lines)):
			return ledger.Reg{}, fmt.Errorf("%w: register %d of %d", errAnswer, line, len(lines))
		}
		return readName(lines[line])
	}
	for _, asked := range b.Asked {
		v, err := readVerdict(asked, named)
		if err != nil {
			return err
		}
		p.Why = append(p.Why, v)
	}
	for _, m := range b.Moves {
		mv, err := readMove(m, named)
		if err != nil {
			return err
		}
		p.Moves = append(p.Moves, mv)
	}
	return nil
}

func readVerdict(asked []json.RawMessage, named func(int64) (ledger.Reg, error)) (v ledger.Verdict, err error) {
	if len(asked) < 4 || len(asked) > 6 {
		return v, fmt.Errorf("%w: a verdict of %d parts", errAnswer, len(asked))
	}
	var g ledger.Guard
	var name string
	var line, value int64
	bounds := [2]*int64{}
	if err = json.Unmarshal(asked[1], &name); err == nil {
		g.Reg, err = readName(name)
	} else if err = json.Unmarshal(asked[1], &line); err == nil {
		g.Reg, err = named(line)
	}
	for i, into := range []any{&g.Rule, nil, &value, &g.Add, &bounds[0], &bounds[1]}[:len(asked)] {
		if into != nil && err == nil {
			err = json.Unmarshal(asked[i], into)
		}
	}
	if bounds[0] != nil {
		g.Min = ledger.At(*bounds[0])
	}
	if bounds[1] != nil {
		g.Max = ledger.At(*bounds[1])
	}
	return g.Verdict(value), err
}

func readMove(m []*int64, named func(int64) (ledger.Reg, error)) (mv ledger.Move, err error) {
	set := len(m) == 3 && m[1] == nil
	if len(m) != 2 && !set || m[0] == nil || m[len(m)-1] == nil {
		return mv, fmt.Errorf("%w: a move of %d parts", errAnswer, len(m))
	}
	mv.Reg, err = named(*m[0])
	mv.Add, mv.Set = *m[len(m)-1], set
	return mv, err
}
