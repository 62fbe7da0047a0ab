package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"possim/host/money"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/journal"
	"possim/scenarios/sim"
)

var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// config is that of a journal in a dialect, which takes real cards.
func config(t testing.TB, d *wire.Dialect) journal.Config {
	redact, err := journal.NewRedactor(rand.NewChaCha8([32]byte{1}), true)
	if err != nil {
		t.Fatal(err)
	}
	return journal.Config{Dialect: d, Redact: redact, Start: start}
}

// real is the number of a card that nobody may see: an issuer's range, no test list.
func real() string {
	payload := "6228" + "48" + strings.Repeat("0", 3) + "718293645"
	check, _ := card.CheckDigit(payload)
	return payload + string(check)
}

// purchase carries every secret a message can.
func purchase() *wire.Message {
	return &wire.Message{MTI: wire.MTIFinancialRequest, PAN: "6222020000000015", ProcessingCode: "000000", Amount: 8800,
		STAN: "000001", Expiry: "2912", EntryMode: "021", Condition: "00", Track2: card.TrackData("6222020000000015=29121010000000000"),
		TID: "00000001", MID: "898100054110001", Currency: money.CNY, PINBlock: wire.Secret("PINBLOCK"),
		Chip: []byte{0x5A, 8, 0x62, 0x22, 0x02, 0, 0, 0, 0, 0x15}, Private60: "22000001000600"}
}

// TestCardsInFreeText: a number of a card in a field whose text is the sender's own
// choice hides that field, and its frame; what is no card's number stays.
func TestCardsInFreeText(t *testing.T) {
	for text, want := range map[string]string{
		"6222020000000015":           "(16)", // the message's own card
		"x6222020000000015y":         "(18)",
		"call 4111111111111111 now":  "(25)",            // another card
		"411111111111111":            "411111111111111", // 15 digits that fail Luhn
		"01 OPERATOR 20260601090001": "01 OPERATOR 20260601090001",
	} {
		m := &wire.Message{MTI: "0200", STAN: "000001", Track2: "6222020000000015=29121010000000000", Private63: text}
		fields, _ := journal.Masked(m)
		if fields["63"] != want {
			t.Errorf("%q: got %q, want %q", text, fields["63"], want)
		}
	}
}

// TestHexOfWhatHasNoSecrets: an answer without card data keeps its bytes, and
// they decode to the same message.
func TestHexOfWhatHasNoSecrets(t *testing.T) {
	m := &wire.Message{MTI: wire.MTIFinancialAnswer, STAN: "000001", Code: "00", TID: "00000001", MID: "898100054110001"}
	frame, err := wire.ISO87ASCII().Encode(nil, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := journal.NewWriter(&b, config(t, wire.ISO87ASCII()))
	w.Event(journal.Event{At: start.Add(1500 * time.Millisecond), Conn: 2, Frame: frame, Message: m})
	var l journal.Line
	if err := json.Unmarshal([]byte(b.String()), &l); err != nil {
		t.Fatal(err)
	}
	if l.T != 1.5 || l.Conn != 2 || l.Direction != "<" || l.MTI != "0210" || l.Hex == nil || *l.Hex != fmt.Sprintf("%X", frame) {
		t.Errorf("got %+v", l)
	}
}

// TestUnnamedFieldsAreSecret: what nobody knows is not shown.
func TestUnnamedFieldsAreSecret(t *testing.T) {
	m := purchase()
	m.Rest = []wire.Field{{Number: 45, Value: wire.Secret("B6222020000000015^X^")}, {Number: 120, Value: wire.Secret("6222020000000015")}}
	f, red := journal.Masked(m)
	if got := fmt.Sprint(f, red); strings.Contains(got, "6222020000000015") {
		t.Errorf("got %s", got)
	}
	if f["45"] == "" || f["120"] == "" {
		t.Errorf("the fields are not said to be there: %v", f)
	}
}

// TestSecretsOfADay: what a day brings beside card numbers stays out too: payment
// codes, working keys, the cards of a batch.
func TestSecretsOfADay(t *testing.T) {
	details, err := wire.Details48([]wire.Detail{{CardType: "00", STAN: "000001", PAN: "6222020000000015", Amount: 100}})
	if err != nil {
		t.Fatal(err)
	}
	qr := &wire.Message{MTI: wire.MTIFinancialRequest, STAN: "000002"}
	if err := qr.SetScanCode("6211111111111111111"); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*wire.Message{
		"code":    qr,
		"keys":    {MTI: wire.MTINetworkAnswer, STAN: "000003", Private62: []byte("WORKINGKEYS")},
		"batch":   {MTI: wire.MTIBatch, STAN: "000004", Private48: details},
		"pin sm4": {MTI: wire.MTIFinancialRequest, STAN: "000005", QR: "A1016CIPHEREDCIPHERED"},
	} {
		f, red := journal.Masked(m)
		out := fmt.Sprint(f)
		for _, canary := range []string{"6222020000000015", "11111111111", "WORKING", "574F524B", "CIPHERED"} {
			if strings.Contains(out, canary) {
				t.Errorf("%s: %s is in the clear: %s", name, canary, out)
			}
		}
		if len(red) != 1 {
			t.Errorf("%s: got %v, want one field redacted", name, red)
		}
	}
	if f, red := journal.Masked(qr); f["59"] != "A3 621111*********1111" || fmt.Sprint(red) != "[59]" {
		t.Errorf("got %v %v, want the code's mask", f, red)
	}
	totals := &wire.Message{MTI: wire.MTISettlement, Private48: strings.Repeat("0", 62)}
	if _, red := journal.Masked(totals); len(red) != 0 {
		t.Errorf("got %v redacted: sums are no secret", red)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestWriteError: the first error of writing is kept.
func TestWriteError(t *testing.T) {
	w := journal.NewWriter(brokenPipe{}, config(t, wire.UnionPay()))
	w.Header()
	w.Event(journal.Event{Frame: []byte("x")})
	if w.Err() != os.ErrClosed {
		t.Errorf("got %v, want ErrClosed", w.Err())
	}
}

func Example() {
	ctx, clock, dialect := context.Background(), sim.NewClock(start), wire.ISO87ASCII()
	host := &sim.Net{Clock: clock, Latency: 20 * time.Millisecond, Serve: func(context.Context, []byte) []byte { return nil }}

	redact, _ := journal.NewRedactor(rand.NewChaCha8([32]byte{}), false)
	w := journal.NewWriter(os.Stdout, journal.Config{Dialect: dialect, Redact: redact, Start: start, Seed: 7})
	w.Header()
	tap := &journal.Tap{Now: clock.Now, Dialect: dialect, On: w.Event}

	link, _ := tap.Dial(host.Dial)(ctx)
	frame, _ := dialect.Encode(nil, &wire.Message{MTI: "0200", PAN: "6222020000000015", STAN: "000001"}, nil)
	_ = link.Send(ctx, frame)
	// Output:
	// {"format":"possim-journal","version":2,"dialect":"iso87ascii","mac":"ecb","framing":"none","redaction":"surrogate","seed":7,"tool":"possim","start":"2026-06-01T09:00:00Z"}
	// {"t":0,"conn":1,"dir":">","mti":"0200","hex":"3032303034303230303030303030303030303030313636323232303230303030303030303135303030303031","f":{"11":"000001","2":"622202******0015"}}
}
