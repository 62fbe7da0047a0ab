package wire

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/padding"
	"github.com/moov-io/iso8583/prefix"
)

// A Problem is a field of somebody's specification that does not become one of the
// dialect as it stands there.
type Problem struct {
	Field  int    // field number, or -1 where the file names none
	Class  string // what the specification says it is: "org.jpos.iso.IFA_TTLCHAR"
	Reason string
	Left   bool // the field is left out; otherwise it is there, and Reason says what to know
}

// String tells field, class and reason.
func (p Problem) String() string {
	what := "note"
	if p.Left {
		what = "left out"
	}
	if p.Class == "" {
		return fmt.Sprintf("field %d (%s): %s", p.Field, what, p.Reason)
	}
	return fmt.Sprintf("field %d, %s (%s): %s", p.Field, p.Class, what, p.Reason)
}

// Load makes a dialect of a specification file, choosing by content: a JSON of
// moov-io/iso8583 or an XML of jPOS's GenericPackager. name is that of the file,
// and the dialect's name where the file says none.
//
// A field that cannot be mapped is a Problem and is left out; the dialect is there
// as long as the message type, the bitmap and the fields that no answer does
// without (3, 4, 11, 39, 41) map. Its messages have no TPDU: see WithTPDU.
func Load(name string, file []byte) (*Dialect, []Problem, error) {
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	switch text := bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF")), " \t\r\n"); {
	case bytes.HasPrefix(text, []byte("{")):
		return fromMoovJSON(name, bytes.NewReader(text))
	case bytes.HasPrefix(text, []byte("<")):
		return fromJPOS(name, bytes.NewReader(text))
	}
	return nil, nil, errors.New("neither a JSON object (moov-io/iso8583) nor an XML document (jPOS GenericPackager)")
}

// WithTPDU returns the same dialect with a TPDU of five bytes, and a header of so
// many, before the message type.
func (d *Dialect) WithTPDU(header int) *Dialect { return d.before(tpduSize, max(0, header)) }

// A foreigner collects somebody's fields.
type foreigner struct {
	dialect  *Dialect
	specs    map[int]*field.Spec
	problems []Problem
}

func newForeigner(name string) *foreigner {
	return &foreigner{dialect: &Dialect{name: name, rows: map[int]row{}}, specs: map[int]*field.Spec{}}
}

// part is a field as the specification has it, in our words.
type part struct {
	number  int
	class   string
	name    string
	content coder
	length  prefix.Prefixer
	most    int // digits, characters or bytes
	kind    byte
	pad     padding.Padder
}

func (f *foreigner) leave(number int, class, format string, args ...any) {
	f.problems = append(f.problems, Problem{Field: number, Class: class, Reason: fmt.Sprintf(format, args...), Left: true})
}

func (f *foreigner) note(number int, class, format string, args ...any) {
	f.problems = append(f.problems, Problem{Field: number, Class: class, Reason: fmt.Sprintf(format, args...)})
}

// add takes a field in.
func (f *foreigner) add(p part) {
	switch {
	case p.number < 0 || p.number > lastField:
		f.leave(p.number, p.class, "there is no such field number")
		return
	case p.number == 65:
		return // a third bitmap: specifications list it, and no message has one
	case p.most <= 0 || p.most > MostBytes:
		f.leave(p.number, p.class, "a length of %d", p.most)
		return
	case f.specs[p.number] != nil:
		f.leave(p.number, p.class, "the field is there already; the first is taken")
		return
	}
	if _, ok := p.length.(fixed); !ok {
		p.pad = nil // a field that says its length is not filled
	}
	f.bytesOf(&p)
	f.specs[p.number] = &field.Spec{Length: p.most, Description: p.name, Enc: p.content, Pref: p.length, Pad: p.pad}
	r := row{number: p.number, kind: p.kind, most: p.most, name: p.name}
	if c, ok := p.length.(counted); ok {
		r.vary = c.digits
	}
	for _, known := range iso87 {
		if known.number == p.number {
			r.chinese = known.chinese
		}
	}
	f.dialect.rows[p.number] = r
}

