package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"possim/reader/magstripe"
	"possim/reader/protocol"
	emulated "possim/reader/pty"
	"possim/reader/scripted"
)

// emulatedReader is a `possim emulate reader` of its own.
type emulatedReader struct {
	link string
	log  *syncBuffer
	in   io.WriteCloser
	cmd  *exec.Cmd
}

func startEmulated(t *testing.T, args ...string) *emulatedReader {
	t.Helper()
	r := &emulatedReader{link: filepath.Join(t.TempDir(), "reader0"), log: new(syncBuffer)}
	r.cmd = exec.Command("possim", append([]string{"emulate", "reader", "--link", r.link}, args...)...)
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	var err error
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill(); r.cmd.Wait() })
	until(t, "the link", func() bool { _, err := os.Stat(r.link); return err == nil })
	return r
}

const (
	emulated1 = "%B6222020000000015^DOE/JOHN^29121010000000000000?"
	emulated2 = ";6222020000000015=29121010000000000?"
)

// TestEmulatedReader reads an emulated reader with possim's own client, twice, and
// ends it.
func TestEmulatedReader(t *testing.T) {
	r := startEmulated(t, "--protocol", "msr605", "--track1", emulated1, "--track2", emulated2)
	for range 2 {
		code, out, stderr := possim(t, "read", "--reader", "serial:"+r.link+"?protocol=msr605", "--once", "--json")
		if code != 0 || !strings.Contains(out, `"pan":"622202******0015"`) || !strings.Contains(out, `"verdict":"ok"`) {
			t.Errorf("%d %s%s\n%s", code, out, stderr, r.log)
		}
	}
	r.cmd.Process.Signal(syscall.SIGINT)
	r.cmd.Wait()
	if code := r.cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, r.log)
	}
	if _, err := os.Lstat(r.link); err == nil {
		t.Error("the link is left behind")
	}
	if log := r.log.String(); strings.Contains(log, "6222020000000015") || strings.Contains(log, "DOE") || !strings.Contains(log, "a card is swiped: ok") {
		t.Error(log)
	}
}

// TestEmulatedReaderTooFast: the physics decide, and the reader says what its model says.
func TestEmulatedReaderTooFast(t *testing.T) {
	r := startEmulated(t, "--protocol", "magtek", "--card", "good", "--speed", "600cm/s")
	code, out, stderr := possim(t, "read", "--reader", "serial:"+r.link+"?protocol=magtek", "--once", "--json")
	if code != 0 || !strings.Contains(out, `"1":{"status":"error"},"2":{"status":"error"}`) {
		t.Errorf("%d %s%s\n%s", code, out, stderr, r.log)
	}
}

// TestEmulatedReaderFromStdin: a card for each line.
func TestEmulatedReaderFromStdin(t *testing.T) {
	r := startEmulated(t, "--protocol", "msr605", "--stdin", "--card", "good")
	for line, want := range map[string]string{"": "622202******0015", "union": "621094******0021", emulated1 + emulated2: "622202******0015"} {
		io.WriteString(r.in, "6222020000000049\n"+line+"\n") // the first is no card, and told
		code, out, stderr := possim(t, "read", "--reader", "serial:"+r.link+"?protocol=msr605", "--once", "--json")
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: %d %s%s\n%s", line, code, out, stderr, r.log)
		}
	}
	until(t, "the word of a line that is no card", func() bool { return strings.Contains(r.log.String(), "there is no card") })
	if log := r.log.String(); strings.Contains(log, "6222020000000049") {
		t.Error(log)
	}
}

// TestEmulatedChip puts a chip into each reader with a slot, and reads its ATR.
func TestEmulatedChip(t *testing.T) {
	for _, name := range []string{"gempc", "abecs"} {
		r := startEmulated(t, "--protocol", name, "--chip", "visa-cvn18", "--card", "good")
		code, out, stderr := possim(t, "read", "--reader", "serial:"+r.link+"?protocol="+name, "--once", "--json")
		if code != 0 || !strings.Contains(out, `"kind":"chip"`) || !strings.Contains(out, `"atr":"3BE00000813`) || !strings.Contains(out, `"verdict":"ok"`) {
			t.Errorf("%s: %d %s%s\n%s", name, code, out, stderr, r.log)
		}
	}
}

func TestEmulateUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "--protocol"},
		{"--protocol msr60", "msr605"},
		{"--protocol msr605", "--track2"},
		{"--protocol msr605 --card nobody", "nobody"},
		{"--protocol gempc", "--chip"},
		{"--protocol gempc --chip unionpay-debit", "--card"},
		{"--protocol gempc --chip credit --card union", "unionpay-credit"},
		{"--protocol msr605 --chip unionpay-debit --card union", "no slot"},
	} {
		code, _, stderr := possim(t, append([]string{"emulate", "reader"}, strings.Fields(c.args)...)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: %d %s", c.args, code, stderr)
		}
	}
	notALink := filepath.Join(t.TempDir(), "file")
	os.WriteFile(notALink, nil, 0o600)
	if code, _, stderr := possim(t, "emulate", "reader", "--protocol", "msr605", "--card", "good", "--link", notALink); code != exitWorld || !strings.Contains(stderr, "no link") {
		t.Error(code, stderr)
	}
}

// clumsy stands a reader up in this process, at which a card is swiped too fast and
// then as it should be.
func clumsy(t *testing.T, name string) (link string) {
	t.Helper()
	stripe, err := magstripe.NewStripe(emulated1, emulated2, "")
	if err != nil {
		t.Fatal(err)
	}
	source := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	source.Add(scripted.Swipe{Stripe: stripe, Hand: magstripe.Hand{Speed: 600}}, scripted.Swipe{Stripe: stripe})
	device, err := protocol.NewDevice(name)
	if err != nil {
		t.Fatal(err)
	}
	line, err := emulated.Open()
	if err != nil {
		t.Fatal(err)
	}
	link = filepath.Join(t.TempDir(), "reader0")
	if err := line.Link(link); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done, start := make(chan error), time.Now()
	go func() {
		done <- line.Serve(ctx, emulated.Reader{Device: device, Source: source, Every: time.Second, Since: func() time.Duration { return time.Since(start) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		line.Close()
	})
	return link
}

// TestSaleAtEveryEmulatedReader: emulated device, pseudo-terminal, serial port,
// terminal, TCP, host, and back, for each protocol: a swipe that the model reports as
// unreadable, in its own words, is told and asked for again; the next one sells.
func TestSaleAtEveryEmulatedReader(t *testing.T) {
	h := startHost(t)
	for i, name := range protocol.DeviceNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, stderr := possim(t, "sale", "--json", "1.00", "--reader", "serial:"+clumsy(t, name)+"?protocol="+name, "--host", h.addr,
				"--tid", fmt.Sprintf("%08d", i+1), "--state", t.TempDir())
			for _, want := range []string{`"outcome":"approved"`, `"pan":"622202******0015"`, `"entry":"swipe"`} {
				if code != 0 || !strings.Contains(out, want) {
					t.Errorf("%d, want %s in %s", code, want, out)
				}
			}
			if n := strings.Count(stderr, "CANNOT READ CARD"); n != 1 {
				t.Errorf("told %d times that the card was not read: %s", n, stderr)
			}
		})
	}
}
