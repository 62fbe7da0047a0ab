package ledger

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf8"
)

// A posting in JSON, absent where empty:
//
//	{"seq":2,"key":"...","print":"32 hex digits","at":"2026-06-01T01:00:00Z","day":20260601,
//	 "undoes":"...","undo":"undone","refused":"rule",
//	 "why":[{"rule":"day-amount","kind":"day-amount","owner":"card","day":20260601,
//	         "value":0,"add":100,"min":0,"max":500,"ok":true}],
//	 "moves":[{"kind":"balance","owner":"card","add":-100},{"kind":"atc","owner":"card","set":17}],
//	 "memo":"text","memo64":"base64 when it is not text"}
//
// It is written by hand because the store writes one for every transaction, and read by
// encoding/json, which thereby checks what is written.

// AppendJSON appends the posting as one JSON object.
func (p *Posting) AppendJSON(dst []byte) []byte {
	dst = strconv.AppendUint(append(dst, `{"seq":`...), p.Seq, 10)
	dst = appendField(dst, `,"key":`, string(p.Key))
	dst = hex.AppendEncode(append(dst, `,"print":"`...), p.Print[:])
	dst = p.At.AppendFormat(append(dst, `","at":"`...), time.RFC3339Nano)
	dst = append(dst, '"')
	dst = appendDay(dst, p.Day)
	dst = appendField(dst, `,"undoes":`, string(p.Undoes))
	dst = appendField(dst, `,"undo":`, string(p.Undo))
	dst = appendField(dst, `,"refused":`, p.Refused)
	for i := range p.Why {
		dst = p.Why[i].appendJSON(append(dst, open(i, `,"why":[`)...))
	}
	dst = shut(dst, len(p.Why))
	if len(p.Moves) > 0 {
		dst = AppendMoves(append(dst, `,"moves":`...), p.Moves)
	}
	if utf8.Valid(p.Memo) {
		dst = appendField(dst, `,"memo":`, string(p.Memo))
	} else {
		dst = base64.StdEncoding.AppendEncode(append(dst, `,"memo64":"`...), p.Memo)
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// AppendMoves appends moves as one JSON array, as a posting has them.
func AppendMoves(dst []byte, moves []Move) []byte {
	dst = append(dst, '[')
	for i := range moves {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = moves[i].appendJSON(dst)
	}
	return append(dst, ']')
}

func (v *Verdict) appendJSON(dst []byte) []byte {
	dst = appendString(append(dst, `{"rule":`...), v.Rule)
	dst = v.Reg.appendJSON(append(dst, ','))
	dst = strconv.AppendInt(append(dst, `,"value":`...), v.Value, 10)
	dst = strconv.AppendInt(append(dst, `,"add":`...), v.Add, 10)
	if v.Min.Set {
		dst = strconv.AppendInt(append(dst, `,"min":`...), v.Min.N, 10)
	}
	if v.Max.Set {
		dst = strconv.AppendInt(append(dst, `,"max":`...), v.Max.N, 10)
	}
	return append(strconv.AppendBool(append(dst, `,"ok":`...), v.OK), '}')
}

func (mv *Move) appendJSON(dst []byte) []byte {
	dst = mv.Reg.appendJSON(append(dst, '{'))
	if mv.Set {
		dst = append(dst, `,"set":`...)
	} else {
		dst = append(dst, `,"add":`...)
	}
	return append(strconv.AppendInt(dst, mv.Add, 10), '}')
}

func (r *Reg) appendJSON(dst []byte) []byte {
	dst = append(append(append(dst, `"kind":"`...), r.Kind.String()...), `","owner":`...)
	return appendDay(appendString(dst, r.Owner), r.Day)
}

func appendDay(dst []byte, d Day) []byte {
	if d == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, `,"day":`...), int64(d), 10)
}

// open returns what goes before the i-th element of a list.
func open(i int, head string) string {
	if i == 0 {
		return head
	}
	return ","
}

// shut closes a list of n elements; an empty one was never opened.
func shut(dst []byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return append(dst, ']')
}

func appendField(dst []byte, head, s string) []byte {
	if s == "" {
		return dst
	}
	return appendString(append(dst, head...), s)
}

// AppendText appends valid UTF-8 as a JSON string.
func AppendText(dst []byte, s string) []byte { return appendString(dst, s) }

// appendString appends valid UTF-8 as a JSON string (RFC 8259, 7).
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	if bare(s) {
		return append(append(dst, s...), '"')
	}
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		if from = i + 1; c < ' ' {
			dst = hex.AppendEncode(append(dst, `\u00`...), []byte{c})
		} else {
			dst = append(dst, '\\', c)
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// bare reports whether a JSON string holds s as it is: no quotation mark, backslash or control character.
func bare[T string | []byte](s T) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c < ' ' || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	odd := odd8(eight(s, len(s)-8)) // what the eights from the beginning leave over
	for i := 0; i+8 <= len(s); i += 8 {
		odd |= odd8(eight(s, i))
	}
	return odd == 0
}

// eight returns the eight bytes from i on, the first the lowest.
func eight[T string | []byte](s T, i int) uint64 {
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// odd8 looks at eight bytes at once for one that bare does not allow: the lowest bit set is the highest of
// the first such byte. Subtracting makes a byte that is less borrow, and so sets its highest bit, which no
// byte of ASCII has.
func odd8(x uint64) uint64 {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^each*'"', x^each*'\\'
	return ((x-each*' ')&^x | (quote-each)&^quote | (backslash-each)&^backslash) & highest
}

// MarshalJSON implements json.Marshaler.
func (p Posting) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