// Fields that are bytes whatever carries them.
var bytesByNature = []int{52, 55, 64, 96, 128}

// bytesOf makes bytes of characters where the field is bytes by nature: hexadecimal
// digits, which the length counts, as dialects in characters send them.
func (f *foreigner) bytesOf(p *part) {
	if !slices.Contains(bytesByNature, p.number) || p.kind == 'b' {
		return
	}
	c, varies := p.length.(counted)
	if p.kind != 's' || varies && c.as == packedDigits || !varies && p.most == 8 {
		p.kind, p.pad = 'b', nil
		return // raw bytes that were called characters
	}
	inHex := coder(hexText{})
	if _, ok := p.content.(ebcdic); ok {
		inHex = ebcdic{hexText{}}
	}
	p.content, p.kind, p.pad, p.most = inHex, 'b', nil, p.most/2
	if varies {
		c.unit = 2
		p.length = c
	}
	f.note(p.number, p.class, "taken as hexadecimal digits")
	if (p.number == 64 || p.number == 128) && p.most != 8 {
		f.note(p.number, p.class, "%d hexadecimal digits, and a MAC has 16", 2*p.most)
	}
}

// Fields without which nothing can be answered.
var mandatory = []int{0, 3, 4, 11, 39, 41}

// finish is the dialect, if what it cannot do without is there.
func (f *foreigner) finish() (*Dialect, []Problem, error) {
	d := f.dialect
	f.nameless()
	slices.SortStableFunc(f.problems, func(a, b Problem) int { return a.Field - b.Field })
	if len(f.specs) == 0 {
		return nil, f.problems, errors.New("the specification has no fields")
	}
	if d.bits == nil {
		return nil, f.problems, errors.New("field 1, the bitmap, is missing or cannot be mapped")
	}
	for _, number := range mandatory {
		if f.specs[number] == nil {
			return nil, f.problems, fmt.Errorf("field %d is missing or cannot be mapped, and no message does without it", number)
		}
	}
	if f.specs[0].Length != 4 {
		return nil, f.problems, fmt.Errorf("field 0, the message type, is %d long and must be 4 digits", f.specs[0].Length)
	}
	for number, spec := range f.specs {
		d.plan[number] = compile(number, spec)
	}
	delete(d.rows, 0)
	d.kinds = kindsCarried(d)
	return d, f.problems, nil
}

// nameless says which messages go without a code that tells what they are: network
// management has it in field 70, or a sign-on and sign-off in 60.3 (UnionPay).
func (f *foreigner) nameless() {
	if f.specs[70] != nil {
		return
	}
	what := "echo goes"
	if f.specs[60] == nil {
		what = "sign-on, sign-off and echo go"
	}
	f.note(70, "", "missing: %s without a function code", what)
}

// kindsCarried is ISO 8583:1987's table with what d has no field for left out of it.
func kindsCarried(d *Dialect) []Transaction {
	kinds := slices.Clone(iso87Kinds)
	for i := range kinds {
		if !d.Carries(60) {
			kinds[i].Type, kinds[i].Network = "", ""
		}
		if !d.Carries(70) {
			kinds[i].Code70 = ""
		}
		if !d.Carries(25) {
			kinds[i].Condition = ""
		}
	}
	return kinds
}

// zerosBefore fills a number up from the left, and leaves what comes as it is: a
// field of a fixed number of digits has all of them.
type zerosBefore struct{}

var _ padding.Padder = zerosBefore{}

func (zerosBefore) Pad(data []byte, length int) []byte {
	return append(bytes.Repeat([]byte{'0'}, max(0, length-len(data))), data...)
}

func (zerosBefore) Unpad(data []byte) []byte { return data }

func (zerosBefore) Inspect() []byte { return []byte{'0'} }
