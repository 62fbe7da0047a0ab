package scenarios

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"possim/host/hsm"
)

var update = flag.Bool("update", false, "write the golden files")

// catalogCards returns the shipped cards by name.
func catalogCards(t testing.TB) map[string]*Card {
	t.Helper()
	cards, err := CatalogCards()
	if err != nil {
		t.Fatal(err)
	}
	return byName(cards)
}

// TestErrors compares what is said of broken files with testdata/*.err, place,
// source line and caret included. Each file has one mistake or several.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken files: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(path), data, catalogCards(t))
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want Errors", err)
			}
			for _, e := range errs {
				if e.Line < 1 || e.Column < 1 {
					t.Errorf("no place: %v", e)
				}
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".err", errs.Error()+"\n")
		})
	}
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", path, got, want)
	}
}

// TestAllErrorsOfAllFiles: one broken file does not hide another.
func TestAllErrorsOfAllFiles(t *testing.T) {
	_, err := Load([]Source{
		{Path: "a.yaml", Data: []byte("possim: 1\ntag: x\nscenarios:\n  - name: x\n    stpes: []\n")},
		{Path: "b.yaml", Data: []byte("possim: 2\n")},
	})
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %v, want Errors", err)
	}
	seen := map[string]int{}
	for _, e := range errs {
		seen[e.File]++
	}
	if seen["a.yaml"] != 2 || seen["b.yaml"] != 2 {
		t.Errorf("got %v errors by file, want two each:\n%v", seen, err)
	}
}

// TestDesignExamples loads the four situations the language was designed from, as
// the rules of the trade changed them: 600 cm/s where both tracks are to be lost.
func TestDesignExamples(t *testing.T) {
	for _, version := range []string{"posim: 1", "possim: 1"} {
		sources, err := Sources("testdata/design.yaml")
		if err != nil {
			t.Fatal(err)
		}
		sources[0].Data = []byte(strings.Replace(string(sources[0].Data), "posim: 1", version, 1))
		files, err := Load(sources)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Run(t.Context(), files, Options{})
		if err != nil || sum.Passed != 4 || sum.Failed != 0 {
			t.Errorf("%s: got %d passed, %d failed (%v), want 4: %+v", version, sum.Passed, sum.Failed, err, failures(sum))
		}
	}
}

func failures(s Summary) []Failure {
	var out []Failure
	for _, r := range s.Results {
		out = append(out, r.Failures...)
	}
	return out
}

// TestTextStaysAsWritten: codes, numbers and ids are the characters of the file.
func TestTextStaysAsWritten(t *testing.T) {
	f, err := Parse("x.yaml", []byte(`
terminal: {tid: 00000062, mid: 000000000000062}
scenarios:
  - name: 007
    steps:
      - sale: 0010.50
      - swipe: good
        expect: {rc: 00, messages: [{mti: 0200, f: {11: 000001, 22: 021}}]}
`), catalogCards(t))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Scenarios[0]
	if s.Name != "007" || s.Terminal.TID != "00000062" || s.Terminal.MID != "000000000000062" {
		t.Errorf("got %q %q %q", s.Name, s.Terminal.TID, s.Terminal.MID)
	}
	if a := s.Steps[0].Action.(Order).Amount; a.Minor != 1050 {
		t.Errorf("got %d fen, want 1050", a.Minor)
	}
	if got, want := s.Steps[1].Expect[1].Want, "0200 11=000001 22=021"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCardFile: a host's card file is the cards: section of a scenario file, and
// is refused with the same care.
func TestCardFile(t *testing.T) {
	cards, err := ParseCards("cards.yaml", []byte(`
cards:
  a: {pan: 6222020000000015, expiry: 2912, kind: credit, service_code: 201, pin: 123456, cvn: 321, psn: 01,
      account: {status: stop_payment, balance: 12.3, day_limit: 5, day_count: 0, per_transaction: 1000}}
  b: {pan: 6210947000000021, expiry: 3012}
`))
	if err != nil {
		t.Fatal(err)
	}
	a, known := cards[0].Known()
	if !known || a.Status != "stop-payment" || *a.Balance != 1230 || *a.DayAmount != 500 || *a.DayCount != 0 || *a.PerTransaction != 100000 {
		t.Errorf("got %+v", a)
	}
	if pin, err := hsm.ParsePIN("123456"); err != nil || !a.PIN.Equal(pin) || a.CVN != "321" {
		t.Error("PIN or CVN do not reach the host's entry")
	}
	if b := cards[1].Entry; b.Kind != "debit" || b.ServiceCode != "101" || b.Balance != nil || b.DayAmount != nil || b.Status != "" {
		t.Errorf("got %+v, want the defaults", b)
	}
	if _, err := ParseCards("cards.yaml", []byte("possim: 1\n")); err == nil {
		t.Error("a card file without cards was taken")
	}
}

// behind is what stands behind the service code: nothing, or a CVN in its place.
func behind(c *Card) string {
	if c.Entry.CVN != "" {
		return "00000" + string(c.Entry.CVN) + "00"
	}
	return "0000000000"
}

// TestCardTracks: what is on a card of the list is what ISO/IEC 7813 says.
func TestCardTracks(t *testing.T) {
	for _, c := range catalogCards(t) {
		track1, track2, err := c.Tracks()
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		pan, yymm := c.PAN().Reveal(), c.Entry.Expiry.YYMM()
		if want := pan + "=" + yymm + string(c.Entry.ServiceCode) + behind(c); track2.Reveal() != want {
			t.Errorf("%s: track 2 differs", c.Name)
		}
		if !strings.HasPrefix(track1.Reveal(), "B"+pan+"^") {
			t.Errorf("%s: track 1 differs", c.Name)
		}
	}
}
