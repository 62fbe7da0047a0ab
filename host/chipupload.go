package host

import (
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
)

// takeCertificate takes one chip transaction of a batch (0320, 60.3 = 203 to 206): the TC
// of one that was approved online, or the AAC or ARQC of one that came to nothing. It
// moves no money, since the book has that from the transaction itself. Whether the card
// made it is in the note and the log.
func (d *deal) takeCertificate() *Decision {
	var err error
	if d.chip.objects, err = emv.Parse(d.Chip); err != nil {
		d.note = "field 55 (EMV data): " + err.Error()
		return d.refuse("format", wire.FormatError)
	}
	d.masked = ""
	if d.pan = d.PAN; d.pan == "" {
		d.pan = card.PAN(trimmedPAN(d.chip.objects))
	}
	d.card, _ = d.h.Registry.Card(d.pan)
	what := "chip transaction of STAN " + printable(d.STAN) + ": "
	switch {
	case d.chip.objects.Value(emv.TagCryptogram) == nil:
		d.note = what + "no cryptogram (9F26)"
	case !d.card.HasChip():
		d.note = what + "the host has no keys of its card"
	default:
		if _, problem := d.authenticate(); problem != "" {
			d.note = what + problem
			break
		}
		d.note = what + "its " + d.wantedCryptogram().String() + " is right"
	}
	return d.noted()
}
