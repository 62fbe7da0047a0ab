package host

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

// world is a host whose clock a table of text turns. A table has one step a line:
//
//	card A balance=100.00 day=50.00 count=2 per=10.00 status=frozen expiry=2912
//	sale A 10.00 -> 00 A=90.00 A.day=10.00 A.count=1 M=10.00
//	sale A 10.00 stan=7 tid=2 batch=3 cur=840 exp=2501 -> 12
//	again -> 00                the last message again: the answer must be the same, to the byte
//	rev stan=7 A 10.00 -> 00   A or - for the card it carries; of=x repeats F3, F25, F60 and STAN of x
//	clock +24h                 or a time: clock 2026-06-01T23:59:59
//	void A 10.00 of=x -> 00    and refund, preauth, cancel, complete, notice, cvoid, balance
//	qr A 10.00 age=30s -> 00   with a code of card A; code=same shows the last one again
//	signon, signoff, settle 10.00/1 0.00/0, upload, end
//	offline A 10.00 atc=5 -> 00   a sale that the chip approved (chiptable_test.go)
//	due                        what the clock brings
//	unionpay                   from here on the messages are of UnionPay's own dialect: they have a TPDU
//
// as=x names an order for others to follow up. Behind -> stand the code, maybe the
// rule, and registers: A its balance, A.held, A.day and A.count its use today, M what
// the merchant is owed, T the terminal's day, debit and credit of its first batch;
// F44 and the like are fields of the answer. After each line the books must sum to
// zero.
type world struct {
	t     *testing.T
	h     *Host
	clock time.Time
	next  int          // STAN of the next sale
	stan  int          // STAN of the last message
	last  wire.Message // the last request
	first Decision     // and its decision
	log   bytes.Buffer

	named map[string]order
	keys  hsm.WorkingKeys // of the last sign-on
	code  string          // the last payment code
	batch string
	owing bool // a balance below zero is right
	tpdu  []byte
}

// order is one that others follow up.
type order struct{ asked, answer wire.Message }

const tableDefaultBatch = "000001"

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: time.Date(2026, 6, 1, 9, 0, 0, 0, shanghai), named: map[string]order{}, batch: tableDefaultBatch}
	w.h = &Host{
		Now: func() time.Time { return w.clock }, Registry: registry.New(), Book: ledger.NewMemory(),
		TokenKey: []byte("0123456789abcdef"), Acquirer: "48980000",
		Random: rand.NewChaCha8([32]byte{1}),
	}
	w.h.Log = zerolog.New(zerolog.SyncWriter(&w.log))
	return w
}

// table runs a table in a fresh world.
func table(t *testing.T, text string) *world {
	t.Helper()
	w := newWorld(t)
	w.run(text)
	return w
}

func (w *world) run(text string) {
	w.t.Helper()
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := w.step(line); err != nil {
			w.t.Errorf("line %d: %s\n\t%v", n, strings.TrimSpace(line), err)
		}
		if err := w.balanced(); err != nil {
			w.t.Fatalf("line %d: %s\n\t%v", n, strings.TrimSpace(line), err)
		}
	}
}

func (w *world) step(line string) error {
	do, want, _ := strings.Cut(line, "->")
	words := strings.Fields(do)
	verb, args := words[0], words[1:]
	switch verb {
	case "card":
		return w.card(args)
	case "clock":
		return w.turn(args[0])
	case "status":
		return w.h.Registry.SetStatus(pan(args[0]), registry.Status(args[1]))
	case "unionpay":
		w.tpdu = []byte{0x60, 0x06, 0x01, 0, 0}
		return nil
	case "due":
		return w.h.Due(context.Background())
	case "script":
		return w.script(args)
	case "result":
		return w.result(args, want)
	case "signon", "signoff", "settle", "upload", "end":
		return w.manage(verb, args, want)
	case "sale", "rev", "void", "refund", "preauth", "cancel", "complete", "notice", "cvoid", "balance", "qr", "offline":
		m, err := w.message(verb, args)
		if err != nil {
			return err
		}
		w.last, w.first = m, w.h.Decide(context.Background(), Request{Message: m})
		if name := pairs(args)["as"]; name != "" {
			w.named[name] = order{m, w.first.Answer}
		}
		return w.check(w.first, want)
	case "again":
		d := w.h.Decide(context.Background(), Request{Message: w.last})
		if !reflect.DeepEqual(d.Answer, w.first.Answer) {
			return fmt.Errorf("got another answer:\n\t%+v\n\t%+v", d.Answer, w.first.Answer)
		}
		if !d.Repeat {
			return fmt.Errorf("not marked as a repeat")
		}
		return w.check(d, want)
	}
	return fmt.Errorf("no verb %q", verb)
}

