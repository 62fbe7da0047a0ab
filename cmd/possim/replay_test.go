package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/journal"
)

// realCard is a number as an issuer gives them out, made here so that it stands in no
// file of this repository.
func realCard() string {
	payload := "6228" + "48" + strings.Repeat("1", 2) + "3092750"
	check, _ := card.CheckDigit(payload)
	return payload + string(check)
}

// lostAnswer is a session with a sale, one whose answer is lost and that is reversed,
// and a balance inquiry.
func lostAnswer(pan string) string {
	return `possim: 1
cards:
  bird: {pan: "` + pan + `", expiry: 2912, holder: CANARY/YELLOW, pin: "739185", cvn: "918"}
scenarios:
  - name: a day
    terminal: {reversal_after: 2s, pin_entry: true}
    host: {faults: [{on: "0210", drop: 1, after: 1}]}
    steps:
      - sale: 10.00
      - swipe: bird
      - pin: "739185"
        expect: {rc: "00"}
      - sale: 20.00
      - swipe: bird
      - pin: "739185"
        expect: {outcome: reversed}
      - balance
      - swipe: bird
      - pin: "739185"
        expect: {rc: "00"}
`
}

// TestRecordedSessionReplays is the whole way: a real-looking card at our terminal,
// through the proxy, to our host, onto disk, and back; and a reversal with a wrong STAN.
func TestRecordedSessionReplays(t *testing.T) {
	dir := t.TempDir()
	pan := realCard()
	scenario, log := filepath.Join(dir, "s.yaml"), filepath.Join(dir, "proxy.jsonl")
	if err := os.WriteFile(scenario, []byte(lostAnswer(pan)), 0o600); err != nil {
		t.Fatal(err)
	}
	h := startHost(t, "--cards", scenario)
	proxy := startPossim(t, "record", "--listen", "127.0.0.1:0", "--to", h.addr, "--out", log, "--redact")
	code, out, errs := possim(t, "run", scenario, "--host", proxy.addr, "--state", t.TempDir())
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s\n%s%s", code, out, errs, h.log, proxy.log)
	}
	proxy.stop()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	nothingOf(t, pan, "the journal", string(text))
	nothingOf(t, pan, "the proxy's log", proxy.log.String())
	for range 2 {
		code, out, errs = possim(t, "replay", log, "--walk-in")
		if code != exitOK || !strings.Contains(out, " 0 misses") {
			t.Fatalf("exit %d\n%s%s\n%s", code, out, errs, text)
		}
		nothingOf(t, pan, "the replay", out+errs)
	}

	crashed := filepath.Join(dir, "crashed.jsonl")
	if err := os.WriteFile(crashed, text[:len(text)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs = possim(t, "replay", crashed, "--walk-in"); code != exitOK || !strings.Contains(out, "crashed.jsonl:11: the last line was cut off") {
		t.Errorf("after a crash: exit %d\n%s%s", code, out, errs)
	}

	wrong := filepath.Join(dir, "wrong.jsonl")
	if err := os.WriteFile(wrong, otherSTAN(t, text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs = possim(t, "replay", wrong, "--walk-in")
	if code != exitFailed || !strings.Contains(out, "field 39: recorded 00, now 25") || !strings.Contains(out, "likely cause: match key") {
		t.Errorf("a reversal with a wrong STAN: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "scrub", "--check", log, wrong); code != exitOK {
		t.Errorf("scrub: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "scrub", "--check", dir); code != exitFailed || strings.Count(out, "\n") != 1 || !strings.Contains(out, "s.yaml:3:16: 622848") {
		t.Errorf("scrub finds the scenario's card: exit %d\n%s%s", code, out, errs)
	}
}

// otherSTAN changes one byte of a journal: the last digit of the reversal's field 11.
func otherSTAN(t *testing.T, text []byte) []byte {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		var l journal.Line
		if json.Unmarshal([]byte(line), &l) != nil || l.MTI != "0400" {
			continue
		}
		var m wire.Message
		if _, err := wire.UnionPay().Decode(l.Frame(), &m); err != nil {
			t.Fatal(err)
		}
		frame := strings.ToUpper(hex.EncodeToString(l.Frame()))
		at := strings.Index(frame, fmt.Sprintf("%012d", m.Amount)+m.STAN) + 12 + 5
		digit := string('0' + (frame[at]-'0'+5)%10)
		return []byte(strings.Replace(string(text), frame, frame[:at]+digit+frame[at+1:], 1))
	}
	t.Fatal("there is no reversal")
	return nil
}

// nothingOf wants nothing of a card, its holder, PIN or CVN in a text.
func nothingOf(t *testing.T, pan, where, text string) {
	t.Helper()
	for _, secret := range []string{pan, pan[4:], hex.EncodeToString([]byte(pan)), "CANARY", "739185", "00000918"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %q:\n%s", where, secret, text)
		}
	}
}

// TestRecordStopsAtARealCard: without --redact the proxy ends before the card is
// written, and says how to go on.
func TestRecordStopsAtARealCard(t *testing.T) {
	dir := t.TempDir()
	scenario, log := filepath.Join(dir, "s.yaml"), filepath.Join(dir, "proxy.jsonl")
	if err := os.WriteFile(scenario, []byte(lostAnswer(realCard())), 0o600); err != nil {
		t.Fatal(err)
	}
	h := startHost(t, "--cards", scenario)
	proxy := startPossim(t, "record", "--listen", "127.0.0.1:0", "--to", h.addr, "--out", log)
	possim(t, "run", scenario, "--host", proxy.addr, "--state", t.TempDir())
	if code := proxy.wait(); code != exitFailed || !strings.Contains(proxy.log.String(), "--redact") {
		t.Errorf("exit %d, %s", code, proxy.log)
	}
	text, _ := os.ReadFile(log)
	if strings.Contains(string(text), `"mti":"0200"`) || !strings.Contains(string(text), `"mti":"0810"`) {
		t.Errorf("got\n%s", text)
	}
}

// TestReplayAsTheHost: a terminal that does again what it did is answered from the
// journal; one that does something else is a miss with the nearest message.
func TestReplayAsTheHost(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "sale.jsonl")
	h := startHost(t)
	args := func(addr, amount string) []string {
		return []string{amount, "--swipe", "good", "--host", addr, "--state", t.TempDir()}
	}
	if code, got := saleJSON(t, append(args(h.addr, "12.34"), "--record", log)...); code != exitOK {
		t.Fatalf("%d %+v", code, got)
	}
	replay := startPossim(t, "replay", log, "--listen", "127.0.0.1:0")
	if code, got := saleJSON(t, args(replay.addr, "12.34")...); code != exitOK || got.RRN == "" {
		t.Errorf("exit %d, %+v", code, got)
	}
	if code := replay.wait(); code != exitOK {
		t.Errorf("exit %d\n%s%s", code, replay.out, replay.log)
	}

	replay = startPossim(t, "replay", log, "--listen", "127.0.0.1:0")
	if code, _ := saleJSON(t, append(args(replay.addr, "43.21"), "--timeout", "3s")...); code == exitOK {
		t.Error("a sale that was not recorded is approved")
	}
	replay.stop()
	if got := replay.out.String(); !regexp.MustCompile(`no such request was recorded \(0200\)[^\n]*\n    nearest: line 4\n    field 4: recorded 000000001234, now 000000004321`).MatchString(got) {
		t.Errorf("got\n%s", got)
	}
}
