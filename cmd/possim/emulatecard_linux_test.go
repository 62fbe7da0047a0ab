package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"possim/reader/vpcd/vpcdtest"
)

// emulatedCard is a `possim emulate card` of its own.
type emulatedCard struct {
	out, log *syncBuffer
	cmd      *exec.Cmd
}

// startCard starts one, inside d's network namespace where there is a d.
func startCard(t *testing.T, d *vpcdtest.Daemon, args ...string) *emulatedCard {
	t.Helper()
	c := &emulatedCard{out: new(syncBuffer), log: new(syncBuffer)}
	c.cmd = exec.Command("possim", append([]string{"emulate", "card"}, args...)...)
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.log
	start := c.cmd.Start
	if d != nil {
		start = func() error { return d.Inside(c.cmd.Start) }
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill(); c.cmd.Wait() })
	return c
}

// in waits until the card says it is in its slot.
func (c *emulatedCard) in(t *testing.T) {
	t.Helper()
	until(t, "the card", func() bool { return strings.Contains(c.out.String(), " is in ") })
}

// end interrupts it and returns its exit code.
func (c *emulatedCard) end() int {
	c.cmd.Process.Signal(os.Interrupt)
	c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// TestChipPage follows docs/chip.md with a pcscd: a card goes in, and PC/SC programs
// look at it.
func TestChipPage(t *testing.T) {
	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
	lab.Need(t, "opensc-tool", "opensc")
	lab.Need(t, "pcsc_scan", "pcsc-tools")
	d := lab.Start(t)
	var card *emulatedCard
	for _, b := range blocks(t, "../../docs/chip.md") {
		if b.lang != "console" {
			continue
		}
		for _, line := range b.lines {
			line = strings.TrimPrefix(line, "$ ")
			switch words := strings.Fields(line); words[0] {
			case "pcscd": // that is d
			case "possim":
				card = startCard(t, d, words[3:]...)
				card.in(t)
			case "pcsc_scan": // it runs until it is told to stop
				scan, out := exec.Command("bash", "-c", "exec "+line), new(syncBuffer)
				scan.Stdout, scan.Stderr = out, out
				if err := scan.Start(); err != nil {
					t.Fatal(err)
				}
				until(t, line+" to see the card", func() bool { return strings.Contains(out.String(), "Card inserted") })
				scan.Process.Kill()
				scan.Wait()
			default:
				out, err := exec.Command("timeout", "60", "bash", "-c", "exec "+line).CombinedOutput()
				if err != nil || strings.Contains(string(out), "SW1=0x6") {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		}
	}
	if card == nil {
		t.Fatal("the page puts no card in")
	}
	if code := card.end(); code != exitInterrupted || !strings.Contains(card.out.String(), vpcdtest.Reader) {
		t.Errorf("exit code %d\n%s%s", code, card.out, card.log)
	}
}

// slot is a vpcd driver's end of a slot, played by hand.
type slot struct {
	net.Listener
	conn net.Conn
}

func newSlot(t *testing.T) *slot {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &slot{Listener: l}
}

// take waits for a card and asks for its ATR.
func (s *slot) take(t *testing.T) {
	t.Helper()
	var err error
	if s.conn, err = s.Accept(); err != nil {
		t.Fatal(err)
	}
	if atr := s.ask(t, "\x04"); len(atr) == 0 || atr[0] != 0x3B {
		t.Fatalf("ATR %X", atr)
	}
}

// ask sends a message and returns the answer, nil when the card left.
func (s *slot) ask(t *testing.T, message string) []byte {
	t.Helper()
	if _, err := s.conn.Write(append([]byte{byte(len(message) >> 8), byte(len(message))}, message...)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(s.conn, head); err != nil {
		return nil
	}
	body := make([]byte, int(head[0])<<8|int(head[1]))
	if _, err := io.ReadFull(s.conn, body); err != nil {
		t.Fatal(err)
	}
	return body
}

// begin selects the application of a Visa card, begins a transaction and returns its number.
func (s *slot) begin(t *testing.T) string {
	t.Helper()
	for _, apdu := range []string{"\x00\xA4\x04\x00\x07\xA0\x00\x00\x00\x03\x10\x10\x00", "\x80\xA8\x00\x00\x02\x83\x00\x00"} {
		if r := s.ask(t, apdu); !strings.HasSuffix(string(r), "\x90\x00") {
			t.Fatalf("%X answers %X", apdu, r)
		}
	}
	return string(s.ask(t, "\x80\xCA\x9F\x36\x00"))
}

// TestCardRemembers: what the card counted is in its file before the answer, and pcscd
// may go away.
func TestCardRemembers(t *testing.T) {
	s := newSlot(t)
	file := filepath.Join(t.TempDir(), "visa.card")
	args := []string{"--vpcd", s.Addr().String(), "--card", "chip-visa", "--state", file}
	card := startCard(t, nil, args...)
	s.take(t)
	if atc := s.begin(t); atc != "\x9F\x36\x02\x00\x01\x90\x00" {
		t.Errorf("ATC %X", atc)
	}
	saved, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(saved), `"ATC": 1`) || strings.Contains(string(saved), "4111111111111111") {
		t.Errorf("%v\n%s", err, saved)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if code, _, stderr := possim(t, append([]string{"emulate", "card"}, args...)...); code != exitWorld || !strings.Contains(stderr, "another possim has this card") {
		t.Errorf("a second one: %d %s", code, stderr)
	}
	s.conn.Close()
	s.take(t) // it came back
	if atc := s.begin(t); atc != "\x9F\x36\x02\x00\x02\x90\x00" {
		t.Errorf("ATC %X", atc)
	}
	card.cmd.Process.Signal(syscall.SIGKILL) // a power cut
	card.cmd.Wait()
	card = startCard(t, nil, append(args, "--fault", "pulled-out@AE:1")...)
	s.take(t)
	if atc := s.begin(t); atc != "\x9F\x36\x02\x00\x03\x90\x00" {
		t.Errorf("ATC %X", atc)
	}
	if r := s.ask(t, "\x80\xAE\x80\x00\x01\x00\x00"); r != nil {
		t.Errorf("a card that is gone answers %X", r)
	}
	card.cmd.Wait()
	if code := card.cmd.ProcessState.ExitCode(); code != 0 || !strings.Contains(card.log.String(), "the card was pulled out") {
		t.Errorf("exit code %d\n%s", code, card.log)
	}
	other := []string{"emulate", "card", "--vpcd", s.Addr().String(), "--state", file}
	if code, _, stderr := possim(t, other...); code != exitFile || !strings.Contains(stderr, "it is the file of card visa-cvn18 411111******1111") {
		t.Errorf("another card's file: %d %s", code, stderr)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := possim(t, append([]string{"emulate", "card"}, args...)...); code != exitFile {
		t.Errorf("a broken file: %d", code)
	}
}
