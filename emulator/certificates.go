package emulator

import (
	"fmt"

	"possim/host/wire"
	"possim/reader/emv"
)

// chips are the entries whose card gave a certificate (TC) after the host was asked: each
// is uploaded when the batch is settled. A sale that the card approved by itself was told
// of with its certificate already.
func (s *State) chips() (all []Entry) {
	for _, e := range s.Journal {
		if len(e.Chip) > 0 && e.Kind != wire.OfflineSale {
			all = append(all, e)
		}
	}
	return all
}

// certificate fills in a batch upload that carries one chip transaction, and returns its
// 60.3: 203 and 205 an approval, 204 and 206 one whose issuer the card did not accept; the
// second of each where the sums differ (UnionPay table of F60.3).
func (t *Terminal) certificate(m *wire.Message, e Entry, balanced bool) (network string, err error) {
	m.PAN = t.unlock(e.Sealed, e.STAN).charge.pan
	m.STAN, m.Amount, m.EntryMode, m.CardSequence, m.Chip = e.STAN, e.Amount, e.EntryMode, e.Sequence, e.Chip
	m.Has.Add(4)
	list, err := emv.Parse(e.Chip)
	if err != nil {
		return "", fmt.Errorf("the certificate of %s: %w", e.STAN, err)
	}
	// F62, usages 6 and 7: the card's class (00 UnionPay), response code, amount, currency;
	// of a rejected issuer also which cryptogram was wrong (2 the ARPC) and that it failed.
	detail := fmt.Sprintf("%s%s%012d%s", domestic, wire.Approved, e.Amount, e.Currency)
	tvr, _ := emv.ParseTVR(list.Value(emv.TagTVR))
	rejected := tvr.Has(emv.TVRIssuerAuthenticationFailed)
	if rejected {
		m.Private62 = []byte("71" + detail + "21")
	} else {
		m.Private62 = []byte("61" + detail)
	}
	return map[[2]bool]string{{false, true}: "203", {false, false}: "205", {true, true}: "204", {true, false}: "206"}[[2]bool{rejected, balanced}], nil
}
