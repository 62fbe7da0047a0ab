package host

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"possim/host/ledger"
	"possim/host/wire"
)

// uploaded is what a terminal uploaded since its last batch end.
type uploaded struct {
	mu    sync.Mutex
	batch string
	stans map[string]bool
	wrong int
}

func (d *deal) uploaded() *uploaded {
	u, _ := d.h.uploads.LoadOrStore(d.mid+"/"+d.tid, &uploaded{})
	return u.(*uploaded)
}

// takeUpload takes the details of a batch that did not balance (0320, 60.3 = 201),
// and says in its note and the log which of them the book has otherwise.
func (d *deal) takeUpload(ctx context.Context) *Decision {
	if len(d.Chip) > 0 {
		return d.takeCertificate()
	}
	if d.Sub60().Network != "201" || d.Private48 == "" {
		return d.noted()
	}
	details, err := wire.ParseDetails(d.Private48)
	if err != nil {
		d.note = err.Error()
		return d.refuse("format", wire.FormatError)
	}
	u := d.uploaded()
	u.mu.Lock()
	defer u.mu.Unlock()
	if b := d.batch; u.batch != b || u.stans == nil {
		u.batch, u.stans, u.wrong = b, map[string]bool{}, 0
	}
	var differ []string
	for i := range details {
		problem, err := d.compare(ctx, &details[i])
		if err != nil {
			return d.silent("the book did not answer: " + err.Error())
		}
		if problem != "" && !u.stans[details[i].STAN] {
			differ = append(differ, problem)
		}
		u.stans[details[i].STAN] = true
	}
	u.wrong += len(differ)
	d.note = strings.Join(differ, "; ")
	return d.noted()
}

// compare says how one detail differs from the book.
func (d *deal) compare(ctx context.Context, detail *wire.Detail) (problem string, err error) {
	for _, class := range []wire.MTI{wire.MTIFinancialRequest, wire.MTIAdvice} {
		p, found, err := d.find(ctx, d.keyOn(d.day, class, detail.STAN))
		if err != nil {
			return "", err
		}
		if !found {
			continue
		}
		rec := readRecord(p.Memo)
		switch {
		case p.Refused != "":
			return "STAN " + detail.STAN + " was refused", nil
		case rec.Amount != detail.Amount:
			return "STAN " + detail.STAN + " has another amount", nil
		case detail.PAN != "" && rec.Card != d.h.Token(detail.PAN):
			return "STAN " + detail.STAN + " has another card", nil
		}
		return "", nil
	}
	return "STAN " + detail.STAN + " is not in the book", nil
}

// endBatch closes the batch (0320, 60.3 = 207, or 202 where it did not balance):
// the next sign-on opens another. A repeat closes nothing else.
func (d *deal) endBatch(ctx context.Context) *Decision {
	total, err := wire.ParseUploaded(d.Private48)
	if d.Private48 != "" && err != nil {
		d.note = err.Error()
		return d.refuse("format", wire.FormatError)
	}
	u := d.uploaded()
	u.mu.Lock()
	came, wrong := 0, 0
	if u.batch == d.batch {
		came, wrong = len(u.stans), u.wrong
	}
	u.stans = nil
	u.mu.Unlock()
	if err := d.close(ctx); err != nil {
		return d.silent(err.Error())
	}
	d.note = fmt.Sprintf("batch %s is closed", d.batch)
	if total != came && came > 0 {
		d.note += "; the terminal counts " + strconv.Itoa(total) + " details, and " + strconv.Itoa(came) + " came"
	}
	if wrong > 0 {
		d.note += "; " + strconv.Itoa(wrong) + " differ from the book"
	}
	return d.noted()
}

// close opens the way to the next batch. Where no number will tell it from this one,
// it begins with what was not settled: once, however often the message comes.
func (d *deal) close(ctx context.Context) error {
	if d.unnumbered() && len(d.STAN) == 6 && allDigits(d.STAN) {
		ours, err := d.h.totals(ctx, d.batchOwner())
		if err != nil {
			return err
		}
		tx := ledger.Tx{Key: d.keyOn(d.day, d.MTI.First(), d.STAN), Moves: carriedOff(d.batchOwner(), ours)}
		_, err = d.commit(ctx, tx, d.record())
		return err
	}
	return d.h.Registry.CloseBatch(ctx, d.mid, d.tid, d.settlesBatch())
}

// noted answers what only has to be taken note of.
func (d *deal) noted() *Decision {
	return d.answer(wire.Approved, d.record(), 0)
}
