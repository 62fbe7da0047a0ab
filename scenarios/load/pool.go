package load

import (
	"fmt"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// Card is one that pays: track 2 as a reader delivers it.
type Card struct{ Track2 card.TrackData }

// poolPrefix is the range of test numbers that a pool comes from (RULES: security
// defaults); five digits and the check digit follow. The numbers of the catalog's cards,
// expired and frozen ones among them, lie before poolFirst.
const (
	poolPrefix = "6222020000"
	poolFirst  = 10_000
)

// MostCards is the largest pool that the test range gives.
const MostCards = 100_000 - poolFirst

var errPool = fmt.Errorf("a pool has 1 to %d cards: the test range %s has no more", MostCards, poolPrefix)

// Pool makes n cards of the test range 6222020000, with check digits (ISO/IEC 7812-1
// annex B) and nothing behind the service code that could pass for a real card's.
func Pool(n int) ([]Card, error) {
	if n < 1 || n > MostCards {
		return nil, errPool
	}
	cards := make([]Card, n)
	for i := range cards {
		payload := fmt.Sprintf("%s%05d", poolPrefix, poolFirst+i)
		check, err := card.CheckDigit(payload)
		if err != nil {
			return nil, err
		}
		expiry, err := card.ParseExpiry("4912")
		if err != nil {
			return nil, err
		}
		cards[i].Track2, err = card.Track2{PAN: card.PAN(payload + string(check)), Expiry: expiry, ServiceCode: "101", Discretionary: "0000000000"}.Data()
		if err != nil {
			return nil, err
		}
	}
	return cards, nil
}

// Swipe is the card at a reader whose head has read it. How a stripe is read is not
// what a load measures.
func (c Card) Swipe() *reader.Swipe {
	s := &reader.Swipe{Verdict: magstripe.VerdictOK}
	s.Tracks[0].Status, s.Tracks[2].Status = magstripe.StatusBlank, magstripe.StatusBlank
	s.Tracks[1] = reader.Track{Status: magstripe.StatusOK, Data: c.Track2}
	return s
}
