package wire

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Auto chooses the dialect that data, a frame with or without its length before
// it, is most likely written in, and says why. Every dialect is tried, and the
// packed ones with a TPDU and header before the message type, with a TPDU alone
// and with neither; that in characters with its bitmap in bytes too. A dialect that reads to the last byte wins over one that does
// not; among equals, the one whose texts are texts and whose dates are dates.
//
// The dialect returned is never nil: of a frame that no dialect reads, Inspect
// shows what the likeliest could.
func Auto(data []byte) (d *Dialect, why string) {
	var best *guess
	for _, candidate := range candidates() {
		g := candidate.try(data)
		if best == nil || g.beats(best) {
			best = g
		}
	}
	return best.dialect, best.String()
}

// A guess is a dialect and how far it read.
type guess struct {
	dialect *Dialect
	before  string // what stands before the message type
	framing string
	err     *DecodeError
	fields  int
	forms   int // fields in another form than the dialect's own
	likely  int // what speaks for it
}

// candidates lists the dialects in the order of preference among equals: as they
// are specified first.
func candidates() []*guess {
	var all, others []*guess
	for _, name := range Names() {
		d, _ := ByName(name)
		if d.tpdu > 0 {
			all = append(all, &guess{dialect: d, before: "TPDU and header before the message type"})
			others = append(others, &guess{dialect: d.before(0, 0), before: "nothing before the message type"},
				&guess{dialect: d.before(tpduSize, 0), before: "a TPDU and no header before the message type"})
			continue
		}
		all = append(all, &guess{dialect: d, before: "nothing before the message type"})
		others = append([]*guess{{dialect: d.before(tpduSize, 0), before: "a TPDU before the message type"}}, others...)
	}
	bytes := "bitmap and binary fields in bytes"
	return append(append(all, others...), &guess{dialect: iso87Mixed(), before: "nothing before the message type, " + bytes},
		&guess{dialect: iso87Mixed().before(tpduSize, 0), before: "a TPDU before the message type, " + bytes})
}

// before returns the same dialect with another opening.
func (d *Dialect) before(tpdu, header int) *Dialect {
	other := *d
	other.tpdu, other.header = tpdu, header
	return &other
}

// try reads data as the candidate's dialect.
func (g guess) try(data []byte) *guess {
	frame, skipped, err := g.dialect.unframe(data)
	if skipped > 0 {
		g.framing = "after " + strconv.Itoa(skipped) + " bytes of length"
	}
	g.walk(frame, nil)
	if g.err != nil {
		if forms := g.dialect.readings(frame); forms != nil {
			g.walk(frame, forms)
		}
	}
	if g.err != nil {
		g.err.Offset += skipped
	} else if err != nil { // the length is wrong and the rest right
		g.likely -= 10
	}
	return &g
}

// walk reads a frame as far as it goes, with some fields in other forms.
func (g *guess) walk(frame []byte, forms []Reading) {
	g.err, g.fields, g.likely, g.forms = nil, 0, -5*len(forms), len(forms)
	w := walker{d: g.dialect, frame: frame, forms: forms}
	var m Message
	broken := w.prelude(&m)
	if broken == nil && g.dialect.tpdu > 0 && frame[0] != tpduID {
		g.likely -= 20
	}
	for broken == nil {
		number, c, err := w.next()
		if broken = err; number == 0 || err != nil {
			break
		}
		g.fields++
		g.likely += g.dialect.rows[number].likely(c.value)
	}
	g.err, _ = errors.AsType[*DecodeError](broken)
	if !plausibleMTI(m.MTI) {
		g.likely -= 50
		g.err = cmp.Or(g.err, &DecodeError{Field: PartMTI, Offset: w.begin, Err: errNoMTI})
	}
}

// tpduID begins a TPDU of a card acceptance device (ISO 8583 over TPDU, as
// terminals everywhere send it).
const tpduID = 0x60

