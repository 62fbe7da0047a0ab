package scenarios

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/host/registry"
	"possim/reader/emv"
	"possim/reader/icc"
)

var ring = Keyring()

// cardOf parses a file of one card.
func cardOf(t *testing.T, entry string) *Card {
	t.Helper()
	cards, err := ParseCards("cards.yaml", []byte("possim: 1\ncards:\n  mine: "+entry+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return cards[0]
}

func chipOf(t *testing.T, c *Card) icc.Profile {
	t.Helper()
	p, err := c.Profile(ring)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// records reads the first records of an application from a card of the profile.
func records(t *testing.T, p icc.Profile) emv.List {
	t.Helper()
	p.Protocol = icc.T1
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	var out emv.List
	for _, apdu := range []string{fmt.Sprintf("00A40400%02X%X00", len(p.Applications[0].AID), p.Applications[0].AID), "00B2010C00", "00B2011C00", "00B2021C00"} {
		b, _ := hex.DecodeString(apdu)
		answer, err := c.Transmit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		l, err := emv.Parse(answer[:len(answer)-2])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l.Inside(emv.TagRecordTemplate)...)
	}
	return out
}

// lastDay is 5F24 of the expiries in the list.
var lastDay = map[string]string{"2912": "291231", "2605": "260531"}

// TestChipAgrees: what the chip says is what the entry, the stripe and the host say.
func TestChipAgrees(t *testing.T) {
	for name, c := range catalogCards(t) {
		if c.Chip == nil {
			if c.Entry.HasChip() {
				t.Errorf("%s has no chip, and the host wants its cryptograms", name)
			}
			continue
		}
		p := chipOf(t, c)
		data := records(t, p)
		_, track2, err := c.Tracks()
		if err != nil {
			t.Fatal(err)
		}
		stripe, _, _ := strings.Cut(strings.Trim(track2.Reveal(), ";?"), "=")
		if got := strings.ToUpper(hex.EncodeToString(data.Value(emv.TagTrack2Equivalent))); got != strings.ReplaceAll(strings.Trim(track2.Reveal(), ";?"), "=", "D")+strings.Repeat("F", len(track2.Reveal())%2) {
			t.Errorf("%s: 57 and track 2 disagree", name)
		}
		for tag, want := range map[emv.Tag]string{emv.TagPAN: stripe, emv.TagPANSequence: "01", emv.TagExpirationDate: lastDay[c.Entry.Expiry.YYMM()],
			emv.TagServiceCode: "0201", emv.TagCardholderName: hex.EncodeToString([]byte("TEST/CARD"))} {
			if got := hex.EncodeToString(data.Value(tag)); got != want {
				t.Errorf("%s: %s disagrees with the entry", name, tag.Name())
			}
		}
		if !c.Entry.HasChip() {
			t.Errorf("%s: the host verifies no cryptogram", name)
		}
		for _, a := range p.Applications {
			if m := a.Issuer.Master; !m.AC.Equal(c.Entry.Issuer.AC) || !m.MAC.Equal(c.Entry.Issuer.MAC) || !m.ENC.Equal(c.Entry.Issuer.ENC) {
				t.Errorf("%s: the host has other keys than the chip", name)
			}
			if string(a.Holder.PIN) != c.Entry.PIN.Reveal() {
				t.Errorf("%s: the chip has another PIN", name)
			}
		}
	}
}

func TestChipRefined(t *testing.T) {
	c := cardOf(t, `{pan: 6222020000000247, expiry: 3006, psn: "012", cvn: 000, pin: 4321, service_code: 620, holder: LI/SI, chip: {profile: unionpay-debit,
    faults: [pulled-out@AE:2, stale-data], cvm: offline-plain, oda: sda, offline_pin: 9753, tap_limit: 50.00, effective: 2601, risk: [needs-issuer, always-online]}}`)
	p := chipOf(t, c)
	a := p.Applications[0]
	if got := fmt.Sprint(p.Faults); got != "[pulled-out@AE:2 stale-data]" {
		t.Error("faults", got)
	}
	if len(a.CVM.Rules) != 1 || a.CVM.Rules[0].Method != emv.CVMPlainPIN || a.AIP.Has(emv.AIPDDA) || a.AIP.Has(emv.AIPCDA) || !a.AIP.Has(emv.AIPSDA) {
		t.Errorf("CVM %v, AIP %v", a.CVM, a.AIP)
	}
	if !a.Risk.NeedsIssuer || !a.Risk.AlwaysOnline || a.Risk.AlwaysDecline || a.Tap.Offline != 5000 {
		t.Errorf("risk %+v, tap %d", a.Risk, a.Tap.Offline)
	}
	if a.Holder.PIN != "9753" || a.Holder.Sequence != "12" || a.Holder.Effective.YYMM() != "2601" {
		t.Error("PIN, sequence number or effective date are not the entry's")
	}
	p.Faults = nil
	if track2 := hex.EncodeToString(records(t, p).Value(emv.TagTrack2Equivalent)); track2 != "6222020000000247d30066200000099900"[:len(track2)] || !strings.Contains(track2, "99900") {
		t.Error("the chip's track 2 has the CVN of the stripe")
	}
	if strings.Contains(fmt.Sprintf("%v %+v", p, c), "9753") {
		t.Error("a PIN prints")
	}
}

func TestIssuerKeys(t *testing.T) {
	const chip = "{pan: 6222020000000247, expiry: 3006, chip: unionpay-debit"
	published, none := cardOf(t, chip+"}"), cardOf(t, chip+", keys: none}")
	own := cardOf(t, chip+", keys: {ac: 0123456789ABCDEF1111111111111111}}")
	if !published.Entry.HasChip() || none.Entry.HasChip() || !own.Entry.HasChip() {
		t.Error("the host verifies what it should not, or not what it should")
	}
	want := icc.MasterKeys("unionpay-debit", registry.TestSeed, "6222020000000247")
	if !published.Entry.Issuer.AC.Equal(want.AC) || own.Entry.Issuer.AC.Equal(want.AC) || !own.Entry.Issuer.MAC.Equal(want.MAC) {
		t.Error("keys that are given replace the published ones, and no others")
	}
	if m := chipOf(t, own).Applications[0].Issuer.Master; !m.AC.Equal(own.Entry.Issuer.AC) {
		t.Error("the chip has other keys than its host")
	}
	if m := chipOf(t, none).Applications[0].Issuer.Master; !m.AC.Equal(want.AC) {
		t.Error("without keys for the host the chip has the published ones")
	}
	if elsewhere := cardOf(t, "{pan: 6222020000000247, expiry: 3006, keys: {ac: 0123456789ABCDEF1111111111111111}}"); !elsewhere.Entry.HasChip() {
		t.Error("a host can verify a card that is not made here")
	}
	if _, err := cardOf(t, "{pan: 6222020000000247, expiry: 3006}").Profile(nil); err == nil || !strings.Contains(err.Error(), "has no chip") {
		t.Error(err)
	}
	if _, err := cardOf(t, "{pan: 4111111111111111, expiry: 3006, chip: {profile: visa-cvn18, tap_limit: 1.00}}").Profile(ring); err == nil || !strings.Contains(err.Error(), "cannot be tapped") {
		t.Error(err)
	}
}

// TestRing: the same keys, made once.
func TestRing(t *testing.T) {
	c := catalogCards(t)["chip"]
	with, without := records(t, chipOf(t, c)), func() emv.List {
		p, err := c.Profile(nil)
		if err != nil {
			t.Fatal(err)
		}
		return records(t, p)
	}()
	if !bytes.Equal(with.Bytes(), without.Bytes()) {
		t.Error("a key ring changes the card")
	}
}
