package host

import (
	"context"
	"errors"
	"strings"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
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
	money := d.kind&(orders|reversal) != 0
	numbered := money || d.kind == settlement || d.kind == other && (d.MTI == wire.MTIFinancialRequest || d.MTI == wire.MTIAuthRequest)
	switch {
	case d.mid == "":
		return "field 42 (MID) is missing"
	case d.tid == "":
		return "field 41 (TID) is missing"
	}
	problem := d.typeProblem()
	switch {
	case problem != "":
		return problem
	case !numbered:
		return ""
	case len(d.STAN) != 6 || !allDigits(d.STAN):
		return "field 11 (STAN) is missing or not 6 digits"
	case d.kind == settlement:
		return ""
	case d.ProcessingCode == "" && d.kind != reversal:
		return "field 3 (processing code) is missing"
	case d.ProcessingCode != "" && (len(d.ProcessingCode) != 6 || !allDigits(d.ProcessingCode)):
		return "field 3 (processing code) is not 6 digits"
	case d.kind == other:
		return ""
	}
	for _, look := range []func(*deal) string{(*deal).amountProblem, (*deal).chipProblem, (*deal).originalProblem, (*deal).unionPayProblem} {
		if problem := look(d); problem != "" {
			return problem
		}
	}
	return d.takeCard()
}

func (d *deal) amountProblem() string {
	switch {
	case d.kind&moves == 0:
	case d.Amount == 0 && !d.Has.Has(4):
		return "field 4 (amount) is missing"
	case d.Amount < 0 || d.Amount > money.MaxMinor:
		return "field 4 (amount) is out of range"
	}
	return ""
}

// chipProblem looks into EMV data.
func (d *deal) chipProblem() string {
	var err error
	if d.chip.objects, err = emv.Parse(d.Chip); err != nil {
		return "field 55 (EMV data): " + err.Error()
	}
	return ""
}

// originalProblem looks at how a request names an earlier one, not at whether there
// is one.
func (d *deal) originalProblem() string {
	err := error(nil)
	switch {
	case d.kind&follows != 0:
		_, err = d.earlier()
	case d.kind == reversal && d.OriginalData != "":
		_, err = wire.ParseOriginal90(d.OriginalData)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// takeCard finds the PAN in F2, else in track 2, else in track 3, and the expiry
// in F14, else on track 2; or a payment code in F59. A reversal may carry no card at
// all: that of a swiped sale never does. A track that is enciphered is opened once
// it is known whose key it is under.
func (d *deal) takeCard() string {
	if d.PAN != "" && !d.PAN.Valid() {
		return "field 2 (PAN) is not 8 to 19 digits"
	}
	d.pan = d.PAN
	if !d.enciphered() {
		if problem := d.takeTracks(); problem != "" {
			return problem
		}
	}
	switch {
	case d.pan != "" && d.kind != qr:
		d.name()
	case d.QR != "":
		if problem := d.takeCode(); problem != "" {
			return problem
		}
	}
	byCode := d.kind&follows != 0 && strings.HasPrefix(d.EntryMode, "03") // its original has the account
	if d.token == "" && d.kind != reversal && !byCode && !d.enciphered() {
		return "no card: none of the fields 2, 35, 36 and 59 carries one"
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

// enciphered reports whether the tracks are under a TDK (53.3).
func (d *deal) enciphered() bool {
	if d.Track2 == "" && d.Track3 == "" || d.Security == "" {
		return false
	}
	sub, err := wire.ParseSub53(d.Security)
	return err == nil && sub.Track
}

// tracksOpen deciphers the tracks, after the MAC has shown that the terminal has the
// keys of its last sign-on.
func (d *deal) tracksOpen(ctx context.Context) (bool, error) {
	if d.kind == reversal || !d.enciphered() {
		return true, nil
	}
	if err := d.ownKeys(ctx); err != nil {
		return false, err
	}
	tdk, err := d.keys(hsm.UseDataRequest)
	if err == nil && tdk.Zero() {
		err = errors.New("the terminal has no track key: sign on with 60.3 = 004")
	}
	if err == nil && d.Track2 != "" {
		d.Track2, err = hsm.DecryptTrack2(tdk, d.Track2)
	}
	if err == nil && d.Track3 != "" {
		d.Track3, err = hsm.DecryptTrack3(tdk, d.Track3)
	}
	if err != nil {
		d.note = err.Error()
		return false, nil
	}
	if d.note = d.takeTracks(); d.note == "" && d.pan == "" {
		d.note = "the tracks carry no card"
	}
	d.name()
	return d.note == "", nil
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
		d.pan, d.track = t.PAN, t
		if d.Expiry == "" {
			d.expiry = t.Expiry
		}
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
