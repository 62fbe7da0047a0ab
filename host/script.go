package host

import (
	"errors"
	"fmt"
	"slices"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/reader/card"
	"possim/reader/emv"
)

// Script is one order of the issuer to a card's chip (EMV Book 3, 6.5).
type Script struct {
	Do    ScriptAct
	PIN   hsm.PIN // the new one, of ChangePIN
	Tag   emv.Tag // of PutData: TagPBOCCumulativeLimit
	Value []byte  // of PutData
	First bool    // in template 71, before the second GENERATE AC; else in 72, behind it
}

// ScriptAct is what a script has the card do.
type ScriptAct string

// The acts.
const (
	BlockApplication   ScriptAct = "block application"
	UnblockApplication ScriptAct = "unblock application"
	BlockCard          ScriptAct = "block card"
	UnblockPIN         ScriptAct = "unblock PIN" // gives the tries back
	ChangePIN          ScriptAct = "change PIN"  // and gives the tries back
	PutData            ScriptAct = "put data"
)

// DefaultScriptTries is how often a script is sent that no card reports done.
const DefaultScriptTries = 3

// Script queues orders for a card. They go with the next answers to a cryptogram of its
// chip that is right, as many as fit, and again until a 0620 reports them done, or they
// were sent ScriptTries times. It returns their identifiers (9F18), in hexadecimal.
//
// The queue lasts as long as the host. A PIN that is changed is the chip's: what the
// issuer verifies online is the registry's, and changed there.
func (h *Host) Script(pan card.PAN, orders ...Script) ([]string, error) {
	c, ok := h.Registry.Card(pan)
	if !ok {
		return nil, fmt.Errorf("script for card %s: %w", pan, registry.ErrUnknownCard)
	}
	for i := range orders {
		if err := orders[i].check(c.Issuer); err != nil {
			return nil, fmt.Errorf("script for card %s: %w", pan, err)
		}
	}
	return h.scripts.add(h.Token(pan), h.now(), orders), nil
}

// Scripts is what became of the orders for a card, the oldest first.
func (h *Host) Scripts(pan card.PAN) []ScriptState { return h.scripts.all(h.Token(pan)) }

func (h *Host) scriptTries() int {
	if h.ScriptTries == 0 {
		return DefaultScriptTries
	}
	return h.ScriptTries
}

func (s *Script) check(keys emv.Keys) error {
	switch {
	case keys.AC.Zero() || keys.MAC.Zero():
		return errors.New("its entry has no keys of its issuer for cryptograms and scripts")
	case !slices.Contains([]ScriptAct{BlockApplication, UnblockApplication, BlockCard, UnblockPIN, ChangePIN, PutData}, s.Do):
		return fmt.Errorf("%q is nothing a card can be told", string(s.Do))
	case s.Do == ChangePIN && s.PIN.Zero():
		return errors.New("there is no PIN to change to")
	case s.Do == ChangePIN && keys.ENC.Zero():
		return errors.New("its entry has no key of its issuer to encipher a PIN with")
	case s.Do == PutData && (s.Tag == 0 || s.Tag > 0xFFFF || len(s.Value) == 0 || len(s.Value) > 64):
		return errors.New("PUT DATA wants a tag of one or two bytes and a value of 1 to 64")
	}
	return nil
}

// instructions of the acts without data.
var plainActs = map[ScriptAct]byte{BlockApplication: emv.InsApplicationBlock, UnblockApplication: emv.InsApplicationUnblock,
	BlockCard: emv.InsCardBlock, UnblockPIN: emv.InsPINChange}

// command is the order as the card gets it, in 86.
func (s *Script) command(scheme emv.Scheme, keys emv.Keys, src emv.Source) ([]byte, error) {
	switch s.Do {
	case ChangePIN:
		return scheme.PINChange(keys, src, s.PIN.Reveal(), "")
	case PutData: // class 04, as VIS and PBOC have it
		return scheme.Protect(keys, src, emv.Command{CLA: 0x04, INS: emv.InsPutData, P1: byte(s.Tag >> 8), P2: byte(s.Tag), Data: s.Value})
	}
	return scheme.Protect(keys, src, emv.Command{CLA: 0x84, INS: plainActs[s.Do]})
}

// script makes field 55's templates of what is queued for the card, those before the
// second GENERATE AC first, each with its own identifier. More than emv.MaxScriptBytes
// no terminal has to take: the rest waits.
func (d *deal) script() (templates []byte, sent []string, err error) {
	waiting := d.h.scripts.waiting(d.token)
	if len(waiting) == 0 || d.card.Issuer.MAC.Zero() {
		return nil, nil, nil
	}
	keys, err := d.cardKeys(d.card.Issuer)
	if err != nil {
		return nil, nil, err
	}
	for _, q := range waiting {
		src := d.chip.scheme.ScriptSource(d.chip.objects, len(sent))
		command, err := q.Script.command(d.chip.scheme, keys, src)
		if err != nil {
			return nil, nil, err
		}
		tag := emv.TagScriptTemplate2
		if q.First {
			tag = emv.TagScriptTemplate1
		}
		one := emv.Template(tag, emv.New(emv.TagScriptID, unhex(q.ID)), emv.New(emv.TagScriptCommand, command)).Bytes()
		if len(templates)+len(one) > emv.MaxScriptBytes {
			break
		}
		templates, sent = append(templates, one...), append(sent, q.ID)
	}
	return templates, sent, nil
}

func (d *deal) lostOrStolen() bool {
	return d.card.Status == registry.Lost || d.card.Status == registry.Stolen
}
