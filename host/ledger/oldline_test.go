package ledger

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendOldLine appends the posting as a line of version 2, as nothing but tests does any more.
func (p *Posting) AppendOldLine(dst []byte) []byte {
	dst = strconv.AppendUint(append(dst, '['), p.Seq, 10)
	dst = appendString(append(dst, ','), string(p.Key))
	dst = base64.RawStdEncoding.AppendEncode(append(dst, `,"`...), p.Print[:])
	dst = p.At.AppendFormat(append(dst, `","`...), time.RFC3339Nano)
	dst = strconv.AppendInt(append(dst, `",`...), int64(p.Day), 10)
	dst = appendString(append(dst, ','), string(p.Undoes))
	dst = appendString(append(dst, ','), string(p.Undo))
	dst = appendString(append(dst, ','), p.Refused)

	var room [24]*Reg
	regs := p.registers(room[:0])
	dst = append(dst, ",["...)
	for i, r := range regs {
		dst = append(append(append(dst, open(i, "")...), `["`...), r.Kind.String()...)
		dst = appendString(append(dst, `",`...), r.Owner)
		dst = append(strconv.AppendInt(append(dst, ','), int64(r.Day), 10), ']')
	}
	dst = append(dst, "],["...)
	for i := range p.Why {
		dst = p.Why[i].appendOldLine(append(dst, open(i, "")...), regs)
	}
	dst = append(dst, "],["...)
	for i := range p.Moves {
		dst = p.Moves[i].appendOldLine(append(dst, open(i, "")...), regs)
	}
	dst = append(dst, "],"...)
	if utf8.Valid(p.Memo) {
		return append(appendString(dst, p.Memo), ']')
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `"","`...), p.Memo)
	return append(dst, `"]`...)
}

// registers appends the registers of verdicts and moves, each once.
func (p *Posting) registers(regs []*Reg) []*Reg {
	for i := range p.Why {
		if r := &p.Why[i].Reg; placeOf(regs, r) == len(regs) {
			regs = append(regs, r)
		}
	}
	for i := range p.Moves {
		if r := &p.Moves[i].Reg; placeOf(regs, r) == len(regs) {
			regs = append(regs, r)
		}
	}
	return regs
}

// placeOf returns r's place among regs, or their number.
func placeOf(regs []*Reg, r *Reg) int {
	for i, other := range regs {
		if *other == *r {
			return i
		}
	}
	return len(regs)
}

func (v *Verdict) appendOldLine(dst []byte, regs []*Reg) []byte {
	dst = appendString(append(dst, '['), v.Rule)
	dst = strconv.AppendInt(append(dst, ','), int64(placeOf(regs, &v.Reg)), 10)
	dst = strconv.AppendInt(append(dst, ','), v.Value, 10)
	dst = strconv.AppendInt(append(dst, ','), v.Add, 10)
	dst = v.Min.AppendNext(dst)
	dst = v.Max.AppendNext(dst)
	if v.OK {
		return append(dst, ",1]"...)
	}
	return append(dst, ",0]"...)
}

func (mv *Move) appendOldLine(dst []byte, regs []*Reg) []byte {
	dst = strconv.AppendInt(append(dst, '['), int64(placeOf(regs, &mv.Reg)), 10)
	if mv.Set {
		dst = append(dst, ",null"...)
	}
	return append(strconv.AppendInt(append(dst, ','), mv.Add, 10), ']')
}
