package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// A card that is on no list of test numbers, and what stands behind its service code.
const (
	canary       = "6222021001123456"
	canarySecret = "7531902468"
	canaryTrack1 = "%B" + canary + "^CANARY/YELLOW^2912101" + canarySecret + "?"
	canaryTrack2 = ";" + canary + "=2912101" + canarySecret + "?"
)

// testApp is an app in a world of its own.
func testApp(stdin string) (a *app, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{
		stdin: strings.NewReader(stdin), stdout: stdout, stderr: stderr,
		lookup: func(string) (string, bool) { return "", false },
		now:    func() time.Time { return anHour },
		sleep:  func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		seed:   func() uint64 { return 1 },
	}, stdout, stderr
}

// TestCanary gives a live card to every command, in every way it can come in, and
// looks for it in all that comes out, files included.
func TestCanary(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cards := "cards:\n  bird: {pan: \"" + canary + "\", expiry: 2912}\n"
	scenario := write("s.yaml", "possim: 1\n"+cards+"scenarios:\n  - name: fails\n    steps:\n      - sale: 1.00\n      - swipe: bird\n        expect: {rc: 61, receipt: [nothing]}\n")
	chipped := write("chip.yaml", "possim: 1\ncards:\n  bird: {pan: \""+canary+"\", expiry: 2912, holder: CANARY/YELLOW, pin: "+canarySecret+
		", chip: {profile: unionpay-debit, cvm: offline-plain}}\nscenarios:\n  - name: fails\n    terminal: {chip_reader: true, contactless: true, pin_entry: true}\n    steps:\n"+
		"      - sale: 1.00\n      - insert: bird\n      - pin: "+canarySecret+"\n        expect: {rc: 61, tvr: \"0000000000\", receipt: [nothing], screen: nothing}\n"+
		"      - sale: 1.00\n      - tap: bird\n        expect: {rc: 61, receipt: [nothing]}\n")
	wrong := write("w.yaml", "possim: 1\n"+strings.Replace(cards, "expiry: 2912", "expiry: 2913, pin: "+canarySecret+", track2: "+canary+"=2912", 1))
	wav, journal := filepath.Join(dir, "c.wav"), filepath.Join(dir, "j.jsonl")
	flux, state := filepath.Join(dir, "c.flux"), filepath.Join(dir, "state")
	commands := [][]string{
		{canary}, {"--" + canary}, {"sale", canary}, {"sale", "1.00", "--swipe", canary}, {"sale", "1.00", "--reader", canary},
		{"sale", "1.00", "--swipe", "good", "--mid", canary}, {"doctor", canary}, {"host", "--terminal-limit", canary + canary}, {"host", "--acquirer", canary}, {"host", "--issuer", canary},
		{"swipe", "--track1", canaryTrack1, "--track2", canaryTrack2, "--unsafe"},
		{"swipe", "--track1", canaryTrack1, "--track2", canaryTrack2, "--unsafe", "--json"},
		{"card", "make", "--pan", canary}, {"card", "make", "--pan", canary, "--json", "--unsafe"}, {"card", "make", "--holder", canary}, {"card", "make", "--pin", canarySecret, "--seed", canary, "--unsafe"},
		{"emulate", "card", "--pan", canary, "--pin", canarySecret, "--vpcd", "127.0.0.1:1"}, {"emulate", "card", "--pan", canary, "--fault", canary}, {"emulate", "card", "--vpcd", canary},
		{"swipe", "--track1", canaryTrack2}, {"swipe", "--track2", canaryTrack1}, {"swipe", "--speed", canaryTrack2},
		{"swipe", "--track2", canaryTrack2, "--sweep", "--swipes", "1"},
		{"swipe", "--track1", canaryTrack1, "--track2", canaryTrack2, "--wav", wav},
		{"read", "--reader", "wav:" + wav, "--unsafe"}, {"read", "--reader", "wav:" + wav, "--unsafe", "--json"},
		{"swipe", "--track1", canaryTrack1, "--track2", canaryTrack2, "--flux", flux},
		{"read", "--reader", "flux:" + flux, "--bits", "--unsafe"}, {"read", "--reader", "flux:" + flux, "--bits", "--unsafe", "--json"},
		{"read", "--reader", "wav:" + wav, "--bits", "--unsafe"}, {"read", "--reader", "flux:" + write("f.txt", canaryTrack2)},
		{"read", "--reader", "bits:" + write("b.txt", canaryTrack2)}, {"read", "--reader", "bits:" + write("b2.txt", canary)},
		{"sale", "1.00", "--reader", "wav:" + wav, "--state", state, "--host", "127.0.0.1:1", "--log", "debug"},
		{"sale", "1.00", "--reader", "wav:" + wav, "--state", state, "--host", "127.0.0.1:1", "--json"},
		{"write", "--reader", "serial:" + dir + "/none?protocol=msr605", "--track1", canaryTrack1, "--track2", canaryTrack2, "--yes"},
		{"write", "--reader", "serial:" + dir + "/none?protocol=msr605", "--track2", canaryTrack2, "--yes", "--unsafe"},
		{"write", "--reader", canary, "--track2", canaryTrack2, "--yes", "--unsafe"}, {"write", "--reader", "serial:x", "--track1", canaryTrack2, "--yes"},
		{"run", wrong}, {"host", "--cards", wrong}, {"run", scenario, "--filter", canary},
		{"run", scenario, "--record", journal, "--redact", "--log", "debug"}, {"run", scenario, "--record", filepath.Join(dir, "j2.jsonl")},
		{"run", chipped, "--record", filepath.Join(dir, "j3.jsonl"), "--redact", "--log", "debug"}, {"run", chipped, "--format", "json"}, {"run", chipped, "--format", "junit"},
		{"sale", "1.00", "--insert", canary}, {"sale", "1.00", "--tap", canary}, {"sale", "1.00", "--insert", "chip-pin", "--pin", canarySecret, "--state", state, "--host", "127.0.0.1:1", "--json"},
		{"replay", journal}, {"replay", journal, "--walk-in"}, {"replay", journal, "--walk-in", "--json"}, {"scrub", "--check", scenario, wrong},
		{"record", "--to", canary, "--out", canary, "--dialect", canary}, {"replay", "--mode", canary, journal},
		{"run", scenario, "--format", "json"}, {"run", scenario, "--format", "junit"}, {"run", scenario, "--format", "tap"},
		{"load", "--mid", canary}, {"load", "--tid-from", canary}, {"load", "--fail-if", canary}, {"load", "--fail-if", "p99{tag:" + canary + "}>1s"}, {"load", "--mix", canary + "=1"},
		{"load", "--cards", wrong}, {"load", "--cards", scenario, "--host", "127.0.0.1:1", "--json"},
		{"decode", canary + "x"}, {"decode", "--dialect", canary},
	}
	for _, frame := range canaryFrames(t) {
		for _, format := range []string{"--json", "--json=false"} {
			commands = append(commands, append([]string{"decode", "--unsafe", format}, frame...))
		}
	}
	for _, args := range commands {
		a, stdout, stderr := testApp("")
		code := a.run(t.Context(), args)
		if code < 0 || code > exitWorld {
			t.Errorf("%s: exit %d", args[0], code)
		}
		noCanary(t, args[0]+" stdout", stdout.String())
		noCanary(t, args[0]+" stderr", stderr.String())
	}
	for _, pattern := range []string{"j.jsonl", "j3.jsonl", "state/*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(files) == 0 {
			t.Errorf("%s: no such file: what was to be looked at?", pattern)
		}
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			noCanary(t, name, string(content))
		}
	}
}

