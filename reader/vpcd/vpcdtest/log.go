package vpcdtest

import (
	"strings"
	"sync"
	"testing"
)

// log is what pcscd says. Waiting for what it says takes no clock.
type log struct {
	mu    sync.Mutex
	more  *sync.Cond
	all   strings.Builder
	ended bool
}

func newLog() *log {
	l := &log{}
	l.more = sync.NewCond(&l.mu)
	return l
}

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more.Broadcast()
	return l.all.Write(p)
}

func (l *log) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.more.Broadcast()
}

// over reports whether the end has come.
func (l *log) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// wait waits for the end.
func (l *log) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.ended {
		l.more.Wait()
	}
}

func (l *log) mark() int { return len(l.text()) }

func (l *log) has(text string) bool { return strings.Contains(l.text(), text) }

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// await waits for a line that ends in text after a mark, and returns the mark behind it.
func (l *log) await(mark int, text string) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if i := strings.Index(l.all.String()[mark:], text+"\n"); i >= 0 {
			return mark + i + len(text), true
		}
		if l.ended {
			return mark, false
		}
		l.more.Wait()
	}
}

// await fails the test when pcscd ended before it said so.
func (d *Daemon) await(t testing.TB, mark int, text string) int {
	t.Helper()
	mark, ok := d.log.await(mark, text)
	if !ok {
		t.Fatalf("pcscd ended before it said %q:\n%s", text, d.log.text())
	}
	return mark
}

// Await waits until pcscd has said text, and fails the test when it ends before.
func (d *Daemon) Await(t testing.TB, text string) {
	t.Helper()
	l := d.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for !strings.Contains(l.all.String(), text) {
		if l.ended {
			t.Fatalf("pcscd ended before it said %q:\n%s", text, l.all.String())
		}
		l.more.Wait()
	}
}

// Log returns what pcscd has said so far.
func (d *Daemon) Log() string { return d.log.text() }
