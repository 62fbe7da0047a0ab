package journal_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/scenarios/journal"
)

// chipSale is a sale by chip, with a cryptogram under the keys of an issuer.
func chipSale(t *testing.T, pan string, issuer emv.Keys) (*wire.Message, emv.List, emv.Keys) {
	t.Helper()
	var objects emv.List
	for _, o := range [][2]string{{"9F02", "000000008800"}, {"9F03", "000000000000"}, {"9F1A", "0156"}, {"95", "0000000000"}, {"5F2A", "0156"},
		{"9A", "260601"}, {"9C", "00"}, {"9F37", "01020304"}, {"82", "7C00"}, {"9F36", "0001"}, {"9F10", "07010103A02000010A010000000000AABBCCDD"},
		{"84", "A000000333010101"}, {"5F34", "01"}} {
		tag, err := emv.ParseTag(o[0])
		if err != nil {
			t.Fatal(err)
		}
		value, _ := hex.DecodeString(o[1])
		objects.Add(tag, value)
	}
	keys, err := emv.PBOCCVN01.CardKeys(issuer, card.PAN(pan), "01")
	if err != nil {
		t.Fatal(err)
	}
	arqc, err := emv.PBOCCVN01.Cryptogram(keys, objects)
	if err != nil {
		t.Fatal(err)
	}
	objects.Add(emv.TagCryptogram, arqc)
	m := sale(1)
	m.PAN, m.Track2, m.EntryMode, m.CardSequence, m.Chip = card.PAN(pan), card.TrackData(pan+"=29121010000000000"), "051", "001", objects.Bytes()
	return m, objects, keys
}

// proven is the answer to a chip's request, with the issuer's proof and 9F10 given back.
func proven(t *testing.T, m *wire.Message, objects emv.List, keys emv.Keys, code string) *wire.Message {
	t.Helper()
	proof, err := emv.PBOCCVN01.IssuerAuthentication(keys, objects, emv.Answer{ResponseCode: code})
	if err != nil {
		t.Fatal(err)
	}
	a, chip := approval(m, "615200000001"), emv.List{}
	chip.Add(emv.TagIssuerAuthenticationData, proof)
	chip.Add(0x9F10, objects.Value(0x9F10))
	a.Chip = chip.Bytes()
	return a
}

func testIssuer(pan string) emv.Keys {
	return emv.MasterKeys(registry.TestSeed, emv.RIDUnionPay, pan[:6])
}

// TestProofOfTheIssuer: the issuer's answer to a cryptogram is computed again, with the
// test issuer's keys or the card's own.
func TestProofOfTheIssuer(t *testing.T) {
	const pan = "6222020000000015"
	own := testIssuer("999999") // as good as any others
	for name, test := range map[string]struct {
		issuer emv.Keys
		card   func(card.PAN) (journal.Secrets, bool)
	}{
		"test issuer": {testIssuer(pan), nil},
		"own keys":    {own, func(card.PAN) (journal.Secrets, bool) { return journal.Secrets{Issuer: own}, true }},
	} {
		d := wire.ISO87BCD()
		m, objects, keys := chipSale(t, pan, test.issuer)
		text := journalOf(t, d, nil, exchange{1, m, proven(t, m, objects, keys, "00")})
		wrongKeys := emv.Keys{AC: keys.MAC, MAC: keys.MAC, ENC: keys.ENC}
		otherIAD := func() *wire.Message {
			a := proven(t, m, objects, keys, "00")
			chip, _ := emv.Parse(a.Chip)
			chip.Set(0x9F10, append([]byte{7, 1, 1, 4}, chip.Value(0x9F10)[4:]...))
			a.Chip = chip.Bytes()
			return a
		}
		for _, now := range []struct {
			answer *wire.Message
			want   string
		}{
			{proven(t, m, objects, keys, "00"), ""},
			{proven(t, m, objects, wrongKeys, "00"), "field 55.91: recorded valid, now invalid"},
			{proven(t, m, objects, keys, "05"), "field 55.91: recorded 00, now 05: what the issuer tells the card"},
			{otherIAD(), "field 55.9F10: recorded 07010103"},
		} {
			host := &scripted{d: d, answer: func(*wire.Message) *wire.Message { return now.answer }}
			report := played(t, text, host, journal.Stage{Card: test.card})
			if got := said(report); (report.Missed > 0) != (now.want != "") || !strings.Contains(got, now.want) {
				t.Errorf("%s: got\n%s\nwant %q", name, got, now.want)
			}
		}
	}
}

// TestProofOfARealIssuer: of a real card the cryptogram is made again as the test
// issuer's, and so is what answers it: the log replays against a host with its keys.
func TestProofOfARealIssuer(t *testing.T) {
	d := wire.ISO87BCD()
	m, objects, keys := chipSale(t, real(), testIssuer("123456"))
	text := journalOf(t, d, nil, exchange{1, m, proven(t, m, objects, keys, "00")})
	lines := strings.Split(text, "\n")
	var l journal.Line
	if err := json.Unmarshal([]byte(lines[2]), &l); err != nil || strings.Join(l.Redacted, " ") != "55" {
		t.Fatalf("%v: the answer's redacted fields are %v", err, l.Redacted)
	}
	for _, right := range []bool{true, false} {
		host := &scripted{d: d, answer: func(m *wire.Message) *wire.Message {
			sent, err := emv.Parse(m.Chip)
			if err != nil {
				t.Fatal(err)
			}
			issuer := testIssuer(m.PAN.Reveal())
			if !right {
				issuer.AC = issuer.MAC
			}
			keys, err := emv.PBOCCVN01.CardKeys(issuer, m.PAN, "01")
			if err != nil {
				t.Fatal(err)
			}
			return proven(t, m, sent, keys, "00")
		}}
		if report := played(t, text, host, journal.Stage{}); (report.Missed == 0) != right {
			t.Errorf("the test issuer's keys are right: %t\n%s", right, said(report))
		}
	}
}
