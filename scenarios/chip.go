package scenarios

import (
	"cmp"
	"fmt"

	"possim/host/registry"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// Chip is the chip on a card. What its entry leaves out is as the profile has it.
type Chip struct {
	Profile   string // one of icc.Names
	Faults    []icc.Fault
	CVM       string     // the one method of its CVM list, by a word of cvms
	ODA       string     // its offline data authentication, by a word of odas
	PIN       icc.Secret // what it verifies offline; "" is the card's own
	TapLimit  int64      // up to which amount a tap is approved offline
	Effective card.Expiry
	Risk      icc.Risk
}

// cvms is the ways to verify a cardholder that an entry may name.
var cvms = map[string]emv.CVM{
	"online-pin": emv.CVMOnlinePIN, "offline-plain": emv.CVMPlainPIN, "offline-enciphered": emv.CVMEncipheredPIN,
	"signature": emv.CVMSignature, "none": emv.CVMNone,
}

// odas is the ways of offline data authentication that an entry may name.
var odas = map[string][]emv.AIPBit{
	"none": {}, "sda": {emv.AIPSDA}, "dda": {emv.AIPDDA}, "cda": {emv.AIPDDA, emv.AIPCDA},
}

// risks is what an entry may say of what the chip thinks for itself.
var risks = map[string]func(*icc.Risk){
	"always-online":        func(r *icc.Risk) { r.AlwaysOnline = true },
	"always-decline":       func(r *icc.Risk) { r.AlwaysDecline = true },
	"decline-after-online": func(r *icc.Risk) { r.DeclineAfterOnline = true },
	"needs-issuer":         func(r *icc.Risk) { r.NeedsIssuer = true },
	"new-online":           func(r *icc.Risk) { r.NewOnline = true },
	"block-on-pin":         func(r *icc.Risk) { r.BlockOnPIN = true },
}

// defaultPSN is the sequence number of a card with a chip whose entry gives none.
const defaultPSN = "01"

// Profile expands the entry into its chip: number, expiry, service code, holder and PIN
// are the card's, and the keys those its host verifies with. A ring spares making RSA
// keys twice; icc.New makes a card of the profile.
func (c *Card) Profile(ring *emv.Keyring) (icc.Profile, error) {
	if c.Chip == nil {
		return icc.Profile{}, fmt.Errorf("card %s has no chip; its entry gets one by chip: unionpay-debit", c.Name)
	}
	p, err := icc.Shipped(c.Chip.Profile, icc.Person{Seed: cmp.Or(c.Seed, registry.TestSeed), Master: c.Master, Ring: ring, Holder: c.onChip()})
	if err != nil {
		return icc.Profile{}, fmt.Errorf("card %s: %w", c.Name, err)
	}
	p.Faults = c.Chip.Faults
	for i := range p.Applications {
		if err := c.Chip.refine(&p.Applications[i]); err != nil {
			return icc.Profile{}, fmt.Errorf("card %s: %w", c.Name, err)
		}
	}
	return p, nil
}

// onChip is what the chip knows of its holder. Its track 2 carries no CVN: a chip's has
// a value of its own (iCVV), so that what was read from it makes no stripe.
func (c *Card) onChip() icc.Holder {
	h := icc.Holder{PAN: c.Entry.PAN, Sequence: c.PSN, Expiry: c.Entry.Expiry, Effective: c.Chip.Effective,
		ServiceCode: c.Entry.ServiceCode, Discretionary: icvv(string(c.Entry.CVN)), Name: icc.Secret(c.holder()), PIN: c.Chip.PIN}
	switch len(c.PSN) {
	case 0:
		h.Sequence = defaultPSN
	case 3: // as field 23 has it
		h.Sequence = c.PSN[1:]
	}
	if h.PIN == "" {
		h.PIN = icc.Secret(c.Entry.PIN.Reveal())
	}
	return h
}

// icvv is the discretionary data of the chip's track 2: that of the stripe, and where
// the CVN would stand other digits.
func icvv(cvn string) card.TrackData {
	if cvn == "000" {
		return card.TrackData(discretionary[:cvnAt] + "999" + discretionary[cvnAt+3:])
	}
	return discretionary
}

// refine changes what the entry says of an application.
func (c *Chip) refine(a *icc.Application) error {
	if method, said := cvms[c.CVM]; said {
		a.CVM = emv.CVMList{Rules: []emv.CVMRule{{Method: method, Condition: emv.CVMAlways}}}
	}
	if bits, said := odas[c.ODA]; said {
		a.AIP.Clear(emv.AIPSDA, emv.AIPDDA, emv.AIPCDA)
		a.AIP.Set(bits...)
	}
	a.Risk = c.Risk
	if c.TapLimit > 0 {
		if a.Tap == nil {
			return fmt.Errorf("tap_limit: the profile %s cannot be tapped", c.Profile)
		}
		a.Tap.Offline = c.TapLimit
	}
	return nil
}
