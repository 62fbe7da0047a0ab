package icc

import (
	"slices"

	"possim/reader/emv"
)

// Image is what personalisation put into an application: what a terminal reads from it,
// and what is behind that. It holds a number in clear and keys; the types of its keys
// print neither.
type Image struct {
	AID     []byte
	Label   string
	AIP     emv.AIP
	AFL     emv.AFL
	Records []emv.Record // in the order of the AFL
	Issuer  *emv.IssuerKeys
	RSA     *emv.ICCKeys // nil without dynamic authentication
	Keys    emv.Keys     // the card's own, that sessions' come from
}

// Images returns what is on the card, by application.
func (c *Card) Images() []Image {
	var out []Image
	for _, a := range c.in.m.apps {
		i := Image{AID: slices.Clone(a.AID), Label: a.Label, AIP: a.AIP, AFL: slices.Clone(a.afl), Issuer: a.Issuer, RSA: a.rsa, Keys: a.keys}
		for _, e := range a.afl {
			for _, data := range a.files[e.SFI][e.First-1 : e.Last] {
				i.Records = append(i.Records, emv.Record{SFI: e.SFI, Data: slices.Clone(data)})
			}
		}
		out = append(out, i)
	}
	return out
}
