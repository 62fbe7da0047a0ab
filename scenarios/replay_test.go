package scenarios

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// recordCatalog runs the catalog and returns its journal.
func recordCatalog(t testing.TB, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	o.Record = &b
	if _, err := Run(t.Context(), loadCatalog(t), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replayed plays a journal against the hosts that are built again from it.
func replayed(t testing.TB, text []byte, d *wire.Dialect) journal.Report {
	t.Helper()
	r, err := journal.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	p := journal.Player{Dialect: d, Rand: rand.NewChaCha8([32]byte{}), MostMisses: 1000,
		World:  func(ctx context.Context, w journal.World) (journal.Stage, error) { return Rebuild(ctx, w, sources, d) },
		Source: func(s journal.Source) { sources[s.Path] = s.Text }}
	report, err := p.Play(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestCatalogReplays: every scenario that ships, recorded and played to hosts that are
// built again from the journal alone, gives the answers it gave.
func TestCatalogReplays(t *testing.T) {
	text := recordCatalog(t, Options{Seed: 3, Jobs: 2})
	report := replayed(t, text, wire.UnionPay())
	if report.Scenarios < 100 || report.Requests < 500 || report.Keyless > 0 {
		t.Errorf("got %d scenarios, %d requests, %d of them without keys", report.Scenarios, report.Requests, report.Keyless)
	}
	var b strings.Builder
	report.Print(&b, "j.jsonl")
	if len(report.Misses) > 0 {
		t.Errorf("%s", b.String())
	}
}