var errNoMTI = errors.New("no message type of ISO 8583")

// plausibleMTI: version 0 to 2, a class, and a function that has a request or an answer.
func plausibleMTI(m MTI) bool {
	return len(m) == 4 && m[0] >= '0' && m[0] <= '2' && m[1] >= '1' && m[1] <= '9' && m[2] <= '5'
}

// beats: a whole reading before a part, then what is likelier, then the longer.
func (g *guess) beats(o *guess) bool {
	return cmp.Or(
		-cmp.Compare(whole(g.err), whole(o.err)), cmp.Compare(g.likely, o.likely), cmp.Compare(g.fields, o.fields)) > 0
}

func whole(err *DecodeError) int {
	if err == nil {
		return 0
	}
	return 1
}

// String says why the guess was taken. It holds nothing of the message.
func (g *guess) String() string {
	where := g.before
	if g.framing != "" {
		where = g.framing + ", " + where
	}
	if g.err != nil {
		return fmt.Sprintf("%s comes nearest: %s, %d fields read, and then %v", g.dialect.name, where, g.fields, g.err)
	}
	if g.forms > 0 {
		where += fmt.Sprintf(", %d fields in another form than the dialect's own", g.forms)
	}
	return fmt.Sprintf("%s: %s, and %d fields read to the last byte", g.dialect.name, where, g.fields)
}

// likely says how much a field's content speaks for the dialect that read it.
func (r row) likely(value []byte) int {
	s := string(value)
	switch {
	case slices.Contains([]int{7, 13, 15, 16, 17}, r.number) && len(s) >= 4:
		return evidence(s[:2] <= "12" && s[2:4] <= "31")
	case r.number == 12 && len(s) == 6:
		return evidence(s[:2] < "24" && s[2:4] < "60" && s[4:] < "60")
	case r.number == 14 && len(s) == 4:
		return evidence(s[2:] <= "12")
	case r.number == 22 && len(s) == 3:
		return evidence(slices.Contains(entryModes, s[:2]))
	case r.number == 49:
		return evidence(onlyDigits(value) == nil)
	case r.number == 60:
		return evidence(onlyDigits(value) == nil && len(s) >= 8)
	case r.kind == 's' && (r.number == 41 || r.number == 42 || r.number == 37):
		return evidence(!slices.ContainsFunc(value, func(b byte) bool { return b < ' ' || b > '~' }))
	case r.kind == 's':
		return evidence(utf8.Valid(value) && !slices.ContainsFunc(value, func(b byte) bool { return b < ' ' }))
	}
	return 1
}

// How a card comes to a terminal, the first two digits of field 22 (ISO 8583:1987
// and UnionPay's table).
var entryModes = []string{"01", "02", "03", "04", "05", "07", "80", "81", "90", "91", "92", "95", "96", "98"}

func evidence(fits bool) int {
	if fits {
		return 3
	}
	return -5
}

// asciiLength is the size of a length in four characters, as some gateways write it.
const asciiLength = 4

// unframe takes off the two bytes of length, where data has them, or four digits
// that are exactly right.
func (d *Dialect) unframe(data []byte) (frame []byte, skipped int, err error) {
	if len(data) < lengthSize {
		return data, 0, nil
	}
	if len(data) > asciiLength {
		said, err := strconv.Atoi(string(data[:asciiLength]))
		if rest := data[asciiLength:]; err == nil && said == len(rest) && d.plausible(rest) {
			return rest, asciiLength, nil
		}
	}
	said, rest := int(binary.BigEndian.Uint16(data)), data[lengthSize:]
	switch bare, framed := d.plausible(data), d.plausible(rest); {
	case said == len(rest) && (framed || !bare):
		return rest, lengthSize, nil
	case framed && !bare:
		return rest, lengthSize, fmt.Errorf("%w: it says %d bytes and %d follow", errLength, said, len(rest))
	}
	return data, 0, nil
}
