package wire

import (
	"strings"

	"possim/reader/card"
)

// Detail is one transaction in field 48 of a batch upload (0320, 60.3 = 201).
type Detail struct {
	CardType string   // n2
	STAN     string   // n6
	PAN      card.PAN // n20 with zeros before it
	Amount   int64    // n12, minor units
}

// MostDetails is how many transactions one batch upload carries.
const MostDetails = 8

// ParseDetails reads field 48 of a batch upload: a count of two digits, then as
// many transactions.
func ParseDetails(digits string) ([]Detail, error) {
	c := cut(48, digits)
	count := int(c.number("count", 2))
	if count > MostDetails {
		c.fail("count", 0, "%d transactions, and a message carries at most %d", count, MostDetails)
	}
	var all []Detail
	for range count {
		if c.err != nil {
			break
		}
		all = append(all, Detail{
			CardType: c.digits("card type", 2),
			STAN:     c.digits("STAN", 6),
			PAN:      card.PAN(strings.TrimLeft(c.digits("PAN", 20), "0")),
			Amount:   c.number("amount", 12),
		})
	}
	if err := c.end(); err != nil {
		return nil, err
	}
	return all, nil
}

// Details48 writes field 48 of a batch upload.
func Details48(all []Detail) (string, error) {
	p := paster{field: 48}
	p.number("count", int64(len(all)), 2)
	if len(all) > MostDetails {
		p.fail("count", "%d transactions, and a message carries at most %d", len(all), MostDetails)
	}
	for _, d := range all {
		pan := d.PAN.Reveal()
		p.digits("card type", d.CardType, 2)
		p.digits("STAN", d.STAN, 6)
		p.digits("PAN", strings.Repeat("0", max(0, 20-len(pan)))+pan, 20)
		p.number("amount", d.Amount, 12)
	}
	return p.end()
}

// ParseUploaded reads field 48 of a batch end: how many transactions were uploaded.
func ParseUploaded(digits string) (int, error) {
	c := cut(48, digits)
	count := c.number("total count", 4)
	return int(count), c.end()
}

// Uploaded48 writes field 48 of a batch end.
func Uploaded48(count int) (string, error) {
	p := paster{field: 48}
	p.number("total count", int64(count), 4)
	return p.end()
}