// canaryFrames are purchases of the card in each dialect, whole and cut short.
func canaryFrames(t *testing.T) [][]string {
	t.Helper()
	var all [][]string
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := d.Encode(nil, &wire.Message{
			MTI: "0200", PAN: canary, Amount: 100, STAN: "000001", TID: "00000001",
			Track2: card.TrackData(strings.Trim(canaryTrack2, ";?")), Track3: "99" + canary,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []float64{1, 0.9, 0.6, 0.3} {
			cut := frame[:int(math.Ceil(float64(len(frame))*part))]
			all = append(all, []string{"--dialect", name, hex.EncodeToString(cut)})
		}
	}
	return all
}

// bitsOf is digits as they stand on track 2.
func bitsOf(t *testing.T, digits card.TrackData) string {
	t.Helper()
	bits, err := magstripe.EncodeBits(2, digits)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, b := range bits[5 : len(bits)-10] { // without sentinels and LRC
		text += string('0' + rune(b))
	}
	return text
}

func noCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{canary, canary[6:12], canarySecret, bitsOf(t, card.TrackData(canary[6:12])), bitsOf(t, card.TrackData(canarySecret)), hex.EncodeToString([]byte(canary)), "CANARY/YELLOW"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %s:\n%s", where, secret, text)
		}
	}
}
