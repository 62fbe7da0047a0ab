package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// pty is a pseudo-terminal made by socat: what is written to it arrives there.
type pty struct {
	t    *testing.T
	path string
	in   io.WriteCloser
	cmd  *exec.Cmd
}

func startPTY(t *testing.T, dir string) *pty {
	t.Helper()
	p := &pty{t: t, path: filepath.Join(dir, "tty")}
	p.cmd = exec.Command("socat", "STDIN", "PTY,rawer,link="+p.path)
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.unplug)
	until(t, "socat", func() bool { _, err := os.Stat(p.path); return err == nil })
	return p
}

func (p *pty) write(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, text); err != nil {
		p.t.Fatal(err)
	}
}

// unplug takes the pseudo-terminal away.
func (p *pty) unplug() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		os.Remove(p.path)
	}
}

// writeUntil writes the swipe again and again: what arrives before the port is
// open and raw is lost.
func (p *pty) writeUntil(text string, done func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !done(); {
		if time.Now().After(end) {
			p.t.Fatal("nothing was read")
		}
		p.write(text)
		for pause := time.Now().Add(time.Second); !done() && time.Now().Before(pause); {
			time.Sleep(5 * time.Millisecond)
		}
	}
}
