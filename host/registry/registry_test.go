package registry

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"possim/reader/card"
)

const pan card.PAN = "6222020000000015"

func TestTerminalsByDefault(t *testing.T) {
	r := New()
	for _, c := range []struct {
		mid, tid string
		want     bool
	}{
		{DefaultMID, "00000001", true},
		{DefaultMID, "00010000", true},
		{DefaultMID, "00000000", false},
		{DefaultMID, "00010001", false},
		{DefaultMID, "1", false},
		{DefaultMID, "+0000001", false},
		{DefaultMID, "0000001 ", false},
		{DefaultMID, "", false},
		{"898100054110002", "00000001", false},
	} {
		if _, got := r.Terminal(c.mid, c.tid); got != c.want {
			t.Errorf("terminal %q of %s: got %v, want %v", c.tid, c.mid, got, c.want)
		}
	}
	if _, ok := r.Merchant(DefaultMID); !ok {
		t.Error("the default merchant is not there")
	}
	if _, ok := Empty().Merchant(DefaultMID); ok {
		t.Error("an empty registry knows a merchant")
	}
}

func TestBadEntriesChangeNothing(t *testing.T) {
	cases := []struct {
		field string
		entry Card
	}{
		{"pan", Card{PAN: ""}},
		{"pan", Card{PAN: "622202000000001X"}},
		{"pan", Card{PAN: "62220200000000150000"}},
		{"status", Card{PAN: pan, Status: "frosen"}},
		{"expiry", Card{PAN: pan, Expiry: card.Expiry{Year: 2029, Month: 13}}},
		{"service_code", Card{PAN: pan, ServiceCode: "21"}},
		{"kind", Card{PAN: pan, Kind: "gift"}},
		{"balance", Card{PAN: pan, Balance: new(int64(-1))}},
		{"per_transaction", Card{PAN: pan, Limits: Limits{PerTransaction: new(int64(-1))}}},
		{"day_limit", Card{PAN: pan, Limits: Limits{DayAmount: new(int64(1_000_000_000_000))}}},
		{"day_count", Card{PAN: pan, Limits: Limits{DayCount: new(int64(-1))}}},
	}
	for _, c := range cases {
		r := New()
		err := r.PutCard(c.entry)
		entry, ok := errors.AsType[*EntryError](err)
		if !ok || entry.Field != c.field {
			t.Errorf("%+v: got %v, want a complaint about %s", c.entry, err, c.field)
			continue
		}
		if _, err := r.AddCard(c.entry); err == nil {
			t.Errorf("AddCard takes %+v", c.entry)
		}
		if len(r.Cards()) != 0 {
			t.Errorf("%s: a bad entry was registered", c.field)
		}
		if strings.Contains(err.Error(), "2020000000") {
			t.Errorf("the error shows the card: %v", err)
		}
	}
}

func TestTerminalEntries(t *testing.T) {
	r := New()
	for _, bad := range []Terminal{
		{TID: "123456789", MID: DefaultMID},
		{TID: "00000001", MID: "nobody"},
		{TID: "00000001", MID: DefaultMID, DayAmount: new(int64(-1))},
	} {
		if err := r.PutTerminal(bad); err == nil {
			t.Errorf("took %+v", bad)
		}
	}
	if err := r.PutTerminals(Range{MID: DefaultMID, First: 5, Last: 4}); err == nil {
		t.Error("took an empty run")
	}
	if err := r.PutTerminals(Range{MID: "nobody", First: 1, Last: 4}); err == nil {
		t.Error("took a run of nobody")
	}
	if err := r.PutMerchant(Merchant{}); err == nil {
		t.Error("took a merchant without a number")
	}
	for _, err := range []error{
		r.PutMerchant(Merchant{MID: "898100054110002", DayAmount: new(int64(7))}),
		r.PutTerminals(Range{MID: "898100054110002", First: 20, Last: 21}),
		r.PutTerminal(Terminal{TID: "ABCDEFGH", MID: "898100054110002", DayAmount: new(int64(5))}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	got, ok := r.Terminal("898100054110002", "ABCDEFGH")
	if !ok || *got.DayAmount != 5 {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := r.Terminal("898100054110002", "00000021"); !ok {
		t.Error("a terminal of the run is missing")
	}
}

// TestCopies checks that what comes out cannot change what is inside.
func TestCopies(t *testing.T) {
	r, limit := New(), int64(100)
	if err := r.PutCard(Card{PAN: pan, Limits: Limits{DayAmount: &limit}}); err != nil {
		t.Fatal(err)
	}
	limit = 7
	c, _ := r.Card(pan)
	*c.DayAmount = 8
	if again, _ := r.Card(pan); *again.DayAmount != 100 {
		t.Errorf("got a limit of %d, want 100", *again.DayAmount)
	}
}

func TestPutCardReplacesAndAddCardDoesNot(t *testing.T) {
	r := New()
	if err := r.PutCard(Card{PAN: pan, Status: Frozen}); err != nil {
		t.Fatal(err)
	}
	if c, _ := r.AddCard(Card{PAN: pan}); c.Status != Frozen {
		t.Errorf("AddCard replaced the entry: %s", c.Status)
	}
	if err := r.PutCard(Card{PAN: pan}); err != nil {
		t.Fatal(err)
	}
	if c, _ := r.Card(pan); c.Status != Active {
		t.Errorf("got %s, want active", c.Status)
	}
}

func TestCardsSince(t *testing.T) {
	r := New()
	for _, p := range []card.PAN{"6222020000000031", "6222020000000015", "6222020000000031", "6222020000000023"} {
		if err := r.PutCard(Card{PAN: p, Status: Frozen}); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range []string{"15 23 31", "15 23", "23", ""} {
		var got []string
		for _, c := range r.CardsSince(n) {
			got = append(got, c.PAN.Reveal()[14:])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("since there were %d: got %v, want %v", n, got, want)
		}
	}
}

func TestSetStatus(t *testing.T) {
	r := New()
	if err := r.SetStatus(pan, Frozen); !errors.Is(err, ErrUnknownCard) {
		t.Errorf("got %v, want ErrUnknownCard", err)
	}
	if err := r.PutCard(Card{PAN: pan}); err != nil {
		t.Fatal(err)
	}
	if err := r.SetStatus(pan, "melted"); err == nil {
		t.Error("took an unknown status")
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_ = r.SetStatus(pan, Statuses()[i%5])
			r.Card(pan)
			r.Cards()
		})
	}
	wg.Wait()
}

func ExampleRegistry() {
	r := New()
	_ = r.PutCard(Card{PAN: "6222020000000015", Limits: Limits{DayAmount: new(int64(500_000))}})
	_ = r.SetStatus("6222020000000015", Frozen)
	c, _ := r.Card("6222020000000015")
	fmt.Println(c.PAN, c.Status, *c.DayAmount, c.OpeningBalance())
	// Output: 622202******0015 frozen 500000 100000000
}
