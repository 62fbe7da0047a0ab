package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"possim/emulator"
)

// The good card of these tests, and a swipe of it as a serial reader sends it.
const (
	e2eCards = `
cards:
  mine: {pan: 6222020000000015, expiry: 2912, account: {balance: 1000.00}}
`
	e2eSwipe = "%B6222020000000015^TEST/CARD^29121010000000000?;6222020000000015=29121010000000000?\r"
)

// patience bounds what a test waits for; it is only reached when something is broken.
const patience = time.Minute

// hostProcess is a `possim host` of its own.
type hostProcess struct {
	t    testing.TB
	args []string
	cmd  *exec.Cmd
	addr string
	log  *syncBuffer
	read chan struct{} // closed when stderr ended
	mu   sync.Mutex    // a proxy may kill what the test starts
}

// syncBuffer is a buffer that a process writes and a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startHost starts a host on a free port and waits until it listens.
func startHost(t testing.TB, args ...string) *hostProcess {
	t.Helper()
	h := &hostProcess{t: t, args: args, addr: "127.0.0.1:0", log: &syncBuffer{}}
	h.start()
	t.Cleanup(h.kill)
	return h
}

// start starts the host, again on the port it had.
func (h *hostProcess) start() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cmd = exec.Command("possim", append([]string{"host", "--listen", h.addr}, h.args...)...)
	stderr, err := h.cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	for err == nil && strings.Contains(first, ": field ") { // what a specification leaves out
		first, err = lines.ReadString('\n')
	}
	addr, ok := strings.CutPrefix(first, "listening on ")
	if err != nil || !ok {
		h.cmd.Process.Kill()
		rest, _ := io.ReadAll(lines)
		h.t.Fatalf("the host did not start: %s%s", first, rest)
	}
	h.addr, _, _ = strings.Cut(addr, " ")
	read := make(chan struct{})
	h.read = read
	go func() {
		defer close(read)
		io.Copy(h.log, lines)
	}()
}

// wait returns when the host has ended and its log is whole.
func (h *hostProcess) wait() error {
	<-h.read
	return h.cmd.Wait()
}

// kill is kill -9.
func (h *hostProcess) kill() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd.ProcessState == nil {
		h.cmd.Process.Kill()
		h.wait()
	}
}

// stop asks the host to stop and wants a graceful end.
func (h *hostProcess) stop() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { h.cmd.Process.Kill() })
	defer late.Stop()
	if err := h.wait(); err != nil {
		h.t.Fatalf("the host's end: %v\n%s", err, h.log)
	}
}

// logged waits until the host's log has a text.
func (h *hostProcess) logged(text string) {
	h.t.Helper()
	until(h.t, "the host's log to say "+text, func() bool { return strings.Contains(h.log.String(), text) })
}

func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// possim runs a command and returns its exit code and output.
func possim(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("possim", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// saleJSON runs a sale with --json and returns its object.
func saleJSON(t *testing.T, args ...string) (int, emulator.Words) {
	t.Helper()
	code, out, errs := possim(t, append([]string{"sale", "--json"}, args...)...)
	var got emulator.Words
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("exit %d, %v\nstdout %s\nstderr %s", code, err, out, errs)
	}
	return code, got
}

// cardFile writes the card file of these tests.
func cardFile(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "cards.yaml")
	if err := os.WriteFile(path, []byte(e2eCards), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// query asks the books, with a program that is not ours.
func query(t *testing.T, db, sql string) string {
	t.Helper()
	out, err := exec.Command("sqlite3", "-readonly", db, sql).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}

// balance is what the books hold for the card of these tests, in fen.
func balance(t *testing.T, db string) string {
	t.Helper()
	return query(t, db, `SELECT balance FROM balances WHERE owner =
		(SELECT json_extract(memo, '$.card') FROM postings WHERE memo LIKE '%622202******0015%' LIMIT 1)`)
}

// listener is a possim process that says on stderr where it listens.
type listener struct {
	t    testing.TB
	cmd  *exec.Cmd
	addr string
	out  *syncBuffer
	log  *syncBuffer
	read chan struct{} // closed when stderr ended
}

// startPossim starts a command and waits until it listens.
func startPossim(t testing.TB, args ...string) *listener {
	t.Helper()
	l := &listener{t: t, cmd: exec.Command("possim", args...), out: &syncBuffer{}, log: &syncBuffer{}, read: make(chan struct{})}
	l.cmd.Stdout = l.out
	stderr, err := l.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.cmd.Process.Kill(); l.wait() })
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	addr, ok := strings.CutPrefix(first, "listening on ")
	if err != nil || !ok {
		t.Fatalf("possim %s does not listen: %s", args[0], first)
	}
	l.addr, _, _ = strings.Cut(addr, " ")
	go func() {
		defer close(l.read)
		io.Copy(l.log, lines)
	}()
	return l
}

// wait returns the exit code of a process that ends by itself.
func (l *listener) wait() int {
	late := time.AfterFunc(patience, func() { l.cmd.Process.Kill() })
	defer late.Stop()
	<-l.read
	if l.cmd.ProcessState == nil {
		l.cmd.Wait()
	}
	return l.cmd.ProcessState.ExitCode()
}

// stop asks the process to stop, and waits until it has.
func (l *listener) stop() int {
	l.cmd.Process.Signal(syscall.SIGTERM)
	return l.wait()
}
