package wire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// Dialect turns a Message into the bytes of a frame and back. It is a value
// without state: one serves all connections.
//
// What it knows of each field stands in a moov MessageSpec, compiled once into a
// plan that is walked field by field: moov's own Message cannot say at which byte
// a message broke, which half byte padded a number, or where the MAC begins.
type Dialect struct {
	name   string
	tpdu   int // bytes of TPDU and of header before the MTI
	header int
	gbk    bool // texts are GBK before they are UTF-8
	spec   *iso8583.MessageSpec
	plan   [lastField + 1]*step // 0 is the MTI; 1, the bitmap, is in bits
	bits   coder
	rows   map[int]row
	kinds  []Transaction
	others *[lastField + 1][]other // nil where each field has one form
}

const lastField = 128

// The dialects by name. Each is built when it is first asked for.
var dialects = []struct {
	name string
	make func() *Dialect
}{{"unionpay", UnionPay}, {"iso87ascii", ISO87ASCII}, {"iso87bcd", ISO87BCD}}

// Names lists the dialects that ByName knows.
func Names() []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.name
	}
	return names
}

// ByName returns the dialect of that name.
func ByName(name string) (*Dialect, error) {
	if i := slices.Index(Names(), name); i >= 0 {
		return dialects[i].make(), nil
	}
	return nil, fmt.Errorf("there is no dialect %q: the dialects are %s", name, strings.Join(Names(), ", "))
}

// Name returns the name that ByName knows.
func (d *Dialect) Name() string { return d.name }

// String returns the name.
func (d *Dialect) String() string { return d.name }

// coding is what makes two encodings of the same fields differ.
type coding struct {
	digits  coder                     // of the MTI
	bits    coder                     // of a bitmap
	content func(row) coder           // of a field
	length  func(row) prefix.Prefixer // of its length
}

func newDialect(name string, rows []row, kinds []Transaction, c coding) *Dialect {
	d := &Dialect{name: name, kinds: kinds, spec: messageSpec(name, rows, c), bits: c.bits, rows: map[int]row{}}
	for _, r := range rows {
		d.rows[r.number] = r
	}
	for number, f := range d.spec.Fields {
		if number != 1 {
			d.plan[number] = compile(number, f.Spec())
		}
	}
	return d
}

// messageSpec writes the rows as a moov spec.
func messageSpec(name string, rows []row, c coding) *iso8583.MessageSpec {
	fields := map[int]field.Field{
		0: field.NewString(&field.Spec{Length: 4, Description: "message type indicator", Enc: c.digits, Pref: fixed{}}),
		1: field.NewBitmap(&field.Spec{Length: 8, Description: "bitmap", Enc: c.bits, Pref: fixed{}}),
	}
	for _, r := range rows {
		spec := &field.Spec{Length: r.most, Description: r.name, Enc: c.content(r), Pref: c.length(r)}
		if counted, ok := spec.Pref.(counted); ok && counted.unit == 2 {
			spec.Length /= 2
		}
		if r.kind == 's' && r.vary == 0 {
			spec.Pad = spacesBehind{}
		}
		if r.kind == 'b' {
			fields[r.number] = field.NewBinary(spec)
		} else {
			fields[r.number] = field.NewString(spec)
		}
	}
	return &iso8583.MessageSpec{Name: name, Fields: fields}
}
