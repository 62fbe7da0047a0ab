package journal_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/scenarios/journal"
)

// everywhere is a message with the card in every field that can hold it.
func everywhere(t testing.TB, pan string) *wire.Message {
	t.Helper()
	var chip emv.List
	aid, _ := hex.DecodeString("A000000333010101")
	iad, _ := hex.DecodeString("07010103A02000010A010000000000AABBCCDD")
	for tag, value := range map[string]string{"9F02": "000000000100", "9F03": "000000000000", "9F1A": "0156", "95": "0000000000",
		"5F2A": "0156", "9A": "260601", "9C": "00", "9F37": "01020304", "82": "7C00", "9F36": "0001", "9F26": "1122334455667788"} {
		raw, _ := hex.DecodeString(value)
		parsed, err := emv.ParseTag(tag)
		if err != nil {
			t.Fatal(err)
		}
		chip.Add(parsed, raw)
	}
	chip.Add(0x84, aid)
	chip.Add(0x9F10, iad)
	chip.Add(0x5F34, []byte{1})
	bcd := pan
	if len(bcd)%2 != 0 {
		bcd += "F"
	}
	packed, _ := hex.DecodeString(bcd)
	chip.Add(emv.TagPAN, packed)
	track := strings.ReplaceAll(pan+"D29121019081736455", "=", "D")
	if len(track)%2 != 0 {
		track += "F"
	}
	raw, _ := hex.DecodeString(track)
	chip.Add(0x57, raw)
	chip.Add(0x9F6B, raw)
	chip.Add(emv.TagCardholderName, []byte("CANARY/BIRD"))
	chip.Add(0x9F1F, []byte("9081736455"))
	chip.Add(0x56, []byte("B"+pan+"^CANARY/BIRD^29121019081736455"))
	return &wire.Message{MTI: wire.MTIFinancialRequest, PAN: card.PAN(pan), ProcessingCode: "000000", Amount: 100,
		STAN: "000001", Expiry: "2912", EntryMode: "051", CardSequence: "001", Condition: "00",
		Track2: card.TrackData(pan + "=29121019081736455"), Track3: card.TrackData("99" + pan + "=1561560000000000000003000000114000090817364550=000000000000=000000000000=00000000"),
		TID: "00000001", MID: "898100054110001", Additional: pan, Currency: "156", PINBlock: wire.Secret("\x90\x81\x73\x64\x55\x90\x81\x73"),
		Chip: chip.Bytes(), QR: "A2014" + "03006" + pan[len(pan)-6:] + "01002" + "04"[:2], Private60: "22000001000600",
		Private62: []byte("note " + pan), Private63: "01 " + pan, MAC: []byte("12345678"),
		Rest: []wire.Field{{Number: 57, Value: wire.Secret("of " + pan)}}}
}

// canaries are the forms in which something of a card could be in a file.
func canaries(pan string) []string {
	out := []string{pan, pan[:12], pan[6:], "CANARY", "9081736455", "908173645590"}
	for _, s := range out {
		out = append(out, strings.ToUpper(hex.EncodeToString([]byte(s))))
	}
	return out
}

// TestNothingRealIsWritten: of a card in every field that can hold one, whole frames and
// frames cut short, nothing reaches a line, in no dialect; and what is written decodes.
func TestNothingRealIsWritten(t *testing.T) {
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		m := everywhere(t, real())
		frame := encodeWhatFits(t, d, m)
		var b strings.Builder
		w := journal.NewWriter(&b, config(t, d))
		w.Header()
		for cut := range frame {
			if err := w.Frame(start, 1, true, frame[:len(frame)-cut]); err != nil {
				t.Fatal(err)
			}
		}
		lines := strings.Split(b.String(), "\n")
		for _, canary := range canaries(real()) {
			if i := strings.Index(strings.ToUpper(b.String()), canary); i >= 0 {
				t.Errorf("%s: %q is in the clear", name, canary)
			}
		}
		var l journal.Line
		if err := json.Unmarshal([]byte(lines[1]), &l); err != nil || l.Hex == nil || l.MAC != journal.Unverified {
			t.Fatalf("%s: %v, got %s", name, err, lines[1])
		}
		var got wire.Message
		mab, err := d.Decode(l.Frame(), &got)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkSurrogate(t, &got)
		seal, _ := hsm.MACECB.Sealer(testTAK(t))
		if err := hsm.Verify(seal, mab, got.MAC); err != nil {
			t.Errorf("%s: %v, want the MAC of the test keys", name, err)
		}
	}
}

// encodeWhatFits encodes m without the fields that a dialect does not have.
func encodeWhatFits(t *testing.T, d *wire.Dialect, m *wire.Message) []byte {
	t.Helper()
	for {
		frame, err := d.Encode(nil, m, nil)
		var wrong *wire.EncodeError
		if err == nil {
			return frame
		}
		if !errors.As(err, &wrong) || wrong.Field < 2 {
			t.Fatal(err)
		}
		t.Logf("%s: %v", d, err)
		m.Clear(wrong.Field)
	}
}

