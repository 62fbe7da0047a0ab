package host

import (
	"context"
	"fmt"

	"possim/host/ledger"
)

// counter is the highest ATC that was seen of a card. A card is its number and its
// sequence number: both are in its keys. The AID is not, so that an application that
// shares them with another shares the counter too.
func (d *deal) counter() ledger.Reg { return ledger.Reg{Kind: ledger.ATC, Owner: d.chipOwner()} }

// spent is whether the sale of one ATC was posted.
func spent(owner string, atc int64) ledger.Reg {
	return ledger.Reg{Kind: ledger.Uses, Owner: fmt.Sprintf("%s/%d", owner, atc)}
}

func (d *deal) chipOwner() string {
	sequence := d.cardSequence()
	if sequence == "" {
		sequence = "00"
	}
	return d.token + "/" + sequence
}

// atcFresh refuses a cryptogram that came before: a counter goes up with each
// transaction. What is read here only spares what follows; two at once are for the book
// to tell apart (atcGuard). The repeat of a request has its ATC seen, by itself: the book
// gives it its first answer all the same.
//
// An offline sale comes when its terminal has a line again, behind what the card did
// since: it is asked whether that one counter was paid with, in the book.
func (d *deal) atcFresh(ctx context.Context) (bool, error) {
	c := &d.chip
	if !c.right {
		return true, nil
	}
	if err := d.lookCounter(ctx); err != nil {
		return false, err
	}
	if c.counts = c.fresh || d.kind == offline; !c.counts {
		d.note = fmt.Sprintf("the card's counter (9F36) is %d, and one as high was seen before", c.atc)
	}
	return c.counts, nil
}

// lookCounter finds out whether the ATC is above all that were seen.
func (d *deal) lookCounter(ctx context.Context) error {
	got, err := d.h.Book.Read(ctx, d.counter())
	if err != nil {
		return err
	}
	d.chip.fresh = d.chip.atc > got[0]
	return nil
}

func (d *deal) atcGuard() (ledger.Guard, bool) {
	switch {
	case !d.chip.counts:
		return ledger.Guard{}, false
	case d.kind == offline:
		return ledger.Guard{Reg: spent(d.chipOwner(), d.chip.atc), Add: 1, Max: ledger.At(1)}, true
	}
	return ledger.Guard{Reg: d.counter(), Add: -d.chip.atc, Max: ledger.At(-1)}, true
}

// paidWith notes that an ATC has paid. A reversal takes it back: a card that had no
// answer may then have approved offline, under the same counter. What a void, a cancel
// or a completion takes back was answered, and stays paid with.
func (d *deal) paidWith() []ledger.Move {
	first := d.first.Chip
	switch {
	case d.chip.right && d.kind&(pays|offline) != 0:
		return []ledger.Move{{Reg: spent(d.chipOwner(), d.chip.atc), Add: 1}}
	case first != nil && d.kind&(void|cancel|completion) != 0:
		return []ledger.Move{{Reg: spent(first.Owner, first.ATC), Add: 1}}
	}
	return nil
}

// raises uses the counter up: whatever becomes of the transaction, its cryptogram is
// good for no other.
func (d *deal) raises() []ledger.Raise {
	if !d.chip.right {
		return nil
	}
	return []ledger.Raise{{Reg: d.counter(), To: d.chip.atc}}
}
