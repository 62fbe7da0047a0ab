package emulator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
)

// day is a terminal and the real host, with one line between them that can lose
// an answer.
type day struct {
	*world
	host   *host.Host
	handle func(context.Context, []byte) ([]byte, bool)
	config emulator.Config
	inbox  [][]byte
	drop   map[wire.MTI]int
	whys   []string
}

const dayPAN = card.PAN("6222020000000015")

// seeded is randomness for keys that is the same each time.
type seeded struct{ *rand.ChaCha8 }

func newDay(t *testing.T, dialect *wire.Dialect, c emulator.Config) *day {
	t.Helper()
	w := newWorld(t)
	w.dialect, w.tmk = dialect, registry.TestTMK
	d := &day{world: w, config: c, drop: map[wire.MTI]int{}}
	r := registry.New()
	pin, err := hsm.ParsePIN(canaryPIN)
	if err != nil {
		t.Fatal(err)
	}
	entry := registry.Card{PAN: dayPAN, Balance: new(int64(1_000_000_00)), Checks: registry.Checks{PIN: pin}}
	if err := r.PutCard(entry); err != nil {
		t.Fatal(err)
	}
	d.host = &host.Host{
		Now: func() time.Time { return w.now.Add(90 * time.Second) }, Registry: r, Book: ledger.NewMemory(),
		TokenKey: []byte("a key of the whole day"), MAC: host.MACOff, Random: seeded{rand.NewChaCha8([32]byte{7})}, Log: zerolog.Nop(),
		Downloads: host.Downloads{Parameters: []byte("parameters"), CAPKs: [][]byte{unhex(t, "9F0605A0000003339F220101DF050420301231")},
			AIDs: [][]byte{unhex(t, "9F0608A000000333010101DF010100")}},
	}
	if c.MAC != "" {
		d.host.MAC = host.MACRequire
	}
	if err := d.host.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.handle = d.host.Handler(dialect)
	return d
}

