package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// block is a fenced block of a page: its language, its words after the fence, its lines.
type block struct {
	line  int
	lang  string
	arg   string // ```yaml my.yaml, ```xml q2.log: a file the page has the reader write; ```text possim ...: what that prints
	lines []string
}

// TestDocs runs every command that README and the pages under docs print. A ```sh
// block is typed line by line; a block that is a `possim host` goes on in the
// background, as in a shell of its own; a ```yaml, ```xml or ```js block with a name is written to
// that file, and a ```text block with a command must be what it prints. The reader on /dev/ttyUSB0 is a pseudo-terminal that somebody swipes at.
func TestDocs(t *testing.T) {
	need(t, "socat")
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../../README.md") {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			newDesk(t).follow(page)
		})
	}
}

// desk is where somebody follows a page.
type desk struct {
	t    *testing.T
	dir  string
	host string // the address of the host that was started last: it stands for the default one
	tape string // and that of a recorder
	tty  *pty
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, dir: t.TempDir(), host: "127.0.0.1:1", tape: "127.0.0.1:1"}
	d.tty = startPTY(t, d.dir)
	return d
}

func (d *desk) follow(page string) {
	commands := 0
	for _, b := range blocks(d.t, page) {
		at := fmt.Sprintf("%s:%d", page, b.line)
		switch {
		case slices.Contains([]string{"yaml", "xml", "js"}, b.lang) && b.arg != "":
			if err := os.MkdirAll(filepath.Dir(filepath.Join(d.dir, b.arg)), 0o755); err != nil {
				d.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(d.dir, b.arg), []byte(strings.Join(b.lines, "\n")+"\n"), 0o600); err != nil {
				d.t.Fatal(err)
			}
		case b.lang == "text" && b.arg != "":
			d.compare(at, b)
		case b.lang == "sh":
			for _, line := range b.lines {
				commands++
				d.type_(at, line)
			}
		}
	}
	if commands == 0 {
		d.t.Errorf("%s shows no command", page)
	}
}

var (
	comment  = regexp.MustCompile(`\s+# .*$`)
	wantExit = regexp.MustCompile(`# exit (\d+)`)
	makeWord = regexp.MustCompile(`^make ([a-z-]+)`)
)

// type_ carries out one line. `# exit 1` behind a command says how it ends.
func (d *desk) type_(at, line string) {
	want := "0"
	if m := wantExit.FindStringSubmatch(line); m != nil {
		want = m[1]
	}
	line = comment.ReplaceAllString(line, "")
	if m := makeWord.FindStringSubmatch(line); m != nil {
		d.target(at, m[1])
		return
	}
	line = strings.ReplaceAll(line, "go run ./cmd/possim", "possim")
	line = strings.ReplaceAll(line, "/dev/ttyUSB0", d.tty.path)
	line = strings.ReplaceAll(line, "--listen 127.0.0.1:9000", "--listen 127.0.0.1:0")
	line = strings.ReplaceAll(line, "127.0.0.1:8583", d.host)
	line = strings.ReplaceAll(line, "127.0.0.1:9000", d.tape)
	if (strings.HasPrefix(line, "possim sale ") || strings.HasPrefix(line, "possim load --")) && !strings.Contains(line, "--host") {
		line += " --host " + d.host
	}
	if script, flags, _ := strings.Cut(line, " -- "); script == "deploy/many-hosts.sh" {
		d.host = deploy(d.t, strings.Fields(flags)...).addr
		return
	}
	if strings.HasPrefix(line, "possim host") {
		d.host = d.serve(line + " --listen 127.0.0.1:0")
		return
	}
	if strings.HasPrefix(line, "possim record") {
		d.tape = d.serve(line)
		return
	}
	if strings.Contains(line, d.tty.path) {
		defer d.swipe()()
	}
	cmd := d.command(line)
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	out, err := cmd.CombinedOutput()
	late.Stop()
	if cmd.ProcessState == nil {
		d.t.Fatalf("%s: %s: %v", at, line, err)
	}
	if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != want {
		d.t.Errorf("%s: %s: exit code %s, want %s\n%s", at, line, got, want, out)
	}
}

// compare wants a command to print what the page says it prints.
// Elsewhere than on amd64 a compiler may fuse floating-point operations, which
// moves a marginal swipe from one side to the other.
func (d *desk) compare(at string, b block) {
	if runtime.GOARCH != "amd64" {
		return
	}
	out, err := d.command(b.arg).Output()
	if got := strings.TrimRight(string(out), "\n"); err != nil || got != strings.Join(b.lines, "\n") {
		d.t.Errorf("%s: %s: %v, and it prints\n%s", at, b.arg, err, got)
	}
}

func (d *desk) command(line string) *exec.Cmd {
	cmd := exec.Command("bash", "-c", "exec "+line)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(d.dir, "state"), "NO_COLOR=1")
	return cmd
}

// target wants the Makefile to have it; running make test from a test would not end.
func (d *desk) target(at, name string) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		d.t.Fatal(err)
	}
	if !strings.Contains(string(makefile), "\n"+name+":") {
		d.t.Errorf("%s: make %s: there is no such target", at, name)
	}
}

// serve leaves a host, or what stands before one, running until the page is done, and
// returns where it listens.
func (d *desk) serve(line string) (addr string) {
	cmd := d.command(line)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	addr, ok := strings.CutPrefix(first, "listening on ")
	if err != nil || !ok {
		d.t.Fatalf("%s does not listen: %s", line, first)
	}
	go io.Copy(io.Discard, lines)
	addr, _, _ = strings.Cut(addr, " ")
	return addr
}

// swipe swipes the bench card at the reader until the returned function is called.
func (d *desk) swipe() (stop func()) {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(150 * time.Millisecond):
				d.tty.in.Write([]byte(e2eSwipe))
			}
		}
	}()
	return func() { close(done) }
}

// blocks reads the fenced blocks of a page.
func blocks(t *testing.T, page string) (found []block) {
	t.Helper()
	f, err := os.Open(page)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var open *block
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		fence, is := strings.CutPrefix(scan.Text(), "```")
		switch {
		case is && open == nil:
			lang, arg, _ := strings.Cut(fence, " ")
			open = &block{line: n, lang: lang, arg: arg}
		case is:
			found, open = append(found, *open), nil
		case open != nil && (scan.Text() != "" || open.lang != "sh"):
			open.lines = append(open.lines, scan.Text())
		}
	}
	return found
}