// pan of card A is 6222020000000010, of B ...20, and so on.
func pan(name string) card.PAN {
	return card.PAN(fmt.Sprintf("62220200000000%d0", name[0]-'A'+1))
}

func fen(text string) int64 {
	a, err := money.Parse(text, money.CNY)
	if err != nil {
		panic(err)
	}
	return a.Minor
}

func pairs(words []string) map[string]string {
	m := map[string]string{}
	for _, word := range words {
		k, v, _ := strings.Cut(word, "=")
		m[k] = v
	}
	return m
}

func (w *world) card(args []string) error {
	c := registry.Card{PAN: pan(args[0])}
	for k, v := range pairs(args[1:]) {
		switch k {
		case "balance":
			c.Balance = new(fen(v))
		case "day":
			c.DayAmount = new(fen(v))
		case "per":
			c.PerTransaction = new(fen(v))
		case "count":
			n, _ := strconv.ParseInt(v, 10, 64)
			c.DayCount = &n
		case "status":
			c.Status = registry.Status(v)
		case "expiry":
			c.Expiry, _ = card.ParseExpiry(v)
		case "pin":
			c.PIN, _ = hsm.ParsePIN(v)
		case "cvn":
			c.CVN = registry.Digits(v)
		case "keys":
			c.Issuer = chipKeys(v)
		default:
			return fmt.Errorf("no key %q", k)
		}
	}
	if err := w.h.Registry.PutCard(c); err != nil {
		return err
	}
	return w.h.Due(context.Background())
}

