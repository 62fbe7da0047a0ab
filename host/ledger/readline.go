package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ReadLine reads what AppendLine wrote, and only that: it is several times faster than encoding/json,
// and a start reads thousands.
func ReadLine(text []byte) (Posting, error) { return new(LineReader).Read(text) }

// LineReader reads one line after another. What they have in common, owners and rules, they share.
type LineReader struct {
	names map[string]string
	regs  []Reg
}

// Read reads a line.
func (l *LineReader) Read(text []byte) (Posting, error) {
	r := lineReader{b: text, shared: l}
	var p Posting
	l.regs = l.regs[:0]
	r.posting(&p)
	if r.err == nil && len(r.b) > 0 {
		r.fail("it goes on behind its end")
	}
	if r.err != nil {
		return Posting{}, fmt.Errorf("ledger: a posting's line, at byte %d: %w", len(text)-len(r.b), r.err)
	}
	return p, nil
}

// share returns name as a string that others may have too.
func (l *LineReader) share(name []byte) string {
	s, ok := l.names[string(name)]
	if !ok {
		if l.names == nil {
			l.names = map[string]string{}
		}
		s = string(name)
		l.names[s] = s
	}
	return s
}

// lineReader reads forward up to its first error.
type lineReader struct {
	b      []byte
	shared *LineReader
	err    error
}

func (r *lineReader) posting(p *Posting) {
	r.want("[")
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
		r.register()
	}
	for more := r.list(); more; more = r.more() {
		if p.Why == nil {
			p.Why = make([]Verdict, 0, 4)
		}
		p.Why = append(p.Why, r.verdict())
	}
	for more := r.list(); more; more = r.more() {
		if p.Moves == nil {
			p.Moves = make([]Move, 0, len(r.shared.regs))
		}
		p.Moves = append(p.Moves, r.move())
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

// list reads a comma and the beginning of a list, and says whether it has elements.
func (r *lineReader) list() bool {
	r.want(",[")
	return r.err == nil && !r.has("]")
}

// more says whether the list goes on.
func (r *lineReader) more() bool {
	if r.err != nil || r.has("]") {
		return false
	}
	r.want(",")
	return r.err == nil
}

func (r *lineReader) register() {
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

func (r *lineReader) verdict() (v Verdict) {
	r.want("[")
	v.Rule = r.name()
	r.want(",")
	v.Reg = r.reg()
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

func (r *lineReader) move() (mv Move) {
	r.want("[")
	mv.Reg = r.reg()
	mv.Set = r.has(",null")
	r.want(",")
	mv.Add = r.int()
	r.want("]")
	return mv
}

// reg reads the place of a register and returns that.
func (r *lineReader) reg() Reg {
	n := r.int()
	if n < 0 || n >= int64(len(r.shared.regs)) {
		r.fail("there is no such register")
		return Reg{}
	}
	return r.shared.regs[n]
}

func (r *lineReader) bound() Bound {
	if r.has(",null") {
		return Bound{}
	}
	r.want(",")
	return At(r.int())
}

func (r *lineReader) int() int64   { return r.integer(64) }
func (r *lineReader) small() int64 { return r.integer(32) }

func (r *lineReader) integer(bits int) int64 {
	i := 0
	for i < len(r.b) && (r.b[i] >= '0' && r.b[i] <= '9' || r.b[i] == '-') {
		i++
	}
	n, err := strconv.ParseInt(string(r.b[:i]), 10, bits)
	if err != nil {
		r.fail("want a whole number that fits")
		return 0
	}
	r.b = r.b[i:]
	return n
}

// next reads a comma and a string.
func (r *lineReader) next() string {
	r.want(",")
	return r.text()
}

// text reads a string as appendString writes it.
func (r *lineReader) text() string {
	if plain, ok := r.plain(); ok {
		return string(plain)
	}
	return r.escaped()
}

// name reads a string that comes again and again.
func (r *lineReader) name() string {
	if plain, ok := r.plain(); ok {
		return r.shared.share(plain)
	}
	return r.escaped()
}

// plain reads a string that has no escapes, or its opening quotation mark alone.
func (r *lineReader) plain() ([]byte, bool) {
	r.want(`"`)
	i := bytes.IndexByte(r.b, '"')
	if i < 0 || bytes.IndexByte(r.b[:i], '\\') >= 0 {
		return nil, false
	}
	plain := r.b[:i]
	r.b = r.b[i+1:]
	return plain, true
}

func (r *lineReader) escaped() string {
	s := make([]byte, 0, 64)
	for i := 0; i < len(r.b); i++ {
		c := r.b[i]
		switch {
		case c == '"':
			r.b = r.b[i+1:]
			return string(s)
		case c != '\\':
			s = append(s, c)
		case i+1 < len(r.b) && (r.b[i+1] == '"' || r.b[i+1] == '\\'):
			i++
			s = append(s, r.b[i])
		case i+5 < len(r.b) && r.b[i+1] == 'u':
			n, err := strconv.ParseUint(string(r.b[i+2:i+6]), 16, 16)
			if err != nil || n >= ' ' {
				r.fail("an escape that is not written here")
				return ""
			}
			i += 5
			s = append(s, byte(n))
		default:
			r.fail("an escape that is not written here")
			return ""
		}
	}
	r.fail("a string does not end")
	return ""
}

// has reads s when it comes next, and says whether it did.
func (r *lineReader) has(s string) bool {
	if r.err != nil || !bytes.HasPrefix(r.b, []byte(s)) {
		return false
	}
	r.b = r.b[len(s):]
	return true
}

// want reads s, which must come next.
func (r *lineReader) want(s string) {
	if r.err == nil && !r.has(s) {
		r.fail("want " + s)
	}
}

func (r *lineReader) fail(what string) { r.failed(errors.New(what)) }

func (r *lineReader) failed(err error) {
	if r.err == nil {
		r.err = err
	}
}
