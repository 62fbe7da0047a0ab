package ledger

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"
)

// A line is a posting as one JSON array, for a store that writes one for every transaction: half as
// long as the object of AppendJSON, and as open to sqlite3's json_extract or to jq.
//
//	[seq, "key", "print in base64", "2026-06-01T01:00:00Z", day, "undoes", "undo", "refused",
//	 [["day-amount","card",20260601], ...]           registers: kind, owner, day
//	 [["rule", 0, value, add, min, max, 1], ...]     verdicts: 0 is the first register; null or a bound; 1 passed
//	 [[0, add], [1, null, set], ...]                 moves
//	 "memo", "base64 when it is not text"]
//
// What is absent is "", 0 or []. Lines of a batch are the elements of an array, each on a line of the
// text: no line holds a line feed.

// AppendLine appends the posting as a line.
func (p *Posting) AppendLine(dst []byte) []byte {
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
		dst = append(append(append(dst, comma(i)...), `["`...), r.Kind.String()...)
		dst = appendString(append(dst, `",`...), r.Owner)
		dst = append(strconv.AppendInt(append(dst, ','), int64(r.Day), 10), ']')
	}
	dst = append(dst, "],["...)
	for i := range p.Why {
		dst = p.Why[i].appendLine(append(dst, comma(i)...), regs)
	}
	dst = append(dst, "],["...)
	for i := range p.Moves {
		dst = p.Moves[i].appendLine(append(dst, comma(i)...), regs)
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
		if r := &p.Why[i].Reg; place(regs, r) == len(regs) {
			regs = append(regs, r)
		}
	}
	for i := range p.Moves {
		if r := &p.Moves[i].Reg; place(regs, r) == len(regs) {
			regs = append(regs, r)
		}
	}
	return regs
}

// place returns r's place among regs, or their number.
func place(regs []*Reg, r *Reg) int {
	for i, other := range regs {
		if *other == *r {
			return i
		}
	}
	return len(regs)
}

func (v *Verdict) appendLine(dst []byte, regs []*Reg) []byte {
	dst = appendString(append(dst, '['), v.Rule)
	dst = strconv.AppendInt(append(dst, ','), int64(place(regs, &v.Reg)), 10)
	dst = strconv.AppendInt(append(dst, ','), v.Value, 10)
	dst = strconv.AppendInt(append(dst, ','), v.Add, 10)
	dst = appendBound(append(dst, ','), v.Min)
	dst = appendBound(append(dst, ','), v.Max)
	if v.OK {
		return append(dst, ",1]"...)
	}
	return append(dst, ",0]"...)
}

func (mv *Move) appendLine(dst []byte, regs []*Reg) []byte {
	dst = strconv.AppendInt(append(dst, '['), int64(place(regs, &mv.Reg)), 10)
	if mv.Set {
		dst = append(dst, ",null"...)
	}
	return append(strconv.AppendInt(append(dst, ','), mv.Add, 10), ']')
}

func appendBound(dst []byte, b Bound) []byte {
	if !b.Set {
		return append(dst, "null"...)
	}
	return strconv.AppendInt(dst, b.N, 10)
}

// comma returns what goes before the i-th element of a list.
func comma(i int) string { return open(i, "") }
