package journal

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
)

// Tags that carry tracks beside those the books mark as secret.
const (
	tagTrack1     = emv.Tag(0x56)
	tagTrack2     = emv.Tag(0x57)
	tagTrack2MSD  = emv.Tag(0x9F6B)
	tagCryptogram = emv.Tag(0x9F26)
	tagIAD        = emv.Tag(0x9F10)
	tagAID        = emv.Tag(0x84)
	tagPSN        = emv.Tag(0x5F34)
)

// meetChip meets the cards that field 55 names.
func (p *pass) meetChip(data []byte) {
	objects, _ := emv.Parse(data)
	p.meetObjects(objects)
}

func (p *pass) meetObjects(objects emv.List) {
	for _, o := range objects {
		p.meetObjects(o.List)
		switch o.Tag {
		case emv.TagPAN:
			p.meet(strings.TrimRight(packed(o.Value), "F"))
		case tagTrack2, tagTrack2MSD:
			pan, _, _ := cutTrack(packed(o.Value))
			p.meet(pan)
		case tagTrack1:
			if t, err := card.ParseTrack1(card.TrackData(o.Value)); err == nil {
				p.meet(t.PAN.Reveal())
			}
		}
	}
}

// chip rewrites field 55. Where the card's number changes, its cryptogram is made
// again as a test card's with the surrogate's number would have made it.
func (p *pass) chip() {
	if len(p.m.Chip) == 0 {
		return
	}
	objects, err := emv.Parse(p.m.Chip)
	if err != nil {
		p.m.Chip = make([]byte, len(p.m.Chip)) // zeros are padding: no object is left
		p.mark(55)
		return
	}
	changed := p.objects(objects)
	if len(p.swaps) > 0 && objects.Has(tagCryptogram) {
		changed = p.certify(&objects) || changed
	}
	if changed {
		p.m.Chip = objects.Bytes()
		p.mark(55)
	}
}

// objects rewrites data objects, those inside others too.
func (p *pass) objects(all emv.List) (changed bool) {
	for i, o := range all {
		if len(o.List) > 0 {
			changed = p.objects(o.List) || changed
			continue
		}
		if value := p.object(o); !slices.Equal(value, o.Value) {
			changed, all[i].Value = true, value
		}
	}
	return changed
}

// object returns what is written of one data object.
func (p *pass) object(o emv.TLV) []byte {
	switch o.Tag {
	case emv.TagPAN:
		pan := strings.TrimRight(packed(o.Value), "F")
		return pack(p.meet(pan), 2*len(o.Value))
	case tagTrack2, tagTrack2MSD:
		track := strings.TrimRight(packed(o.Value), "F")
		return pack(strings.ReplaceAll(p.track2(strings.ReplaceAll(track, "D", "=")), "=", "D"), 0)
	case tagTrack1:
		return []byte(p.track1(card.TrackData(o.Value)))
	}
	if o.Tag.Secret() {
		return []byte(strings.Repeat("0", len(o.Value)))
	}
	for _, s := range p.swaps {
		if strings.Contains(packed(o.Value), s.from) || strings.Contains(string(o.Value), s.from) {
			return make([]byte, len(o.Value))
		}
	}
	return o.Value
}

// certify makes the cryptogram again with the published test issuer's keys. One whose
// scheme is not known is left: nobody can verify it.
func (p *pass) certify(objects *emv.List) bool {
	keys, scheme, err := issuerKeys(p.swaps[0].to, p.m, *objects, emv.Keys{})
	if err != nil {
		return false
	}
	made, err := scheme.Cryptogram(keys, objects)
	if err != nil {
		return false
	}
	objects.Set(tagCryptogram, made)
	return true
}

var errNoNumber = errors.New("no number of a card")

// issuerKeys are the keys that a card has from its issuer's; without those from the
// published test issuer's.
func issuerKeys(pan string, m *wire.Message, objects emv.List, issuer emv.Keys) (emv.Keys, emv.Scheme, error) {
	if len(pan) < card.MinPAN {
		return emv.Keys{}, emv.Scheme{}, errNoNumber
	}
	aid := objects.Value(tagAID)
	if len(aid) == 0 {
		aid = objects.Value(emv.TagAID)
	}
	scheme, err := emv.SchemeOf(aid, objects.Value(tagIAD))
	if err != nil {
		return emv.Keys{}, scheme, err
	}
	rid := emv.RIDUnionPay
	if len(aid) >= len(rid) {
		rid = emv.RID(aid[:len(rid)])
	}
	sequence := packed(objects.Value(tagPSN))
	if sequence == "" && len(m.CardSequence) == 3 {
		sequence = m.CardSequence[1:]
	}
	if issuer.AC.Zero() {
		issuer = emv.MasterKeys(registry.TestSeed, rid, pan[:6])
	}
	keys, err := scheme.CardKeys(issuer, card.PAN(pan), sequence)
	return keys, scheme, err
}

// packed are the digits of a compressed value.
func packed(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// pack compresses digits, filled with F to n of them, or to whole bytes.
func pack(digits string, n int) []byte {
	digits += strings.Repeat("F", max(0, n-len(digits)))
	if len(digits)%2 != 0 {
		digits += "F"
	}
	out, _ := hex.DecodeString(digits) // digits and letters of our own
	return out
}
