package host

import (
	"context"
	"encoding/hex"
	"strings"

	"possim/host/ledger"
	"possim/host/wire"
	"possim/reader/emv"
)

// chipRecord is what a posting remembers of its cryptogram. The answer's field 55 is
// made of it alone, so that a repeat gets the same bytes whatever keys and scripts the
// issuer has by then.
type chipRecord struct {
	Owner   string               `json:"owner"` // whose counter it is
	ATC     int64                `json:"atc"`
	Proof   map[wire.Code]string `json:"proof,omitempty"`   // 91 in hex, for each code that the book may yet decide
	Scripts string               `json:"scripts,omitempty"` // 71 and 72, in hex
	Sent    []string             `json:"sent,omitempty"`    // 9F18 of each of them
}

// field55 is what goes back to the card: 91, and the scripts. There is nothing for a
// card whose cryptogram was not right, or not the first of its counter.
func (r *chipRecord) field55(code wire.Code) []byte {
	proof, ok := r.Proof[code]
	if !ok {
		return nil
	}
	l := emv.List{emv.New(emv.TagIssuerAuthenticationData, unhex(proof))}
	return append(l.Bytes(), unhex(r.Scripts)...)
}

// lookAtChip verifies a cryptogram that no rule has looked at, since one above had
// refused: a decline too is proved to the card, and its counter is used up.
func (d *deal) lookAtChip(ctx context.Context) error {
	if d.refused == "" || d.kind&(pays|inquiry) == 0 || d.chip.right || d.refused == "cryptogram" || !d.carriesCryptogram() {
		return nil
	}
	if _, problem := d.authenticate(); problem != "" {
		return nil
	}
	return d.lookCounter(ctx)
}

// answerChip prepares the issuer's answer to an ARQC. Which code it will prove is for
// the book to decide, in the step that records it: so there is a proof for each.
func (d *deal) answerChip(rec *record, guards []ledger.Guard) error {
	c := &d.chip
	if !c.right || !c.fresh || d.kind == offline {
		return nil
	}
	proof := map[wire.Code]string{}
	for _, code := range d.codes(guards) {
		value, err := c.scheme.IssuerAuthentication(c.keys, c.objects, emv.Answer{ResponseCode: string(code), StatusUpdate: statusUpdate(code)})
		if err != nil {
			return err
		}
		proof[code] = strings.ToUpper(hex.EncodeToString(value))
	}
	rec.Chip.Proof = proof
	if d.h.BlockLost && d.lostOrStolen() {
		d.h.scripts.block(d.token, d.at)
	}
	templates, sent, err := d.script()
	rec.Chip.Scripts, rec.Chip.Sent = strings.ToUpper(hex.EncodeToString(templates)), sent
	return err
}

// codes are those that may come of a request whose guards the book has still to ask.
func (d *deal) codes(guards []ledger.Guard) []wire.Code {
	codes := []wire.Code{wire.Approved, codeOf(ledger.RuleTombstone), codeOf(ledger.RuleOverflow)}
	if d.refused != "" {
		codes = []wire.Code{d.code, codeOf(ledger.RuleTombstone)}
	}
	for _, g := range guards {
		if g.Rule != "atc" { // two at once: the other one has the proof
			codes = append(codes, codeOf(g.Rule))
		}
	}
	return codes
}

// statusUpdate is the CSU of schemes that answer by method 2 (EMV Book 3 Annex C10):
// whether the issuer approves, and that counters of offline transactions start anew.
func statusUpdate(code wire.Code) (csu [4]byte) {
	const approves, resetCounters = 0x80, 0x02
	if code == wire.Approved {
		csu[1] = approves | resetCounters
	}
	return csu
}
