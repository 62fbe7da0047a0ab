package host

import (
	"context"
	"fmt"
	"strconv"

	"possim/host/ledger"
	"possim/host/wire"
)

// DefaultCompletionPercent is how much of a hold a completion may take (RULES: day
// and limits).
const DefaultCompletionPercent = 115

// targets says what each kind may follow up.
var targets = map[kind]kind{
	void: sale | qr | offline, completionVoid: completion, refund: sale | qr | offline | completion,
	cancel: preAuth, completion: preAuth,
}

// earlier is what a request says of the transaction it follows up. Whatever it says
// must be so.
type earlier struct {
	number wire.Original // 61.1 to 61.3, or field 90
	rrn    string        // field 37
	auth   string        // field 38
}

// earlier reads it. The error is that of a field that cannot be read, or that
// nothing at all names the transaction.
func (d *deal) earlier() (e earlier, err error) {
	e.rrn = d.RRN
	if d.kind == cancel || d.kind == completion {
		e.auth = d.AuthCode
	}
	if d.Message.Original != "" {
		if e.number, err = wire.ParseOriginal61(d.Message.Original); err != nil {
			return e, err
		}
	} else if d.OriginalData != "" {
		if e.number, err = wire.ParseOriginal90(d.OriginalData); err != nil {
			return e, err
		}
	}
	e.number.STAN = unlessZeros(e.number.STAN)
	e.number.Batch = unlessZeros(e.number.Batch)
	e.number.Date = unlessZeros(e.number.Date)
	e.number.MTI = wire.MTI(unlessZeros(string(e.number.MTI)))
	if e.number.STAN == "" && e.rrn == "" && e.auth == "" {
		return e, fmt.Errorf("nothing names the original: none of the fields 37, 38, 61 and 90 does")
	}
	return e, nil
}

// unlessZeros is "" for zeros: what the sender does not know.
func unlessZeros(digits string) string {
	for _, c := range digits {
		if c != '0' {
			return digits
		}
	}
	return ""
}

// originalFits finds what this follows up, and refuses when it may not.
func (d *deal) originalFits(ctx context.Context) (bool, error) {
	if d.kind&follows == 0 {
		return true, nil
	}
	e, err := d.earlier()
	if err != nil { // looked at with the format
		return false, nil
	}
	p, found, err := d.seekEarlier(ctx, e)
	if err != nil {
		return false, err
	}
	if !found {
		d.code, d.note = wire.NotFound, "the original is not known"
		return false, nil
	}
	first := readRecord(p.Memo)
	if d.code, d.note = d.unfit(e, &p, &first); d.code != "" {
		return false, nil
	}
	d.of, d.first = p, first
	d.token = first.Card
	return true, nil
}

// unfit says why an earlier posting is not what this may follow up.
//
//	25  another than the one named, of another merchant, refused, or standing no more
//	12  of a kind that is not followed up so: a void is not voided
//	64  another card, currency or amount; a completion above its hold
func (d *deal) unfit(e earlier, p *ledger.Posting, first *record) (wire.Code, string) {
	switch {
	case first.MID != d.mid:
		return wire.NotFound, "the original is another merchant's"
	case e.rrn != "" && e.rrn != rrn(first.Day, p.Seq), e.auth != "" && e.auth != authCode(p.Seq):
		return wire.NotFound, "the original has another reference number or authorisation code"
	case e.number.Date != "" && !first.dated(e.number.Date):
		return wire.NotFound, "the original is of another day"
	case kindNamed(first.Kind)&targets[d.kind] == 0:
		return wire.InvalidTxn, "a " + d.kind.String() + " does not follow a " + first.Kind
	case p.Refused != "":
		return wire.NotFound, "the original was refused"
	case p.UndoneBy != "":
		return wire.NotFound, "the original does not stand any more"
	case d.token != "" && d.token != first.Card:
		return wire.OriginalAmount, "the original has another card"
	case d.Currency != "" && d.Currency != first.Currency:
		return wire.OriginalAmount, "the original has another currency"
	case d.kind == completion && d.Amount > first.Amount/100*d.h.percent()+first.Amount%100*d.h.percent()/100:
		return wire.OriginalAmount, fmt.Sprintf("above %d %% of what is held", d.h.percent())
	case d.kind&(undoes&^completion) != 0 && d.Amount != first.Amount:
		return wire.OriginalAmount, "the original has another amount"
	}
	return "", ""
}

