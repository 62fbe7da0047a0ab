package host

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"possim/host/ledger"
	"possim/host/wire"
)

// reversalOf is the key of the reversal of a transaction. It is made from the
// original's key, not from the reversal's own STAN: whoever reverses the same
// transaction again gets the first answer, whatever STAN he gives his message.
func reversalOf(original ledger.Key) ledger.Key { return original + "/" + ledger.Key(wire.MTIReversal) }

// looks is how often a reversal looks again when its original arrives, or is
// undone, between the look and the commit. Each round needs another writer on the
// same key.
const looks = 8

// reverse undoes the original once and says so (RULES: repeats and reversals).
//
//	the original        answer   what the book does
//	stands              00       posts the inverse, on the original's day
//	was refused         00       nothing to give back
//	is undone already   00       nothing
//	is not known        25       leaves a tombstone: the original, arriving later, gets 94
//	has another card    64       nothing
//	or amount
//	was refunded since  64       nothing
//	is never reversed   12       nothing
func (d *deal) reverse(ctx context.Context) *Decision {
	for range looks {
		original, p, found, err := d.seek(ctx)
		if err != nil {
			return d.silent("the book did not answer: " + err.Error())
		}
		tx := ledger.Tx{Key: reversalOf(original), Undoes: original, UndoesSeq: p.Seq, Print: d.reversalPrint()}
		d.refused, d.code, d.note, d.first = "", "", "", readRecord(p.Memo)
		if found && !d.matches(p) {
			// Recorded beside the reversal's own key, which the right reversal still needs.
			d.refused, d.code, d.note = "original", wire.OriginalAmount, "the original has another card, processing code or amount"
			print := d.print()
			tx = ledger.Tx{Key: reversalOf(original) + "/" + ledger.Key(hex.EncodeToString(print[:])), Print: print, Refuse: d.refused}
		}
		if found && kindNamed(d.first.Kind)&reversible == 0 {
			return d.neverReversed()
		}
		if found && d.refused == "" {
			tx.Guards = []ledger.Guard{{Rule: "rest", Reg: rest(original), Min: ledger.At(0)}}
		}
		rec := d.record()
		res, err := d.commit(ctx, tx, rec)
		switch {
		case err != nil:
			return d.failed(err)
		case res.Refused == ledger.RuleStale:
			continue
		case d.note == "":
			d.note = undone[res.Undo]
		}
		return d.conclude(res, rec)
	}
	return d.silent("the original kept changing under the reversal")
}

// reversalPrint is what a repeated reversal may not change: the amount. The key says
// which original, and a repeat that names card or processing code beside one that
// does not is still a repeat.
func (d *deal) reversalPrint() (p [16]byte) {
	sum := d.h.mac("print", "reversal", strconv.FormatInt(d.Amount, 10))
	copy(p[:], sum[:])
	return p
}

// undone explains to people what became of an original.
var undone = map[ledger.Undo]string{
	ledger.Undone:  "the original was given back",
	ledger.Already: "the original had been undone already",
	ledger.Nothing: "the original was refused: nothing to give back",
	ledger.Unknown: "no original: should it arrive, it will be refused",
}

func (d *deal) neverReversed() *Decision {
	d.note = "the original is of a kind that is never reversed"
	return d.refuse("transaction", wire.InvalidTxn)
}

// sought is what a reversal says of its original.
type sought struct {
	classes []wire.MTI // message types it may have come in, the likeliest first
	stan    string
	date    string // MMDD by the terminal's clock, "" where it gives none
	from90  bool   // field 90 gave the date
}

// original reads what a reversal says of its original. F90 wins over F11 (RULES);
// F61 is not asked: in the reversal of a void it names the voided sale, not the void.
func (d *deal) original() sought {
	s := sought{classes: d.classes(), stan: d.STAN, date: d.Date}
	o, err := wire.ParseOriginal90(d.OriginalData)
	if err != nil || !allDigits(d.OriginalData) || o.STAN == "000000" { // zeros: the sender does not know
		return s
	}
	s.stan = o.STAN
	if o.MTI != "0000" {
		s.classes = []wire.MTI{o.MTI.First()}
	}
	if o.Date != "0000" {
		s.date, s.from90 = o.Date, true
	}
	return s
}

