package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/reader/icc"
	"possim/reader/vpcd/vpcdtest"
	"possim/scenarios"
)

// chipSale is a sale with the chip in an attached reader, at a host of its own.
type chipSale struct {
	host  *hostProcess
	state string
}

// chipSaleCards are cards of the catalog. chip-stranger has keys of its own there: the host
// is told that it is of the test issuer.
const chipSaleCards = `
cards:
  sda:        {pan: 6222020000000304, expiry: 2912, chip: unionpay-debit}
  dda:        {pan: 6222020000000312, expiry: 2912, chip: unionpay-debit}
  cda:        {pan: 6222020000000320, expiry: 2912, chip: unionpay-debit}
  enciphered: {pan: 6222020000000254, expiry: 2912, pin: 123456, chip: unionpay-debit}
  plain:      {pan: 6222020000000262, expiry: 2912, pin: 123456, chip: unionpay-debit}
  online:     {pan: 6222020000000270, expiry: 2912, pin: 123456, chip: unionpay-debit}
  wave:       {pan: 6222020000000601, expiry: 2912, pin: 123456, chip: unionpay-debit}
  visa:       {pan: 4111111111111111, expiry: 2912, kind: credit, chip: visa-cvn18}
  stranger:   {pan: 6222020000000437, expiry: 2912, chip: unionpay-debit}
`

func newChipSale(t *testing.T) chipSale {
	t.Helper()
	dir := t.TempDir()
	cards := filepath.Join(dir, "cards.yaml")
	if err := os.WriteFile(cards, []byte(chipSaleCards), 0o600); err != nil {
		t.Fatal(err)
	}
	return chipSale{startHost(t, "--cards", cards), filepath.Join(dir, "state")}
}

// approved wants a sale that the host approved on a cryptogram it verified, and that the
// card certified.
func (s chipSale) approved(t *testing.T, reader string, flags ...string) {
	t.Helper()
	code, got := s.sell(t, reader, flags...)
	if code != exitOK || got.Outcome != "approved" || got.Entry != "chip" || got.Chip == nil || got.Chip.Cryptogram != "TC" {
		t.Fatalf("%s: exit %d, %+v, %+v\n%s", reader, code, got, got.Chip, s.host.log)
	}
	for _, want := range []string{`"cryptogram":"verified"`, `"amount":"12.34"`, `"code":"00"`} {
		s.host.logged(want)
	}
}

// declined wants one whose cryptogram the host did not take.
func (s chipSale) declined(t *testing.T, reader string, flags ...string) {
	t.Helper()
	code, got := s.sell(t, reader, flags...)
	if code != exitFailed || got.Outcome != "declined" || got.Code != "05" || got.Chip == nil || got.Chip.Cryptogram != "AAC" {
		t.Fatalf("%s: exit %d, %+v, %+v\n%s", reader, code, got, got.Chip, s.host.log)
	}
	s.host.logged(`"rule":"cryptogram"`)
}

func (s chipSale) sell(t *testing.T, reader string, flags ...string) (int, emulator.Words) {
	t.Helper()
	return saleJSON(t, append([]string{"12.34", "--reader", reader, "--host", s.host.addr, "--state", s.state}, flags...)...)
}

// TestSaleThroughPCSCD is the whole way, each step a process of its own: `possim emulate
// card` puts a card into a virtual slot of Debian's pcscd, `possim sale` finds it there and
// asks `possim host`, which verifies its ARQC. A card of another issuer's keys is declined
// for that.
func TestSaleThroughPCSCD(t *testing.T) {
	d := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}.Start(t)
	s := newChipSale(t)
	put := func(flags ...string) func() {
		card := startCard(t, d, flags...)
		card.in(t)
		return func() { card.end() }
	}
	for _, c := range []struct{ card, flags string }{
		{"chip-sda", ""}, {"chip-dda", ""}, {"chip-cda", ""}, {"chip-online", "--pin 123456"},
		{"chip-plain", "--pin 123456"}, {"chip-enciphered", "--pin 123456"}, {"chip-visa", ""},
	} {
		out := put("--card", c.card)
		s.approved(t, "pcsc:"+vpcdtest.Reader, strings.Fields(c.flags)...)
		out()
	}
	out := put("--card", "tap-wave", "--contactless")
	if code, got := s.sell(t, "pcsc:"); code != exitOK || got.Entry != "tap" || got.Chip.Cryptogram != "ARQC" {
		t.Errorf("a tap: exit %d, %+v, %+v\n%s", code, got, got.Chip, s.host.log)
	}
	out()
	out = put("--card", "chip-stranger")
	s.declined(t, "pcsc:"+vpcdtest.Reader)
	out()
	out = put("--card", "chip-dda", "--fault", "pulled-out@AE:1")
	if code, got := s.sell(t, "pcsc:"); code != exitFailed || got.Outcome != "refused" || got.Cause != "card-removed" {
		t.Errorf("pulled out: exit %d, %+v", code, got)
	}
	out()
}

// TestSaleAtSerialSlots: the same at a serial chip reader and at a serial pinpad.
func TestSaleAtSerialSlots(t *testing.T) {
	for _, name := range []string{"gempc", "abecs"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newChipSale(t)
			for _, c := range []struct {
				card, profile string
				wants         func(*testing.T, string, ...string)
			}{
				{"chip-dda", "unionpay-debit", s.approved}, {"chip-visa", "visa-cvn18", s.approved}, {"chip-stranger", "unionpay-debit", s.declined},
			} {
				r := startEmulated(t, "--protocol", name, "--chip", c.profile, "--card", c.card)
				c.wants(t, "serial:"+r.link+"?baud=9600&protocol="+name)
			}
		})
	}
}

// BenchmarkSaleThroughPCSCD is one run of possim sale, without the start of a process: the
// card found in pcscd's slot, DDA, the host asked over TCP, two cryptograms, the state
// durable at each step, the slip. The median is the figure; it is to stay under 200 ms.
func BenchmarkSaleThroughPCSCD(b *testing.B) {
	sell := sellerThroughPCSCD(b)
	var all []time.Duration
	for b.Loop() {
		all = append(all, sell())
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms/median")
}

// TestSaleThroughPCSCDTakesNoTime wants one sale of thirty within the figure, which a busy
// machine does not spoil.
func TestSaleThroughPCSCDTakesNoTime(t *testing.T) {
	sell := sellerThroughPCSCD(t)
	best := time.Hour
	for n := 0; n < 30 && best > 200*time.Millisecond; n++ {
		best = min(best, sell())
	}
	t.Logf("a sale through pcscd takes %s", best)
	if best > 200*time.Millisecond {
		t.Error("that is more than 200 ms")
	}
}

// sellerThroughPCSCD sells with a card that stays in its slot, and says how long it took.
func sellerThroughPCSCD(t testing.TB) func() time.Duration {
	d := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}.Start(t)
	entry, err := catalogCard("chip-dda")
	if err != nil {
		t.Fatal(err)
	}
	p, err := entry.Profile(scenarios.Keyring())
	if err != nil {
		t.Fatal(err)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	d.Insert(t, c)
	h, state := startHost(t), t.TempDir()
	sell := func() time.Duration {
		a, stdout, stderr := testApp("")
		a.sleep, a.now = sleep, time.Now
		start := time.Now()
		if code := a.run(t.Context(), []string{"sale", "1.00", "--reader", "pcsc:" + vpcdtest.Reader, "--host", h.addr, "--state", state}); code != exitOK {
			t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
		}
		return time.Since(start)
	}
	sell() // the terminal signs on
	return sell
}
