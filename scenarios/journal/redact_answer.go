package journal

import (
	"errors"

	"possim/reader/emv"
)

// question is a cryptogram that was made again, whose answer must be too.
type question struct {
	stan    string
	objects emv.List
	keys    emv.Keys
	scheme  emv.Scheme
}

// asks remembers a redacted request whose cryptogram was made again, one a terminal.
func (w *Writer) asks(p *pass) {
	if p.m.MTI.Answer() == "" || len(p.swaps) == 0 || len(p.m.Chip) == 0 {
		return
	}
	of := p.m.MID + p.m.TID
	delete(w.questions, of)
	objects, err := emv.Parse(p.m.Chip)
	if err != nil || !objects.Has(tagCryptogram) {
		return
	}
	if keys, scheme, err := issuerKeys(p.swaps[0].to, p.m, objects, emv.Keys{}); err == nil {
		w.questions[of] = question{p.m.STAN, objects, keys, scheme}
	}
}

// answers makes the issuer's answer (91) to such a cryptogram as the test issuer would
// have: what it tells the card stays.
func (w *Writer) answers(p *pass) {
	q, ok := w.questions[p.m.MID+p.m.TID]
	if !ok || q.stan != p.m.STAN || p.m.MTI.Answer() != "" || len(p.m.Chip) == 0 {
		return
	}
	objects, err := emv.Parse(p.m.Chip)
	if err != nil {
		return
	}
	value := objects.Value(emv.TagIssuerAuthenticationData)
	told, err := q.scheme.VerifyIssuer(q.keys, q.objects, value)
	if !errors.Is(err, emv.ErrCryptogram) {
		return
	}
	made, err := q.scheme.IssuerAuthentication(q.keys, q.objects, told)
	if err != nil || len(made) != len(value) {
		return
	}
	objects.Set(emv.TagIssuerAuthenticationData, made)
	p.m.Chip = objects.Bytes()
	p.mark(55)
}