func unhex(t *testing.T, s string) (out []byte) {
	t.Helper()
	if _, err := fmt.Sscanf(s, "%X", &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *day) Send(ctx context.Context, frame []byte) error {
	d.sent = append(d.sent, slices.Clone(frame))
	answer, ok := d.handle(ctx, frame)
	var m wire.Message
	if _, err := d.dialect.Decode(answer, &m); !ok || err != nil {
		return err
	}
	if d.drop[m.MTI] > 0 {
		d.drop[m.MTI]--
		return nil
	}
	d.inbox = append(d.inbox, answer)
	return nil
}

func (d *day) Receive(_ context.Context, wait time.Duration) ([]byte, error) {
	if len(d.inbox) == 0 {
		d.now = d.now.Add(wait)
		return nil, wire.ErrNoAnswer
	}
	frame := d.inbox[0]
	d.inbox = d.inbox[1:]
	return frame, nil
}

// do carries out one order with a card, a PIN and, for a code, a fresh one.
func (d *day) do(o emulator.Order) emulator.Outcome {
	d.t.Helper()
	d.now = d.now.Add(10 * time.Second)
	o = d.withCode(o)
	d.swipes, d.pins = []reader.Presentation{good(plainTrack2)}, []string{canaryPIN}
	term := d.terminal(d.config)
	term.Dial = func(context.Context) (wire.Link, error) { return d, nil }
	out, err := term.Do(d.t.Context(), o)
	if err != nil {
		d.t.Fatalf("%s: %v", o.Kind, err)
	}
	return out
}

// withCode shows a fresh code where one is paid with.
func (d *day) withCode(o emulator.Order) emulator.Order {
	if o.Kind != emulator.QR {
		return o
	}
	code, err := registry.IssueCode(registry.UnionPay, dayPAN, d.host.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	o.Code = code
	return o
}

// want does an order and wants one result.
func (d *day) want(result emulator.Result, o emulator.Order) emulator.Outcome {
	d.t.Helper()
	out := d.do(o)
	if out.Result != result {
		d.t.Fatalf("%s: want %s, got %+v", o.Kind, result, out)
	}
	return out
}

func (d *day) balance() int64 {
	a, err := d.host.Account(d.t.Context(), dayPAN)
	if err != nil {
		d.t.Fatal(err)
	}
	return a.Balance
}

func by(out emulator.Outcome) emulator.Original {
	return emulator.Original{Voucher: out.STAN}
}

// trade makes thirty transactions, with a lost answer and voids among them, and
// returns what the cardholder paid and got back.
func (d *day) trade() (debit, credit int64, debits, credits int) {
	pay := func(o emulator.Order) emulator.Outcome {
		out := d.want(emulator.Approved, o)
		debit, debits = debit+out.Amount.Minor, debits+1
		return out
	}
	back := func(o emulator.Order) {
		out := d.want(emulator.Approved, o)
		credit, credits = credit+out.Amount.Minor, credits+1
	}
	for i := range int64(2) {
		first := pay(yuan(emulator.Sale, 1111+i))
		pay(yuan(emulator.QR, 505+i))
		back(of(emulator.Void, 0, by(first)))
		hold := d.want(emulator.Approved, yuan(emulator.PreAuth, 20_000+i))
		done := pay(of(emulator.Completion, 22_999, by(hold)))
		back(of(emulator.CompletionVoid, 0, by(done)))
		d.want(emulator.Approved, of(emulator.PreAuthCancel, 0, by(hold))) // the hold stands again
		other := d.want(emulator.Approved, yuan(emulator.PreAuth, 3000+i))
		d.want(emulator.Approved, of(emulator.PreAuthCancel, 0, by(other)))
		third := pay(yuan(emulator.Sale, 9001+i))
		back(of(emulator.Refund, 100+i, emulator.Original{RRN: third.RRN, Date: third.Date}))
	}
	hold := d.want(emulator.Approved, yuan(emulator.PreAuth, 7000))
	pay(of(emulator.CompletionNotice, 7100, emulator.Original{Auth: hold.Auth, Date: hold.Date}))
	d.drop[wire.MTIFinancialAnswer] = 1
	lost := d.want(emulator.Reversed, yuan(emulator.Sale, 123_456))
	if lost.Cause != emulator.NoAnswer {
		d.t.Fatalf("the lost answer: %+v", lost)
	}
	d.drop[wire.MTIAdviceAnswer] = 2 // answered at the third time
	sold := pay(yuan(emulator.Sale, 4000))
	back(of(emulator.Refund, 4000, by(sold)))
	code := pay(yuan(emulator.QR, 606))
	back(of(emulator.Void, 0, by(code)))
	if out := d.want(emulator.Declined, of(emulator.Refund, 1, by(sold))); out.Code != wire.OriginalAmount {
		d.t.Fatalf("refunded above the sale: %+v", out)
	}
	return debit, credit, debits, credits
}

// TestAWholeDay: power on, sign-on, download, thirty transactions with a lost answer
// and voids among them, settlement balanced to the cent on both sides, sign-off.
func TestAWholeDay(t *testing.T) {
	for _, name := range wire.Names() {
		for _, mac := range []hsm.MACAlgorithm{"", hsm.MACECB} {
			t.Run(fmt.Sprintf("%s mac %q", name, mac), func(t *testing.T) {
				dialect, err := wire.ByName(name)
				if err != nil {
					t.Fatal(err)
				}
				unionpay := name == "unionpay"
				d := newDay(t, dialect, emulator.Config{MAC: mac, PINEntry: mac != "", EncryptTracks: unionpay && mac != ""})
				if unionpay {
					d.config.PINFormat = hsm.ISO3
				}
				d.wholeDay(unionpay)
			})
		}
	}
}

func (d *day) wholeDay(unionpay bool) {
	t := d.t
	opening := d.balance()
	d.want(emulator.Approved, emulator.Order{Kind: emulator.Echo})
	signed := d.want(emulator.Approved, signOn)
	if d.saved.Clock != 90 && unionpay {
		t.Errorf("the host is 90 s ahead, and the clock was set by %d", d.saved.Clock)
	}
	if unionpay {
		d.want(emulator.Approved, emulator.Order{Kind: emulator.Download})
		if tables := d.saved.Tables; len(tables.CAPKs) != 1 || len(tables.AIDs) != 1 {
			t.Errorf("downloaded %+v", tables)
		}
		d.want(emulator.Approved, emulator.Order{Kind: emulator.Status})
	}
	debit, credit, debits, credits := d.trade()
	if out := d.want(emulator.Approved, emulator.Order{Kind: emulator.Balance}); out.Balance == nil || *out.Balance != money.Yuan(d.balance()) {
		t.Errorf("the balance is told as %v, and is %d", out.Balance, d.balance())
	}
	if got := opening - d.balance(); got != debit-credit {
		t.Fatalf("the cardholder paid %d, and the slips say %d", got, debit-credit)
	}
	out := d.want(emulator.Approved, settle)
	sums := out.Settlement.Totals.Domestic
	if !out.Settlement.Balanced() || sums.Debit != debit || sums.Credit != credit || sums.DebitCount != debits || sums.CreditCount != credits {
		t.Fatalf("settled %+v, want %d (%d) and %d (%d)", out.Settlement, debit, debits, credit, credits)
	}
	var number int
	if _, err := fmt.Sscanf(signed.Batch, "%d", &number); err != nil {
		t.Fatal(err)
	}
	books, err := d.host.Batch(t.Context(), registry.DefaultMID, "00000001", number)
	if err != nil || books.Debit != debit || books.Credit != credit {
		t.Fatalf("the host has %+v, %v", books, err)
	}
	d.want(emulator.Approved, emulator.Order{Kind: emulator.SignOff})

	d.now = d.now.AddDate(0, 0, 1) // the next morning
	d.want(emulator.Approved, signOn)
	if next := d.want(emulator.Approved, sale(100)); d.saved.Journal[0].Batch == signed.Batch {
		t.Errorf("batch %s again: %+v", signed.Batch, next)
	}
	if out := d.want(emulator.Approved, settle); !out.Settlement.Balanced() {
		t.Errorf("the second day: %+v", out.Settlement)
	}
}
