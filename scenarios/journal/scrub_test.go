package journal_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/journal"
)

// scan returns what Scan finds in a text.
func scan(t *testing.T, text string) (out []journal.Finding) {
	t.Helper()
	if err := journal.Scan(strings.NewReader(text), func(f journal.Finding) { out = append(out, f) }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestScanFinds: a card in every form in which it stands in logs.
func TestScanFinds(t *testing.T) {
	pan := real()
	short := "622848" + "000112233" // of 16 digits
	check, _ := card.CheckDigit(short)
	short += string(check)
	for name, text := range map[string]string{
		"digits":        "card=" + pan + ",",
		"JSON":          `{"2":"` + pan + `"}`,
		"groups":        short[:4] + " " + short[4:8] + " " + short[8:12] + " " + short[12:],
		"dashes":        short[:4] + "-" + short[4:8] + "-" + short[8:12] + "-" + short[12:],
		"track 2":       ";" + pan + "=29121010000?",
		"track 1":       "%B" + pan + "^A/B^2912101?",
		"packed track":  "0034" + short + "D29121010000000000" + "3030",
		"5A":            "9F36020001" + "5A08" + short + "5F340101",
		"hex of digits": strings.ToUpper(hex.EncodeToString([]byte("x" + short + "y"))),
		"hex of XML":    hex.EncodeToString([]byte(`<field id="2" value="` + pan + `"/>`)),
	} {
		if found := scan(t, "first line\n"+text+"\n"); len(found) != 1 || found[0].Line != 2 || strings.Contains(fmt.Sprint(found), pan) {
			t.Errorf("%s: got %v", name, found)
		}
	}
	for _, dialect := range wire.Names() {
		d, _ := wire.ByName(dialect)
		for _, m := range []*wire.Message{{MTI: "0200", PAN: card.PAN(pan), STAN: "000001"}, {MTI: "0200", PAN: card.PAN(short), Track2: card.TrackData(short + "=2912101")}} {
			frame, err := d.Encode(nil, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			if found := scan(t, fmt.Sprintf("%X", frame)); len(found) == 0 {
				t.Errorf("%s: nothing is found in %s", dialect, m)
			}
		}
	}
}

// TestScanPassesOver: what is no card, and cards of the test list.
func TestScanPassesOver(t *testing.T) {
	for _, text := range []string{
		"6222020000000015 and 4111111111111111", "20260601090000123", "2600000000000000", `"seed":2429941234566283`, "4633413941344445", "3544314431384133", "1700000000000000", "0.6228480011122338",
		"abc6228480001122330def", "62284800011223301234", "898100054110001", `"37":"615200000053"`,
	} {
		if found := scan(t, text); len(found) != 0 {
			t.Errorf("%s: got %v", text, found)
		}
	}
}

// TestScanIsSelective: of random numbers of 16 digits one in ten has a right check
// digit; of what our own messages hold at random far fewer are taken for a card.
func TestScanIsSelective(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	luhn, found := 0, 0
	const n = 20_000
	for range n {
		digits := fmt.Sprintf("%016d", random.Uint64N(1e16))
		if card.PAN(digits).LuhnValid() {
			luhn++
		}
		raw := make([]byte, 60)
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		found += len(scan(t, hex.EncodeToString(raw)))
	}
	if luhn < n/11 || found > n/2000 {
		t.Errorf("of %d numbers %d pass Luhn; in as many frames of random bytes %d cards are found", n, luhn, found)
	}
}

// TestJournalsAreClean: what a Writer writes passes the gate.
func TestJournalsAreClean(t *testing.T) {
	for _, name := range wire.Names() {
		d, _ := wire.ByName(name)
		var b bytes.Buffer
		w := journal.NewWriter(&b, config(t, d))
		w.Header()
		if err := w.Frame(start, 1, true, encodeWhatFits(t, d, everywhere(t, real()))); err != nil {
			t.Fatal(err)
		}
		if found := scan(t, b.String()); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}
