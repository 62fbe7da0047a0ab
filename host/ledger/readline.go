package ledger

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ReadLine reads what AppendLine wrote, or wrote in earlier versions, and only that: it is several times
// faster than encoding/json, and a start reads thousands.
func ReadLine(text []byte) (Posting, error) { return new(LineReader).Read(text) }

// LineReader reads one line after another. What they have in common, owners and rules, they share.
type LineReader struct {
	names  map[string]string
	owners []string // of the line, by place: the posting's key first, "" where a number is
	regs   []Reg    // of a line of an earlier version
}

// Read reads a line.
func (l *LineReader) Read(text []byte) (Posting, error) {
	r := lineReader{b: text, shared: l}
	var p Posting
	l.owners, l.regs = l.owners[:0], l.regs[:0]
	if !utf8.Valid(text) {
		r.fail("it is not UTF-8")
	}
	if r.want("["); r.has("[") {
		r.posting(&p)
	} else {
		r.oldPosting(&p)
	}
	if r.err == nil && len(r.b) > 0 {
		r.fail("it goes on behind its end")
	}
	if r.err != nil {
		return Posting{}, fmt.Errorf("ledger: a posting's line, at byte %d: %w", len(text)-r.rest, r.err)
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

// posting reads a line behind its first two brackets.
func (r *lineReader) posting(p *Posting) {
	r.names(p)
	r.want(",")
	seq := r.int()
	if p.Seq = uint64(seq); seq < 0 {
		r.fail("the number is below 0")
	}
	r.print(p)
	r.time(p)
	r.want(",")
	p.Day = r.day()
	used := 0 // the last of the owners that a register has
	for more := r.list(); more; more = r.more() {
		if p.Why == nil {
			p.Why = make([]Verdict, 0, 4)
		}
		p.Why = append(p.Why, r.verdict(p.Day, &used))
	}
	r.moves(p, &used)
	if r.following(used) != len(r.shared.owners) {
		r.fail("an owner of nothing")
	}
	r.end(p)
	r.want("]")
}

// names reads the posting's key and the owners of its registers.
func (r *lineReader) names(p *Posting) {
	p.Key = Key(r.text())
	all := append(r.shared.owners, string(p.Key))
	for more := r.more(); more; {
		name, tail := r.name(), 0
		if more = r.more(); more && !r.sees('"') {
			name, tail = r.tail(name, string(p.Key))
			more = r.more()
		}
		switch {
		case name == "" || tail != keyTail(name, string(p.Key)):
			r.fail("an owner that is written in another way")
		case slices.Contains(all, name):
			r.fail("an owner that was there before")
		}
		if all = append(all, name); tail > 0 {
			all = append(all, "")
		}
	}
	r.shared.owners = all
}

// tail reads how much of the key belongs to an owner's end, and returns the whole name.
func (r *lineReader) tail(name, key string) (string, int) {
	n := r.small()
	if n < leastTail || n > int64(len(key)) || n < int64(len(key)) && !utf8.RuneStart(key[n]) {
		r.fail("an owner's end that the key does not have")
		return name, 0
	}
	var room [2 * maxName]byte
	return r.shared.share(append(append(room[:0], name...), key[:n]...)), int(n)
}

// print reads a comma and the print.
func (r *lineReader) print(p *Posting) {
	const size = 22 // 16 bytes in base64
	r.want(`,"`)
	if len(r.b) < size {
		r.fail("the line is cut short")
		return
	}
	var got [18]byte // room to decode into
	if n, err := base64.RawStdEncoding.Strict().Decode(got[:], r.b[:size]); err != nil || copy(p.Print[:], got[:n]) != len(p.Print) {
		r.fail("the print is not 16 bytes in base64")
		return
	}
	r.b = r.b[size:]
	r.want(`"`)
}

// time reads a comma and a time as time.Time writes it.
func (r *lineReader) time(p *Posting) {
	r.want(",")
	before := r.b
	text, _ := r.plain()
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if at = at.UTC(); err != nil || string(at.AppendFormat(make([]byte, 0, 40), time.RFC3339Nano)) != string(text) {
		r.b = before
		r.fail("the time is not of RFC 3339, in UTC")
	}
	p.At = at
}

// day reads a day or 0.
func (r *lineReader) day() Day {
	d := r.small()
	if d < 0 {
		r.fail("a day is below 0")
	}
	return Day(d)
}

// end reads what is there from the memo on: of that, the last is not empty.
func (r *lineReader) end(p *Posting) {
	last := "]"
	if !r.has(",") {
		return
	}
	if r.sees('{') || r.sees('[') {
		last = r.raw(p)
	} else if last = r.text(); last != "" {
		if p.Memo = []byte(last); isCompact(p.Memo) {
			r.fail("the memo before this is JSON in a string")
		}
	}
	for _, s := range [...]*string{(*string)(&p.Undoes), (*string)(&p.Undo), &p.Refused} {
		if !r.has(",") {
			break
		}
		*s = r.text()
		last = *s
	}
	if p.Memo == nil && r.has(",") {
		last = r.memo64(p)
	}
	if last == "" {
		r.fail("nothing at its end")
	}
}

// raw reads a memo of JSON.
func (r *lineReader) raw(p *Posting) string {
	n := compact(r.b, 0, maxDepth)
	if n < 0 {
		r.fail("the memo is no JSON as it is written here")
		return ""
	}
	p.Memo = append([]byte(nil), r.b[:n]...)
	r.b = r.b[n:]
	return "]"
}

// memo64 reads a memo that is not text.
func (r *lineReader) memo64(p *Posting) string {
	text := r.text()
	memo, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || utf8.Valid(memo) || strings.ContainsAny(text, "\r\n") {
		r.fail("the memo is not base64 of what is not text")
	}
	p.Memo = memo
	return text
}
