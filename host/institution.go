package host

import (
	"cmp"
	"maps"
	"strconv"
	"strings"

	"possim/host/wire"
)

// What answers in UnionPay's dialect say of institutions unless the configuration
// says otherwise. Both codes are made up.
const (
	DefaultAcquirer = "48980000"
	DefaultIssuer   = "01980000"
)

// unionPay reports whether the message is of UnionPay's own dialect: it has a TPDU,
// and the dialect a batch upload. What somebody else's specification puts into the
// private fields is not for this host to judge.
func (d *deal) unionPay() bool { return len(d.TPDU) > 0 && !d.Last }

// acquirer is field 32.
func (d *deal) acquirer() string {
	if d.h.Acquirer == "" && d.unionPay() {
		return DefaultAcquirer
	}
	return d.h.Acquirer
}

// institutions puts into the answer what UnionPay's dialect has there: the codes of
// issuer and acquirer in field 44, the scheme of the card in 63.1. The tries that are
// left after a wrong PIN are the issuer's text in 63.2; ISO 8583:1987 knows no such
// parts, and has them as words in field 44.
func (d *deal) institutions(a *wire.Message, rec *record) {
	told := ""
	if rec.Tries != nil {
		told = triesLeft(*rec.Tries)
	}
	if !d.unionPay() {
		a.Additional = told
		return
	}
	in := wire.Institutions{Issuer: cmp.Or(d.h.Issuer, DefaultIssuer), Acquirer: d.acquirer()}
	texts := wire.Texts{Scheme: d.h.scheme(rec), Issuer: told}
	var err error
	if a.Additional, err = d.h.field44(in); err != nil {
		d.note = err.Error() // a code of more than 11 digits
	}
	if a.Private63, err = texts.Field63(); err != nil {
		d.note = err.Error()
	}
}

// codes is field 44 of answers, which is the same as long as the configuration is.
type codes struct {
	of   wire.Institutions
	text string
	err  error
}

func (h *Host) field44(in wire.Institutions) (string, error) {
	c := h.codes.Load()
	if c == nil || c.of != in {
		c = &codes{of: in}
		c.text, c.err = in.Field44()
		h.codes.Store(c)
	}
	return c.text, c.err
}

// noScheme is 63.1 where no scheme is known: "000".
const noScheme = "000"

// scheme is 63.1 of a record: whose card it is, by the six digits of its masked
// number that show. Of payment codes only UnionPay's own are of a card scheme.
func (h *Host) scheme(rec *record) string {
	number := cmp.Or(rec.Scan, rec.PAN)
	if rec.Scan != "" && !strings.HasPrefix(rec.Scan, "62") {
		return noScheme
	}
	table := h.Schemes
	if table == nil {
		table = schemes
	}
	for n := min(6, len(number)); n > 0; n-- {
		if name, ok := table[number[:n]]; ok {
			return name
		}
	}
	return noScheme
}

// DefaultSchemes is the scheme of a card by how its number begins (ISO/IEC 7812; the
// ranges as the schemes publish them): of several the longest counts, and six digits
// are the most.
func DefaultSchemes() map[string]string { return maps.Clone(schemes) }

var schemes = func() map[string]string {
	table := map[string]string{
		"62": "CUP", "81": "CUP", "4": "VIS", "34": "AMX", "37": "AMX",
		"50": "MAE", "56": "MAE", "57": "MAE", "58": "MAE", "67": "MAE",
	}
	ranges(table, "MCC", 51, 55)
	ranges(table, "MCC", 2221, 2720)
	ranges(table, "JCB", 3528, 3589)
	return table
}()

// ranges enters all the numbers from first to last.
func ranges(table map[string]string, scheme string, first, last int) {
	for n := first; n <= last; n++ {
		table[strconv.Itoa(n)] = scheme
	}
}
