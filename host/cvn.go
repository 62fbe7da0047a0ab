package host

import (
	"crypto/subtle"

	"possim/host/hsm"
)

// behindPVV is where the verification value stands in track 2's discretionary data
// unless the card's entry says another place: behind PVKI (1) and PVV (4), as Visa's
// tracks have it.
const behindPVV = 5

// cvnRight verifies the value on track 2 for a card whose entry has one. Three
// digits are those of the stripe; under a key a chip's track has its own (iCVV).
// A number typed in has no track, and nothing to verify.
func (d *deal) cvnRight() bool {
	c := &d.card.Checks
	chip := d.chipEntry()
	if !c.HasCVN() || d.track.PAN == "" || chip && c.CVK.Zero() {
		return true
	}
	at := c.CVNAt
	if at == 0 {
		at = behindPVV
	}
	data := d.track.Discretionary.Reveal()
	if len(data) < at+3 {
		d.note = "track 2 carries no verification value"
		return false
	}
	got, right := data[at:at+3], false
	if c.CVK.Zero() {
		right = subtle.ConstantTimeCompare([]byte(got), []byte(c.CVN)) == 1
	} else {
		code := d.track.ServiceCode
		if chip {
			code = hsm.ForICVV
		}
		right, _ = hsm.VerifyCVV(c.CVK, d.pan, d.track.Expiry.String(), code, got) // an error: not its value
	}
	if !right {
		d.note = "the verification value on track 2 is not the card's"
	}
	return right
}
