//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/host/postgres/pgtest"
)

// startPostgres starts a server of the test's own, with a database for books, and makes a master key.
func startPostgres(t *testing.T) (server *pgtest.Server, url, keyFile string) {
	t.Helper()
	server, err := pgtest.Start()
	if errors.Is(err, pgtest.ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	if url, err = server.Create("books"); err != nil {
		t.Fatal(err)
	}
	keyFile = filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(keyFile, []byte(strings.Repeat("5A", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, url, keyFile
}

// TestPostgresGone kills the database under a load, for longer than the host has patience. The host
// stays silent, the load says so by cause and goes on, and when the database is back the terminals
// reverse what they got no answer to.
func TestPostgresGone(t *testing.T) {
	server, url, keyFile := startPostgres(t)
	h := startHost(t, "--db", url, "--key-file", keyFile, "--walk-in", "--log", "off")
	var out, errs syncBuffer
	cmd := exec.Command("possim", "load", "--host", h.addr, "--terminals", "16", "--connections", "8", "--rate", "40", "--duration", "20s", "--timeout", "2s", "--json")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(4*patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	until(t, "sales", func() bool {
		n, err := server.Ask("books", "SELECT last > 100 FROM possim.book")
		return err == nil && n == "t"
	})
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	back := time.After(6 * time.Second)
	if said, err := exec.Command("possim", "order", "echo", "--host", h.addr, "--tid", "00000100", "--state", t.TempDir()).CombinedOutput(); err != nil {
		t.Errorf("an echo needs no database: %v\n%s", err, said)
	}
	<-back
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("load: %v\n%s%s", err, &out, &errs)
	}
	var got struct {
		loadLine
		Causes map[string]int64
		Orders map[string]int64
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", &out)
	// What is behind was never begun: a busy machine has some.
	if got.Causes["no-answer"] == 0 || got.Codes["00"] == 0 || got.Codes["00"]+got.Errors-got.Causes["behind"] != got.Orders["sale"] {
		t.Errorf("%+v", got)
	}
	standing, err := server.Ask("books", `SELECT count(*) || ' of ' || coalesce(sum((memo::json ->> 'amount')::int), 0) FROM possim.postings p
		WHERE memo::json ->> 'kind' = 'sale' AND refused IS NULL AND NOT EXISTS (SELECT FROM possim.undone u WHERE u.seq = p.seq)`)
	if want := fmt.Sprintf("%d of %[1]d", got.Codes["00"]); err != nil || standing != want {
		t.Errorf("the books have %s fen, %v, the terminals %s", standing, err, want)
	}
}

// TestPostgresMasterKey: under another master key the books do not open, and nothing of them is changed.
func TestPostgresMasterKey(t *testing.T) {
	server, url, keyFile := startPostgres(t)
	h := startHost(t, "--db", url, "--key-file", keyFile, "--log", "off")
	h.stop()
	before, err := server.Ask("books", "SELECT string_agg(name || value, ' ') FROM possim.setting")
	if err != nil || !strings.HasPrefix(before, "token-keykw1:") {
		t.Errorf("got %q, %v", before, err)
	}
	other := filepath.Join(t.TempDir(), "other.key")
	if err := os.WriteFile(other, []byte(strings.Repeat("A5", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := possim(t, "host", "--listen", "127.0.0.1:0", "--db", url, "--key-file", other)
	if code != exitWorld || !strings.Contains(errs, "begun under another master key") || strings.Contains(errs, "kw1:") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if after, err := server.Ask("books", "SELECT string_agg(name || value, ' ') FROM possim.setting"); after != before {
		t.Errorf("got %q, %v", after, err)
	}
}
