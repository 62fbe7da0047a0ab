package journal

import (
	"cmp"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// tracks rebuilds tracks 2 and 3 around the card's number: the expiry date and the
// service code stay, what is the issuer's own (PVV, CVV) becomes zeros.
func (p *pass) tracks() {
	if p.m.Track2 != "" {
		if enciphered(p.m) {
			p.m.Track2 = p.enciphered(p.m.Track2)
		} else {
			p.m.Track2 = card.TrackData(p.track2(p.m.Track2.Reveal()))
		}
		p.mark(35)
	}
	if p.m.Track3 != "" {
		p.m.Track3 = card.TrackData(p.track3(p.m.Track3))
		p.mark(36)
	}
	for i, f := range p.m.Rest {
		if f.Number == 45 {
			p.m.Rest[i].Value = wire.Secret(p.track1(card.TrackData(f.Value)))
			p.mark(45)
		}
	}
	for _, number := range []int{35, 36} {
		p.m.Pads = withoutPad(p.m.Pads, number)
	}
}

func withoutPad(pads []wire.Pad, number int) []wire.Pad {
	var out []wire.Pad
	for _, pad := range pads {
		if pad.Field != number {
			out = append(out, pad)
		}
	}
	return out
}

// enciphered reports whether the tracks of m are (F53.3 = 1).
func enciphered(m *wire.Message) bool { return len(m.Security) > 2 && m.Security[2] == '1' }

// enciphered rebuilds an enciphered track 2 under the test TDK. Where the session's
// TDK is not known the number is what stands in clear before the eight bytes that are
// enciphered, and all behind it is made up.
func (p *pass) enciphered(t card.TrackData) card.TrackData {
	clear := p.decipher(t)
	out, err := hsm.EncryptTrack2(testKeys.TDK, card.TrackData(p.track2(clear)))
	if err != nil { // too short to be enciphered
		return card.TrackData(p.track2(clear))
	}
	return out
}

// decipher returns an enciphered track 2 in clear, as far as that can be had.
func (p *pass) decipher(t card.TrackData) string {
	if !p.keys.TDK.Zero() {
		if clear, err := hsm.DecryptTrack2(p.keys.TDK, t); err == nil {
			return clear.Reveal()
		}
	}
	s := strings.ToUpper(strings.ReplaceAll(t.Reveal(), "=", "D"))
	seen := s[:max(0, 2*((len(s)+1)/2-9))]
	pan, _, ok := cutTrack(seen)
	if !ok {
		pan = seen
	}
	rest := cmp.Or(p.m.Expiry, "0000") + "000"
	return pan + "=" + rest + strings.Repeat("0", max(0, len(s)-len(pan)-1-len(rest)))
}

// track2 keeps number, expiry and service code.
func (p *pass) track2(track string) string {
	t, err := card.ParseTrack2(card.TrackData(track))
	if err == nil {
		pan := t.PAN.Reveal()
		t.PAN = card.PAN(p.meet(pan))
		t.Discretionary = card.TrackData(hollow(t.Discretionary.Reveal(), 0))
		if data, err := t.Data(); err == nil {
			return fitTrack(data.Reveal(), card.MaxTrack2)
		}
	}
	pan, rest, ok := cutTrack(track)
	if !ok {
		return strings.Repeat("0", len(track))
	}
	return fitTrack(p.meet(pan)+"="+hollow(rest, 7), card.MaxTrack2)
}

// fitTrack cuts what a longer number pushed out at the end, which is zeros.
func fitTrack(track string, most int) string { return track[:min(len(track), most)] }

// hollow puts zeros in the place of all digits but the first keep; separators stay.
func hollow(s string, keep int) string {
	out := []byte(s)
	for i := min(keep, len(out)); i < len(out); i++ {
		if out[i] != '=' {
			out[i] = '0'
		}
	}
	return string(out)
}

// track3 keeps number, expiry and what says of whose layout it is.
func (p *pass) track3(track card.TrackData) string {
	t, err := card.ParseTrack3(track)
	if err != nil {
		return strings.Repeat("0", len(track))
	}
	if t.PAN != "" {
		t.PAN = card.PAN(p.meet(t.PAN.Reveal()))
	}
	for _, secret := range []*card.TrackData{&t.Account, &t.PINControl, &t.Security, &t.SAN1, &t.SAN2, &t.CryptoCheck, &t.Additional, &t.Own} {
		*secret = card.TrackData(hollow(secret.Reveal(), 0))
	}
	if data, err := t.Data(); err == nil && len(data) <= card.MaxTrack3 {
		return data.Reveal()
	}
	return strings.Repeat("0", len(track))
}

// track1 keeps number, expiry and service code; the name becomes a made-up one.
func (p *pass) track1(track card.TrackData) string {
	t, err := card.ParseTrack1(track)
	if err != nil {
		return strings.Repeat("0", len(track))
	}
	t.PAN, t.Name = card.PAN(p.meet(t.PAN.Reveal())), "TEST/CARD"
	t.Discretionary = card.TrackData(hollow(t.Discretionary.Reveal(), 0))
	if data, err := t.Data(); err == nil && len(data) <= card.MaxTrack1 {
		return data.Reveal()
	}
	return strings.Repeat("0", len(track))
}