// classes tells the original's message type by what a reversal repeats of it: 60.1,
// else F3. Where that leaves two open, the one that takes money comes first.
func (d *deal) classes() []wire.MTI {
	switch d.Sub60().Type {
	case "10", "11": // pre-authorisation and its cancel
		return []wire.MTI{wire.MTIAuthRequest}
	case "20", "21", "22", "23":
		return []wire.MTI{wire.MTIFinancialRequest}
	case "24", "25", "27", "30", "32", "34": // notices and refunds
		return []wire.MTI{wire.MTIAdvice}
	case "01": // balance
		return nil
	}
	switch code := d.ProcessingCode; {
	case strings.HasPrefix(code, "31"):
		return nil
	case strings.HasPrefix(code, "03"):
		return []wire.MTI{wire.MTIAuthRequest}
	}
	return []wire.MTI{wire.MTIFinancialRequest, wire.MTIAuthRequest}
}

// seek finds the original. Where there is none, the key is the one under which it
// would arrive, for the tombstone.
func (d *deal) seek(ctx context.Context) (ledger.Key, ledger.Posting, bool, error) {
	s := d.original()
	for _, class := range s.classes {
		k, p, found, err := d.seekIn(ctx, s, class)
		if found || err != nil {
			return k, p, found, err
		}
	}
	arriving := d.keyOn(d.day, s.classes[0], s.stan)
	if _, taken, err := d.find(ctx, arriving); taken || err != nil { // by another order
		days, _ := d.days(s.date)
		return d.keyOn(days[0], s.classes[0], s.stan), ledger.Posting{}, false, err
	}
	return arriving, ledger.Posting{}, false, nil
}

// seekIn looks among the messages of one type.
func (d *deal) seekIn(ctx context.Context, s sought, class wire.MTI) (ledger.Key, ledger.Posting, bool, error) {
	days, dated := d.days(s.date)
	for i, day := range days {
		k := d.keyOn(day, class, s.stan)
		p, found, err := d.find(ctx, k)
		if err != nil {
			return "", p, false, err
		}
		if !found {
			continue
		}
		sameClock := s.from90 && readRecord(p.Memo).Sent == s.date
		if i == 0 || sameClock || d.matches(p) && (dated || d.at.Sub(p.At) < 24*time.Hour) {
			return k, p, true, nil
		}
	}
	return "", ledger.Posting{}, false, nil
}

// days lists the business days on which an original without a batch number may
// have arrived, the likeliest first; a batch number names it without a day.
//
// The day that the message gives is the terminal's, and two clocks may disagree
// about midnight: so the days beside it count too, for an original that matches.
// A terminal's clock may also be wrong by weeks, and its original came today all
// the same: so today and yesterday count, for an original that matches or that was
// sent with the date which field 90 gives.
// Without a date it is today or yesterday, and yesterday only within 24 hours: a
// STAN may come again the next day.
func (d *deal) days(mmdd string) (days []ledger.Day, dated bool) {
	if d.batch != "" {
		return []ledger.Day{d.day}, false
	}
	told, ok := lastDay(mmdd, addDays(d.day, 1))
	if !ok || told >= d.day {
		told, ok = d.day, false // today's date may be that of the reversal
	}
	for _, day := range []ledger.Day{told, addDays(told, 1), addDays(told, -1), d.day, addDays(d.day, -1)} {
		if day <= d.day && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	return days, ok
}

// matches compares a reversal with its original: card, as far as the reversal
// carries one (that of a swiped sale does not), processing code, amount.
func (d *deal) matches(p ledger.Posting) bool {
	original := readRecord(p.Memo)
	return d.Amount == original.Amount &&
		(d.Currency == "" || d.Currency == original.Currency) &&
		(d.ProcessingCode == "" || d.ProcessingCode == original.F3) &&
		(d.token == "" || d.token == original.Card)
}
