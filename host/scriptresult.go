package host

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"possim/host/ledger"
	"possim/host/wire"
	"possim/reader/emv"
)

// takeScript takes the results of issuer scripts (0620, F55 with DF31 or 9F5B). It looks
// for the transaction that carried them by field 61, 37 or its own STAN, records what
// the card said, and takes what is done out of the card's queue. It is answered 00
// whatever it says: there is nothing its terminal could do about it.
func (d *deal) takeScript(ctx context.Context) *Decision {
	objects, err := emv.Parse(d.Chip)
	if err != nil {
		d.note = "field 55: " + err.Error()
		return d.refuse("format", wire.FormatError)
	}
	raw := objects.Value(emv.TagScriptOutcome)
	if raw == nil {
		raw = objects.Value(emv.TagScriptResults)
	}
	results, err := emv.ParseScriptResults(raw)
	if err != nil {
		d.note = "field 55: " + err.Error()
		return d.refuse("format", wire.FormatError)
	}
	if err := d.findScripted(ctx); err != nil {
		return d.silent("the book did not answer: " + err.Error())
	}
	rec := d.record()
	rec.Results, rec.Card = strings.ToUpper(hex.EncodeToString(raw)), d.first.Card
	d.note = "script result " + rec.Results
	if d.of.Key == "" {
		d.note += ": the transaction that carried the scripts is not known"
	}
	if len(d.STAN) != 6 || !allDigits(d.STAN) { // nothing to record it under
		return d.noted()
	}
	res, err := d.commit(ctx, ledger.Tx{Key: d.keyOn(d.day, d.MTI.First(), d.STAN), Print: d.resultPrint(rec)}, rec)
	if err != nil {
		return d.failed(err)
	}
	if res.Repeat {
		rec = new(readRecord(res.Memo))
	} else if res.Refused == "" {
		d.take(results)
	}
	out := d.answer(wire.Approved, rec, 0)
	out.Seq, out.Repeat = res.Seq, res.Repeat
	return out
}

func (d *deal) resultPrint(rec *record) (p [16]byte) {
	sum := d.h.mac("print", "script", rec.Results, string(d.of.Key))
	copy(p[:], sum[:])
	return p
}

// take tells the queue, of scripts that the transaction did carry.
func (d *deal) take(results []emv.ScriptResult) {
	chip := d.first.Chip
	for _, r := range results {
		switch {
		case d.of.Key == "":
		case chip == nil || !slices.Contains(chip.Sent, r.ID):
			d.note += "; script " + r.ID + " was not sent with it"
		case !d.h.scripts.report(d.first.Card, r.ID, r.String(), r.Done()):
			d.note += "; script " + r.ID + " is in no queue any more"
		default:
			d.note += "; script " + r.ID + ": " + r.String()
		}
	}
}

// findScripted looks for the transaction that carried the scripts. Whatever the message
// says of it must be so; where nothing in it is found there is none.
func (d *deal) findScripted(ctx context.Context) error {
	e, err := d.earlier()
	if err != nil { // nothing names it but its STAN
		e = earlier{number: wire.Original{STAN: d.STAN, Batch: unlessZeros(d.batch)}}
	}
	p, found, err := d.seekEarlier(ctx, e)
	if err != nil || !found {
		return err
	}
	first := readRecord(p.Memo)
	named := e.rrn == "" || e.rrn == rrn(first.Day, p.Seq)
	if first.MID == d.mid && first.TID == d.tid && named && kindNamed(first.Kind)&(pays|inquiry) != 0 {
		d.of, d.first = p, first
	}
	return nil
}
