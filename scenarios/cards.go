package scenarios

import (
	"fmt"

	"possim/host/registry"
	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/scenarios/catalog"
)

// discretionary is what stands behind the service code on our cards: nothing
// that could pass for the PVV or CVV of a real one.
const discretionary = "0000000000"

// cvnAt is where a CVN stands in it: behind PVKI and PVV.
const cvnAt = 5

// Tracks returns what is written on the card: tracks 1 and 2 (ISO/IEC 7813).
func (c *Card) Tracks() (track1, track2 card.TrackData, err error) {
	return c.tracks(string(c.Entry.CVN))
}

// tracks writes the card with this CVN, "" for none.
func (c *Card) tracks(cvn string) (track1, track2 card.TrackData, err error) {
	discretionary := card.TrackData(discretionary[:cvnAt] + cvn + discretionary[cvnAt+len(cvn):])
	track1, err = card.Track1{FormatCode: "B", PAN: c.Entry.PAN, Name: card.TrackData(c.holder()),
		Expiry: c.Entry.Expiry, ServiceCode: c.Entry.ServiceCode, Discretionary: discretionary}.Data()
	if err != nil {
		return "", "", fmt.Errorf("card %s: %w", c.Name, err)
	}
	track2, err = card.Track2{PAN: c.Entry.PAN, Expiry: c.Entry.Expiry, ServiceCode: c.Entry.ServiceCode, Discretionary: discretionary}.Data()
	if err != nil {
		return "", "", fmt.Errorf("card %s: %w", c.Name, err)
	}
	return track1, track2, nil
}

// holder is the name on the card.
func (c *Card) holder() string {
	if c.Holder == "" {
		return "TEST/CARD"
	}
	return c.Holder
}

// Stripe returns the card's magnetic stripe as it left the factory.
func (c *Card) Stripe() (magstripe.Stripe, error) { return c.stripe(string(c.Entry.CVN)) }

// stripe is Stripe with this CVN.
func (c *Card) stripe(cvn string) (magstripe.Stripe, error) {
	track1, track2, err := c.tracks(cvn)
	if err != nil {
		return magstripe.Stripe{}, err
	}
	return magstripe.NewStripe(track1, track2, "")
}

// Known reports whether the host knows the card, and with which entry.
func (c *Card) Known() (registry.Card, bool) { return c.Entry, !c.Unknown }

// CatalogCards returns the cards that ship: scenarios, host and emulate all take
// theirs from this one list.
func CatalogCards() ([]*Card, error) {
	data, err := catalog.FS.ReadFile(catalog.CardsFile)
	if err != nil {
		return nil, err
	}
	return ParseCards(catalog.CardsFile, data)
}

// byName returns cards by their names.
func byName(cards []*Card) map[string]*Card {
	out := make(map[string]*Card, len(cards))
	for _, c := range cards {
		out[c.Name] = c
	}
	return out
}
