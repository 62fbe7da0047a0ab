package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
)

// Keys of these tests, which stand nowhere else.
const (
	secretTMK    = "1F2E3D4C5B6A79880123456789ABCDEF"
	otherTMK     = "FEDCBA98765432100123456789ABCDEF"
	secretMaster = "5D2C7A1E9B3F4068A7C5E3D1B2F4960817263544536271809FAEBDCCDBEAF900"
	otherMaster  = "00F9EADBCCBDAE9F80716253443526170896F4B2D1E3C5A768403F9B1E7A2C5D"
	secretPIN    = "739185"
)

// TestKeysStayInside makes a sale with MAC and PIN under keys of its own and looks for
// each of them in all that is left: books, journal, logs, state, output. Restarted with
// its master key the host goes on with the same session; with another, or none, it says so.
func TestKeysStayInside(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	master := filepath.Join(files, "master.key")
	if err := os.WriteFile(master, []byte(secretMaster+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cards := filepath.Join(files, "cards.yaml")
	text := strings.Replace(e2eCards, "account:", "pin: \""+secretPIN+"\", account:", 1)
	if err := os.WriteFile(cards, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db, "--cards", cards, "--tmk", secretTMK, "--key-file", master, "--record", filepath.Join(dir, "j.jsonl"), "--log", "debug")
	args := []string{"12.34", "--swipe", "good", "--host", h.addr, "--state", dir, "--tmk", secretTMK, "--log", "debug"}
	code, out, errs := possim(t, append([]string{"sale", "--pin", secretPIN}, args...)...)
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s%s", code, out, errs, h.log)
	}
	keys := sessionKeys(t, dir, h.addr)
	h.stop()
	secrets := map[string][]byte{
		"TMK": unhexed(t, secretTMK), "master key": unhexed(t, secretMaster), "PIN": []byte(secretPIN),
		"TPK": keys.TPK.Reveal(), "TAK": keys.TAK.Reveal(),
	}
	for name, secret := range secrets {
		lookFor(t, name, secret, map[string][]byte{"stdout": []byte(out), "stderr": []byte(errs), "the host's log": []byte(h.log.String())})
		lookFor(t, name, secret, contents(t, dir))
	}

	h.start()
	code, got := saleJSON(t, args...)
	h.stop()
	if code != exitOK || strings.Count(h.log.String(), `"kind":"sign-on"`) != 1 {
		t.Errorf("after a restart with its keys: exit %d, %+v\n%s", code, got, h.log)
	}
	other := filepath.Join(files, "other.key")
	if err := os.WriteFile(other, []byte(otherMaster), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, more := range map[string][]string{"another master key": {"--key-file", other}, "no master key": nil} {
		code, _, errs := possim(t, append([]string{"host", "--listen", "127.0.0.1:0", "--db", db}, more...)...)
		if code != exitWorld || !strings.Contains(errs, "master key") {
			t.Errorf("%s: exit %d, %s", what, code, errs)
		}
	}
}

// sessionKeys are the working keys of the terminal whose state is in dir.
func sessionKeys(t *testing.T, dir, host string) hsm.WorkingKeys {
	t.Helper()
	s, err := openState(dir, host, "00000001", anHour)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	state, err := s.load()
	if err != nil {
		t.Fatal(err)
	}
	tmk, err := hsm.ParseKey(hsm.TDES, secretTMK)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := hsm.OpenWorkingKeys(tmk, unhexed(t, state.Keys))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func unhexed(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// contents are all files below dir.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found[path], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(found) < 4 {
		t.Fatalf("%d files, %v: what was to be looked at?", len(found), err)
	}
	return found
}

// lookFor wants a secret nowhere, in no writing.
func lookFor(t *testing.T, name string, secret []byte, places map[string][]byte) {
	t.Helper()
	for where, content := range places {
		for _, form := range []string{"%s", "%x", "%X"} {
			if bytes.Contains(content, fmt.Appendf(nil, form, secret)) {
				t.Errorf("%s has the %s (%s)", where, name, form)
			}
		}
	}
}

// TestWrongTMK: a terminal under another master key than the host's refuses the
// working keys it gets, and sells nothing.
func TestWrongTMK(t *testing.T) {
	dir := t.TempDir()
	h := startHost(t, "--cards", cardFile(t, dir), "--tmk", secretTMK)
	code, got := saleJSON(t, "1.00", "--swipe", "good", "--host", h.addr, "--state", dir, "--tmk", otherTMK)
	if code != exitFailed || got.Outcome != emulator.Refused || got.Cause != emulator.BadKeys || got.Note == "" {
		t.Errorf("exit %d, %+v", code, got)
	}
	h.stop()
	if strings.Contains(h.log.String(), `"mti":"0200"`) {
		t.Errorf("something was sold:\n%s", h.log)
	}
}

// TestBadMACPostsNothing sends sales whose MAC is wrong or missing over a bare socket:
// A0, and the books stay as they are.
func TestBadMACPostsNothing(t *testing.T) {
	need(t, "sqlite3")
	dir := t.TempDir()
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db, "--cards", cardFile(t, dir))
	if code, got := saleJSON(t, "1.00", "--swipe", "good", "--host", h.addr, "--state", dir); code != exitOK {
		t.Fatalf("exit %d, %+v", code, got)
	}
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	before := query(t, db, "SELECT count(*) FROM postings")
	for name, forged := range map[string]string{"wrong": "00000000", "missing": ""} {
		m := wire.Message{
			MTI: "0200", ProcessingCode: "000000", Amount: 100, STAN: "000077", Expiry: "2912", EntryMode: "022", Condition: "00",
			Track2: "6222020000000015=29121010000000000", TID: "00000001", MID: "898100054110001", Currency: "156", Private60: "22000001000200",
		}
		if forged != "" {
			m.MAC = []byte(forged)
		}
		if got := converse(t, conn, &m); got.MTI != "0210" || got.Code != wire.MACError || got.RRN != "" {
			t.Errorf("MAC %s: %s with code %s", name, got, got.Code)
		}
	}
	if after := query(t, db, "SELECT count(*) FROM postings"); after != before {
		t.Errorf("%s postings before, %s after", before, after)
	}
	if got := balance(t, db); got != "99900" {
		t.Errorf("balance %s fen, want 99900", got)
	}
}

// converse sends a message in unionpay and returns the answer.
func converse(t *testing.T, conn net.Conn, m *wire.Message) (answer wire.Message) {
	t.Helper()
	frame, err := wire.UnionPay().Encode(nil, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.WriteFrame(conn, frame); err != nil {
		t.Fatal(err)
	}
	if frame, err = wire.ReadFrame(conn, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := wire.UnionPay().Decode(frame, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestAnswerTamperedWith: an approval whose MAC does not hold is no approval. The sale
// is reversed, and the customer keeps the money.
func TestAnswerTamperedWith(t *testing.T) {
	need(t, "sqlite3")
	dir := t.TempDir()
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db, "--cards", cardFile(t, dir))
	between := startProxy(t, h)
	there := []string{"--swipe", "good", "--host", between.addr, "--state", dir}
	if code, got := saleJSON(t, append(there, "1.00")...); code != exitOK {
		t.Fatalf("exit %d, %+v", code, got)
	}
	between.kill(aBit)
	code, got := saleJSON(t, append(there, "2.00")...)
	if code != exitFailed || got.Outcome != emulator.Reversed || got.Cause != emulator.BadMAC || got.Reversal != emulator.ReversalAcknowledged || got.Slip != "" {
		t.Errorf("exit %d, %+v\n%s", code, got, h.log)
	}
	h.stop()
	if got := balance(t, db); got != "99900" {
		t.Errorf("balance %s fen, want 99900", got)
	}
}

// TestPIN: in every dialect the right PIN sells, and a wrong one, which --pin types
// once, is 55.
func TestPIN(t *testing.T) {
	dir := t.TempDir()
	cards := filepath.Join(dir, "cards.yaml")
	text := strings.Replace(e2eCards, "account:", "pin: \""+secretPIN+"\", account:", 1)
	if err := os.WriteFile(cards, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dialect := range wire.Names() {
		h := startHost(t, "--cards", cards, "--dialect", dialect)
		for _, tt := range []struct {
			pin  string
			code int
			want wire.Code
		}{{secretPIN, exitOK, wire.Approved}, {"000000", exitFailed, wire.WrongPIN}} {
			code, got := saleJSON(t, "1.00", "--swipe", "good", "--host", h.addr, "--dialect", dialect, "--state", dir, "--pin", tt.pin)
			if code != tt.code || got.Code != tt.want {
				t.Errorf("%s: exit %d, %+v, want %d and %s\n%s", dialect, code, got, tt.code, tt.want, h.log)
			}
		}
		h.stop()
	}
}

// TestEveryMAC: host and terminal agree in each algorithm, and do not across two.
func TestEveryMAC(t *testing.T) {
	dir := t.TempDir()
	for _, algorithm := range []string{"x9.9", "x9.19", "cmac"} {
		h := startHost(t, "--cards", cardFile(t, dir), "--mac-algorithm", algorithm, "--tmk", secretTMK)
		sale := []string{"1.00", "--swipe", "good", "--host", h.addr, "--tmk", secretTMK}
		if code, got := saleJSON(t, append(sale, "--mac-algorithm", algorithm, "--state", filepath.Join(dir, algorithm))...); code != exitOK {
			t.Errorf("%s: exit %d, %+v", algorithm, code, got)
		}
		if code, got := saleJSON(t, append(sale, "--state", filepath.Join(dir, algorithm+"-ecb"))...); code != exitFailed || got.Code != wire.MACError {
			t.Errorf("%s at the host alone: exit %d, %+v", algorithm, code, got)
		}
		h.stop()
	}
}

// TestKeyBlock: the host takes the TMK in a TR-31 block, the terminal in hex.
func TestKeyBlock(t *testing.T) {
	dir := t.TempDir()
	tmk, err := hsm.ParseKey(hsm.TDES, secretTMK)
	if err != nil {
		t.Fatal(err)
	}
	protection, err := hsm.ParseKey(hsm.AES, otherMaster)
	if err != nil {
		t.Fatal(err)
	}
	block, err := hsm.KeyBlock{Version: 'D', Usage: "K0", Algorithm: 'T', Mode: 'B', KeyVersion: "00", Exportability: 'E'}.Seal(protection, tmk, randomness)
	if err != nil {
		t.Fatal(err)
	}
	h := startHost(t, "--cards", cardFile(t, dir), "--tmk", block, "--kbpk", otherMaster)
	if code, got := saleJSON(t, "1.00", "--swipe", "good", "--host", h.addr, "--state", dir, "--tmk", secretTMK); code != exitOK {
		t.Errorf("exit %d, %+v", code, got)
	}
}

// TestSecretsOnTheCommandLine: what was typed where it does not belong is not repeated.
func TestSecretsOnTheCommandLine(t *testing.T) {
	for _, args := range [][]string{
		{secretTMK}, {"host", secretTMK}, {"host", "--tmk", secretTMK + "0"}, {"host", "--tmk", secretTMK + "xy"}, {"host", "--mac", secretTMK},
		{"host", "--kbpk", secretTMK, "--tmk", "D0112" + secretTMK}, {"sale", secretTMK}, {"sale", "1.00", secretTMK}, {"order", secretTMK},
		{"sale", "1.00", "--swipe", "good", "--pin", secretPIN + "x"}, {"sale", "1.00", "--swipe", "good", "--pin", strings.Repeat(secretPIN, 3)},
		{"host", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "b.db"), "--key-file", secretMaster}, {"explain", secretTMK}, {"order", "sign-on", "--tmk=" + secretTMK + "0"},
	} {
		a, stdout, stderr := testApp("")
		if code := a.run(t.Context(), args); code == exitOK {
			t.Errorf("%v: exit 0", args)
		}
		for _, secret := range []string{secretTMK[:16], secretMaster[:16], secretPIN} {
			if all := stdout.String() + stderr.String(); strings.Contains(all, secret) {
				t.Errorf("%v shows %s:\n%s", args, secret, all)
			}
		}
	}
}