func testTAK(t *testing.T) hsm.Key {
	key, err := hsm.ParseKey(hsm.TDES, "AB7C577CC7A18045")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// checkSurrogate wants one test number in every place, and a cryptogram that the test
// issuer verifies.
func checkSurrogate(t *testing.T, m *wire.Message) {
	t.Helper()
	pan := m.PAN.Reveal()
	if !card.IsTest(m.PAN) || !m.PAN.LuhnValid() || len(pan) != 19 {
		t.Errorf("got %s of %d digits, want a test number of 19", m.PAN, len(pan))
	}
	if want := pan + "=29121010000000000"; !strings.HasPrefix(want, m.Track2.Reveal()) || len(m.Track2) < 30 {
		t.Errorf("track 2 has %d characters and is not rebuilt", len(m.Track2))
	}
	chip, err := emv.Parse(m.Chip)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimRight(fmt.Sprintf("%X", chip.Value(emv.TagPAN)), "F"); got != pan {
		t.Errorf("5A is another card than field 2")
	}
	scheme, err := emv.SchemeOf(chip.Value(0x84), chip.Value(0x9F10))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := scheme.CardKeys(icc.MasterKeys("unionpay-debit", registry.TestSeed, m.PAN), m.PAN, "01")
	if err != nil {
		t.Fatal(err)
	}
	if err := scheme.Verify(keys, chip); err != nil {
		t.Errorf("9F26: %v", err)
	}
}

// TestRealCardStopsTheRecording: without leave nothing of it is written, and nothing
// after it.
func TestRealCardStopsTheRecording(t *testing.T) {
	redact, err := journal.NewRedactor(rand.NewChaCha8([32]byte{}), false)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := journal.NewWriter(&b, journal.Config{Dialect: wire.UnionPay(), Redact: redact, Start: start})
	test, _ := wire.UnionPay().Encode(nil, purchase(), nil)
	secret, _ := wire.UnionPay().Encode(nil, &wire.Message{MTI: "0200", Track2: card.TrackData(real() + "=2912101")}, nil)
	for i, frame := range [][]byte{test, secret, test} {
		err := w.Frame(start, 1, true, frame)
		var real *journal.RealCardError
		if (i > 0) != errors.As(err, &real) {
			t.Errorf("frame %d: %v", i, err)
		}
	}
	if strings.Count(b.String(), "\n") != 1 || !strings.Contains(w.Err().Error(), "--redact") || strings.Contains(w.Err().Error(), real()) {
		t.Errorf("%v\n%s", w.Err(), b.String())
	}
}

// TestSurrogatesAreConsistent: one number a card within a file, another in the next.
func TestSurrogatesAreConsistent(t *testing.T) {
	pans := func(key byte) (out []string) {
		redact, _ := journal.NewRedactor(rand.NewChaCha8([32]byte{key}), true)
		var b strings.Builder
		w := journal.NewWriter(&b, journal.Config{Dialect: wire.UnionPay(), Redact: redact, Start: start})
		for _, pan := range []string{real(), "6228480000000000", real()} {
			frame, err := wire.UnionPay().Encode(nil, &wire.Message{MTI: "0200", PAN: card.PAN(pan)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = w.Frame(start, 1, true, frame)
		}
		for line := range strings.Lines(b.String()) {
			var l journal.Line
			var m wire.Message
			_ = json.Unmarshal([]byte(line), &l)
			_, _ = wire.UnionPay().Decode(l.Frame(), &m)
			out = append(out, m.PAN.Reveal())
		}
		return out
	}
	first, second := pans(1), pans(2)
	if first[0] != first[2] || first[0] == first[1] || first[0] == second[0] || len(first[0]) != 19 || len(first[1]) != 16 {
		t.Errorf("got %v and %v", first, second)
	}
}

// TestMACKeepsItsWorth: with the keys of a sign-on a MAC that was wrong stays wrong.
func TestMACKeepsItsWorth(t *testing.T) {
	d := wire.UnionPay()
	tak, _ := hsm.ParseKey(hsm.TDES, "1122334455667788")
	tpk, _ := hsm.ParseKey(hsm.TDES, "11223344556677888877665544332211")
	block, err := hsm.Double.Build(registry.TestTMK, hsm.WorkingKeys{TPK: tpk, TAK: tak})
	if err != nil {
		t.Fatal(err)
	}
	seal, _ := hsm.MACECB.Sealer(tak)
	signOn, _ := d.Encode(nil, &wire.Message{MTI: "0810", Code: "00", TID: "00000001", MID: "898100054110001", Private60: "00000001003", Private62: block}, nil)
	good, _ := d.Encode(nil, purchase(), seal)
	bad, _ := d.Encode(nil, purchase(), func([]byte) ([]byte, error) { return []byte("00000000"), nil })
	var b strings.Builder
	w := journal.NewWriter(&b, config(t, d))
	for _, frame := range [][]byte{good, signOn, good, bad} {
		_ = w.Frame(start, 1, true, frame)
	}
	var worth []journal.Seal
	test, _ := hsm.MACECB.Sealer(testTAK(t))
	for line := range strings.Lines(b.String()) {
		var l journal.Line
		var m wire.Message
		_ = json.Unmarshal([]byte(line), &l)
		mab, err := d.Decode(l.Frame(), &m)
		if err != nil {
			t.Fatal(err)
		}
		worth = append(worth, l.MAC)
		if valid := hsm.Verify(test, mab, m.MAC) == nil; valid == (l.MAC == journal.Invalid) && l.MAC != journal.Unsealed {
			t.Errorf("%s: the MAC written is valid: %t", l.MAC, valid)
		}
		if w, err := hsm.OpenWorkingKeys(registry.TestTMK, m.Private62); m.MTI == "0810" && (err != nil || !w.TAK.Equal(testTAK(t))) {
			t.Errorf("the sign-on does not bring the test keys: %v", err)
		}
	}
	if got := fmt.Sprint(worth); got != "[unverified  valid invalid]" {
		t.Errorf("got %s", got)
	}
}
