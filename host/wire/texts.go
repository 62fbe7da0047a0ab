package wire

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Operator63 writes field 63 of a request: the operator's number, three characters
// with spaces behind ("01 ").
func Operator63(operator string) string { return fill(operator, 3) }

// Texts is field 63 of an answer: 63.1, whose scheme the card is of (CUP, VIS, MCC,
// MAE, JCB, DCC, AMX, or 000 for none), and 63.2, texts for the terminal to show
// or print.
type Texts struct {
	Scheme   string // 3 characters
	Issuer   string // up to 20 bytes of GBK
	UnionPay string // up to 20
	Acquirer string // up to 20
	Terminal string // up to 60
}

func (t *Texts) parts() ([]*string, []int) {
	return []*string{&t.Issuer, &t.UnionPay, &t.Acquirer, &t.Terminal}, []int{20, 20, 20, 60}
}

var textNames = []string{"63.2 issuer text", "63.2 UnionPay text", "63.2 acquirer text", "63.2 terminal text"}

// ParseTexts reads field 63 of an answer. Texts may be left off from the end, and
// the last may be shorter than its place.
func ParseTexts(field string) (Texts, error) {
	c := cut(63, field)
	t := Texts{Scheme: strings.TrimRight(c.text("63.1 scheme", min(3, len(field))), " ")}
	parts, sizes := t.parts()
	for i, part := range parts {
		if !c.more() {
			break
		}
		at := c.at
		raw := c.text(textNames[i], min(sizes[i], len(c.rest)))
		text, err := simplifiedchinese.GBK.NewDecoder().String(raw)
		if err != nil || strings.ContainsRune(text, '\uFFFD') {
			c.fail(textNames[i], at, "not GBK")
		}
		*part = strings.TrimRight(text, " ")
	}
	if err := c.end(); err != nil {
		return Texts{}, err
	}
	return t, nil
}

// Field63 writes field 63 of an answer, up to the last text there is.
func (t Texts) Field63() (string, error) {
	if len(t.Scheme) == 3 && t == (Texts{Scheme: t.Scheme}) && t.Scheme[2] != ' ' {
		return t.Scheme, nil
	}
	p := paster{field: 63}
	p.text("63.1 scheme", fill(t.Scheme, 3), 3)
	parts, sizes := t.parts()
	for i, part := range parts {
		raw, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(*part))
		if err != nil {
			p.fail(textNames[i], "it has a character that GBK has not")
		}
		p.text(textNames[i], fill(string(raw), sizes[i]), sizes[i])
	}
	if p.err != nil {
		return "", p.err
	}
	if p.out = bytes.TrimRight(p.out, " "); len(p.out) < 3 {
		return fill(string(p.out), 3), nil
	}
	return string(p.out), nil
}

// fill adds spaces up to n bytes.
func fill(s string, n int) string {
	if len(s) >= n {
		return s
	}
	return s + string(spaces[:n-len(s)])
}

// Institutions is field 44 of an answer: the institution codes of issuer and
// acquirer, 11 characters each.
type Institutions struct{ Issuer, Acquirer string }

// ParseInstitutions reads field 44.
func ParseInstitutions(field string) (Institutions, error) {
	c := cut(44, field)
	in := Institutions{Issuer: c.text("issuer", 11), Acquirer: c.text("acquirer", min(11, len(c.rest)))}
	if err := c.end(); err != nil {
		return Institutions{}, err
	}
	in.Issuer, in.Acquirer = strings.TrimRight(in.Issuer, " "), strings.TrimRight(in.Acquirer, " ")
	return in, nil
}

// Field44 writes field 44.
func (in Institutions) Field44() (string, error) {
	p := paster{field: 44, out: make([]byte, 0, 22)}
	p.text("issuer", fill(in.Issuer, 11), 11)
	p.text("acquirer", fill(in.Acquirer, 11), 11)
	return p.end()
}
