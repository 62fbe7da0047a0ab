package host

import (
	"possim/host/money"
	"possim/host/wire"
	"possim/reader/card"
)

// wellFormed reports whether the message carries what its kind needs (RULES:
// format 30), and takes card number and expiry from where they stand.
func (d *deal) wellFormed() bool {
	d.note = d.malformed()
	return d.note == ""
}

// malformed names the field and what is wrong with it; card data is not shown.
func (d *deal) malformed() string {
	if d.Malformed != nil {
		return d.Malformed.Error()
	}
	if d.kind == echo {
		return ""
	}
	financial := d.kind != other || d.MTI == wire.MTIFinancialRequest || d.MTI == wire.MTIAuthRequest
	switch {
	case d.mid == "":
		return "field 42 (MID) is missing"
	case d.tid == "":
		return "field 41 (TID) is missing"
	case !financial:
		return ""
	case len(d.STAN) != 6 || !allDigits(d.STAN):
		return "field 11 (STAN) is missing or not 6 digits"
	case d.ProcessingCode == "" && d.kind != reversal:
		return "field 3 (processing code) is missing"
	case d.ProcessingCode != "" && (len(d.ProcessingCode) != 6 || !allDigits(d.ProcessingCode)):
		return "field 3 (processing code) is not 6 digits"
	case d.kind == other:
		return ""
	case d.Amount == 0 && !d.Has.Has(4):
		return "field 4 (amount) is missing"
	case d.Amount < 0 || d.Amount > money.MaxMinor:
		return "field 4 (amount) is out of range"
	}
	if d.kind == reversal && d.OriginalData != "" {
		if _, err := wire.ParseOriginal90(d.OriginalData); err != nil {
			return err.Error()
		}
	}
	return d.takeCard()
}

// takeCard finds the PAN in F2, else in track 2, else in track 3, and the expiry
// in F14, else on track 2. A reversal may carry no card at all: that of a swiped
// sale never does.
func (d *deal) takeCard() string {
	if d.PAN != "" && !d.PAN.Valid() {
		return "field 2 (PAN) is not 8 to 19 digits"
	}
	d.pan = d.PAN
	if problem := d.takeTracks(); problem != "" {
		return problem
	}
	if d.pan != "" {
		d.token = d.h.Token(d.pan)
	} else if d.kind != reversal {
		return "no card: none of the fields 2, 35 and 36 carries one"
	}
	if d.Expiry != "" {
		e, err := card.ParseExpiry(d.Expiry)
		if err != nil {
			return "field 14: " + err.Error()
		}
		d.expiry = e
	}
	return ""
}

// takeTracks looks at track 3 only where nothing else says the card: it may carry
// another number by right (ISO/IEC 4909 leaves it to the bank), and a sale needs
// track 2 alone (RULES: the terminal).
func (d *deal) takeTracks() string {
	if d.Track2 != "" {
		t, err := card.ParseTrack2(d.Track2)
		if err != nil {
			return "field 35: " + err.Error()
		}
		if d.pan != "" && d.pan != t.PAN {
			return "fields 2 and 35 carry different cards"
		}
		d.pan, d.expiry = t.PAN, t.Expiry
	}
	if d.pan == "" && d.Track3 != "" {
		t, err := card.ParseTrack3(d.Track3)
		if err != nil {
			return "field 36: " + err.Error()
		}
		d.pan, d.expiry = t.PAN, t.Expiry
	}
	return ""
}