func (w *world) turn(to string) error {
	if strings.HasPrefix(to, "+") {
		d, err := time.ParseDuration(to[1:])
		w.clock = w.clock.Add(d)
		return err
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", to, shanghai)
	w.clock = at
	return err
}

// message builds a request as a terminal sends it: card A's sale by F2, or by
// track 2 with via=track; a reversal takes what is not said from the last message.
func (w *world) message(verb string, args []string) (wire.Message, error) {
	m := wire.Message{MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", EntryMode: "012", Condition: "00",
		TID: "00000001", MID: registry.DefaultMID, Currency: money.CNY, Private60: "22" + tableDefaultBatch + "000600"}
	stan := w.next + 1
	m.TPDU = w.tpdu
	m.Private60 = "22" + w.batch + "000600"
	if verb == "rev" {
		m.MTI, m.Currency, stan = wire.MTIReversal, "", w.stan
		m.Code = wire.NoResponse
	} else if k, ok := tableKinds[verb]; ok {
		tx, _ := wire.UnionPay().Transaction(k)
		m.Private60 = "00" + w.batch + "000600"
		tx.Start(&m)
	}
	if args[0] != "-" {
		m.PAN = pan(args[0])
	}
	given := pairs(args)
	if verb != "balance" {
		m.Amount = fen(args[1])
		m.Has.Add(4)
	}
	if name, ok := given["of"]; ok {
		if _, ok := w.named[name]; !ok {
			return m, fmt.Errorf("nothing is called %q", name)
		}
		stan = w.follow(verb, w.named[name], &m, stan)
	}
	if verb == "qr" {
		m.PAN = ""
		if err := w.scan(&m, pan(args[0]), given); err != nil {
			return m, err
		}
	}
	for k, v := range given {
		switch k {
		case args[0], args[min(1, len(args)-1)], "of", "as", "age", "code", "scheme", "atc", "ac", "lie", "flip", "drop":
		case "f22":
			m.EntryMode = v
		case "f39":
			m.Code = wire.Code(v)
		case "f53":
			m.Security = v
		case "f60":
			m.Private60 = v
		case "f25":
			m.Condition = v
		case "f61":
			m.Original = v
		case "rrn":
			m.RRN = v
		case "auth":
			m.AuthCode = v
		case "entry":
			m.EntryMode = v
		case "pin":
			if err := w.enterPIN(&m, v); err != nil {
				return m, err
			}
		case "stan":
			stan, _ = strconv.Atoi(v)
		case "tid":
			m.TID = fmt.Sprintf("%08s", v)
		case "mid":
			m.MID = v
		case "batch":
			if m.Private60 = m.Private60[:2] + fmt.Sprintf("%06s", v) + "000600"; v == "none" {
				m.Private60 = ""
			}
		case "cur":
			m.Currency = money.Currency(v)
		case "exp":
			m.Expiry = v
		case "f3":
			m.ProcessingCode = v
		case "f13":
			m.Date = v
		case "f23":
			m.CardSequence = v
		case "f604":
			m.Private60 = m.Private60[:11] + v
		case "f90":
			m.OriginalData = v + strings.Repeat("0", 42-len(v))
		case "track":
			m.Track2 = card.TrackData(pan(args[0]).Reveal() + "=" + v + "101000")
			m.PAN = ""
		case "disc":
			m.Track2 = card.TrackData(pan(args[0]).Reveal() + "=2912101" + v)
			m.PAN = ""
		default:
			return m, fmt.Errorf("no key %q", k)
		}
	}
	w.stan, w.next = stan, max(w.next, stan)
	m.STAN = fmt.Sprintf("%06d", stan)
	if given["atc"] != "" {
		return m, w.insertChip(&m, pan(args[0]), given)
	}
	return m, nil
}

func (w *world) check(d Decision, want string) error {
	words := strings.Fields(want)
	if len(words) == 0 {
		return fmt.Errorf("nothing is expected of it")
	}
	if got := string(d.Answer.Code); got != words[0] {
		return fmt.Errorf("got code %s (rule %q, %s), want %s", got, d.Rule, d.Note, words[0])
	}
	for _, word := range words[1:] {
		if done, err := w.checkChip(d, word); err != nil {
			return err
		} else if done {
			continue
		}
		name, value, isRegister := strings.Cut(word, "=")
		if !isRegister {
			if d.Rule != word {
				return fmt.Errorf("got rule %q, want %q", d.Rule, word)
			}
			continue
		}
		got := ""
		if number, err := strconv.Atoi(strings.TrimPrefix(name, "F")); err == nil {
			got = fieldText(&d.Answer, number)
		} else {
			got = w.register(name)
		}
		if got != value {
			return fmt.Errorf("got %s=%s, want %s", name, got, value)
		}
	}
	return nil
}

func (w *world) register(name string) string {
	ctx := context.Background()
	switch name {
	case "M":
		n, _ := w.h.Settlement(ctx, registry.DefaultMID)
		return money.Format(n)
	case "T":
		day, _ := w.h.day(w.h.now())
		got, _ := w.h.Book.Read(ctx, ledger.Reg{Kind: ledger.DayAmount, Owner: "terminal:" + registry.DefaultMID + "/00000001", Day: day})
		return money.Format(got[0])
	}
	if name == "debit" || name == "credit" {
		b, _ := w.h.Batch(ctx, registry.DefaultMID, "00000001", 1)
		if name == "debit" {
			return fmt.Sprintf("%s/%d", money.Format(b.Debit), b.DebitCount)
		}
		return fmt.Sprintf("%s/%d", money.Format(b.Credit), b.CreditCount)
	}
	a, _ := w.h.Account(ctx, pan(name))
	switch {
	case strings.HasSuffix(name, ".held"):
		return money.Format(a.Held)
	case strings.HasSuffix(name, ".day"):
		return money.Format(a.DayAmount)
	case strings.HasSuffix(name, ".count"):
		return strconv.FormatInt(a.DayCount, 10)
	}
	return money.Format(a.Balance)
}

// balanced sums the journal from outside: every posting, and all of them.
func (w *world) balanced() error {
	sums := map[ledger.Reg]int64{}
	for p, err := range w.h.Book.Postings(context.Background(), 0) {
		if err != nil {
			return err
		}
		sum := int64(0)
		for _, m := range p.Moves {
			sums[m.Reg] += m.Add
			if m.Reg.Kind.Money() {
				sum += m.Add
			}
		}
		if sum != 0 {
			return fmt.Errorf("posting %d sums to %d", p.Seq, sum)
		}
	}
	total := int64(0)
	for reg, sum := range sums {
		if reg.Kind.Money() {
			total += sum
		}
		if sum < 0 && reg != issuer && !w.owing {
			return fmt.Errorf("%s is %d", reg, sum)
		}
	}
	if total != 0 {
		return fmt.Errorf("the books sum to %d", total)
	}
	return nil
}