// dated reports whether a record is of the day MMDD, by the terminal's clock, the
// host's or the business day.
func (r *record) dated(mmdd string) bool {
	return mmdd == r.Date || mmdd == r.Sent || mmdd == date(r.Day).Format("0102")
}

func (h *Host) percent() int64 {
	if h.CompletionPercent == 0 {
		return DefaultCompletionPercent
	}
	return int64(h.CompletionPercent)
}

// seekEarlier looks where the request points: by number at this terminal, else by
// reference number or authorisation code at any of the merchant's.
func (d *deal) seekEarlier(ctx context.Context, e earlier) (ledger.Posting, bool, error) {
	switch {
	case e.number.STAN != "":
		return d.seekNumber(ctx, e.number)
	case e.rrn != "":
		return d.seekRRN(ctx, e.rrn)
	}
	return d.seekAuth(ctx, e)
}

// classesOf are the message types a target may have come in.
var classesOf = map[kind][]wire.MTI{
	void: {wire.MTIFinancialRequest, wire.MTIAdvice}, completionVoid: {wire.MTIFinancialRequest, wire.MTIAdvice},
	refund: {wire.MTIFinancialRequest, wire.MTIAdvice}, cancel: {wire.MTIAuthRequest}, completion: {wire.MTIAuthRequest},
	script: {wire.MTIFinancialRequest, wire.MTIAuthRequest},
}

func (d *deal) seekNumber(ctx context.Context, o wire.Original) (ledger.Posting, bool, error) {
	classes := classesOf[d.kind]
	if o.MTI != "" {
		classes = []wire.MTI{o.MTI.First()}
	}
	for _, class := range classes {
		for _, period := range d.periods(o) {
			p, found, err := d.find(ctx, d.keyIn(period, class, o.STAN))
			if found || err != nil {
				return p, found, err
			}
		}
	}
	return ledger.Posting{}, false, nil
}

// periods are what may stand in the original's key between its terminal and its
// message class: the batch it names, its own, or the days it may be of.
func (d *deal) periods(o wire.Original) (all []string) {
	if o.Batch != "" {
		return []string{o.Batch}
	}
	if b := d.batch; b != "" {
		all = append(all, b)
	}
	days, _ := d.days(o.Date)
	for _, day := range days {
		all = append(all, strconv.Itoa(int(day)))
	}
	return all
}

// seekRRN: the place in the journal stands in the reference number.
func (d *deal) seekRRN(ctx context.Context, number string) (found ledger.Posting, ok bool, err error) {
	if len(number) != 12 || !allDigits(number) {
		return found, false, nil
	}
	err = d.postings(ctx, number[4:], rrnModulus, func(p ledger.Posting, rec *record) {
		if number == rrn(rec.Day, p.Seq) {
			found, ok = p, true
		}
	})
	return d.standing(ctx, found, ok, err)
}

// seekAuth: so does it in the authorisation code, of which six digits come again
// every million postings. The day tells them apart, and then the card.
func (d *deal) seekAuth(ctx context.Context, e earlier) (found ledger.Posting, ok bool, err error) {
	if len(e.auth) != 6 || !allDigits(e.auth) {
		return found, false, nil
	}
	sameCard := false
	err = d.postings(ctx, e.auth, authModulus, func(p ledger.Posting, rec *record) {
		if rec.MID != d.mid || kindNamed(rec.Kind) != preAuth || e.number.Date != "" && !rec.dated(e.number.Date) {
			return
		}
		if same := rec.Card == d.token; same || !sameCard {
			found, ok, sameCard = p, true, same
		}
	})
	return d.standing(ctx, found, ok, err)
}

// postings shows the postings whose place in the journal ends in digits.
func (d *deal) postings(ctx context.Context, digits string, modulus uint64, see func(ledger.Posting, *record)) error {
	first, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return nil
	}
	for seq := first; ; seq += modulus {
		if seq == 0 {
			continue
		}
		there := false
		for p, err := range d.h.Book.Postings(ctx, seq-1) {
			if err != nil {
				return err
			}
			rec := readRecord(p.Memo)
			see(p, &rec)
			there = true
			break
		}
		if !there {
			return nil
		}
	}
}

// standing looks again by key: only Find says whether a posting stands.
func (d *deal) standing(ctx context.Context, p ledger.Posting, ok bool, err error) (ledger.Posting, bool, error) {
	if !ok || err != nil {
		return p, false, err
	}
	return d.find(ctx, p.Key)
}
