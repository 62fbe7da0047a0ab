package kernel

import (
	"fmt"

	"possim/reader/emv"
)

// Contactless is what a terminal allows a tap (EMV Book A, 5.7, the entry point's
// configuration). Amounts are minor units. The zero value is a careful terminal: every
// tap goes online, and every one wants a CVM.
type Contactless struct {
	// TTQ is what the reader can do, bytes 1 and 4 of 9F66. Left out, it is made of Type,
	// Capabilities and PIN: qPBOC and fDDA 01, and what of contacts, online PIN and
	// signature there is.
	TTQ emv.TTQ

	Limit  int64 // a tap of this much, or more, is not taken; 0: any is
	Floor  int64 // one of more than this goes online
	CVM    int64 // one of this much, or more, wants the cardholder verified
	NoZero bool  // one of nothing is not taken

	// NoPIN and NoSignature are the limits of the small payments that need neither, the
	// limit itself among them: what the card asks for is passed over up to them.
	NoPIN, NoSignature int64
}

// contactless returns what holds for an application: its own, or the terminal's.
func (k *Kernel) contactless(a Application) Contactless {
	if a.Contactless != nil {
		return *a.Contactless
	}
	return k.Contactless
}

// qualifiers is what the reader says it can do, whatever the transaction.
func (k *Kernel) qualifiers(c Contactless) emv.TTQ {
	t := c.TTQ
	if t == (emv.TTQ{}) {
		t.Set(emv.TTQEMVMode, emv.TTQOnlinePIN, emv.TTQFDDA1)
		if k.Capabilities.Has(emv.CanChip) {
			t.Set(emv.TTQContact)
		}
		if k.Capabilities.Has(emv.CanSignature) {
			t.Set(emv.TTQSignature)
		}
		if !k.Capabilities.Has(emv.CanOnlinePIN) {
			t.Clear(emv.TTQOnlinePIN)
		}
	}
	if k.PIN == nil {
		t.Clear(emv.TTQOnlinePIN)
	}
	if k.offlineOnly() {
		t.Set(emv.TTQOfflineOnly)
		t.Clear(emv.TTQOnlinePIN)
	}
	t.Clear(emv.TTQOnlineCryptogram, emv.TTQCVMRequired)
	return t
}

// preprocess is what the entry point does before it looks for a card (EMV Book B, 3.1.1;
// JR/T 0025.12, 6.2): it fills in what the TTQ says of this transaction. Its error says
// why an application takes no tap of this amount.
func (k *Kernel) preprocess(a Application, tx Transaction) (emv.TTQ, error) {
	c, amount := k.contactless(a), tx.Amount.Minor
	t := k.qualifiers(c)
	switch {
	case amount == 0 && (c.NoZero || k.offlineOnly()):
		return t, fmt.Errorf("nothing to pay: this terminal takes no tap for it")
	case c.Limit > 0 && amount >= c.Limit:
		return t, fmt.Errorf("an amount of %d minor units; a tap is taken below %d", amount, c.Limit)
	}
	if amount == 0 || amount > c.Floor || tx.ForceOnline || k.onlineOnly() {
		t.Set(emv.TTQOnlineCryptogram)
	}
	if amount >= c.CVM {
		t.Set(emv.TTQCVMRequired)
	}
	return t, nil
}
