package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echoes reports whether a terminal shows what is typed.
func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(terminal.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	return s.Lflag&unix.ECHO != 0 && s.Lflag&unix.ICANON != 0
}

// shown is what a terminal has shown so far, with a mark behind it.
func shown(t *testing.T, hand, keyboard *os.File) string {
	t.Helper()
	fmt.Fprint(keyboard, "END")
	var all strings.Builder
	b := make([]byte, 4096)
	for !strings.Contains(all.String(), "END") {
		n, err := hand.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b[:n])
	}
	return all.String()
}

// atTerminal runs a command whose stdin is a terminal, and gives its code when it ends.
func atTerminal(t *testing.T, args ...string) (hand, keyboard *os.File, out, screen *syncBuffer, code chan int) {
	t.Helper()
	hand, keyboard = openTerminal(t)
	a, _, _ := testApp("")
	out, screen, code = &syncBuffer{}, &syncBuffer{}, make(chan int, 1)
	a.stdin, a.stdout, a.stderr, a.now = keyboard, out, screen, time.Now
	go func() { code <- a.run(t.Context(), args) }()
	return hand, keyboard, out, screen, code
}

// TestSwipeAtATerminal types a swipe as a reader does: it is read, nothing of it is
// shown, and the terminal is as it was afterwards.
func TestSwipeAtATerminal(t *testing.T) {
	for _, end := range []string{"\r", "\n", "\t", ""} {
		hand, keyboard, out, screen, code := atTerminal(t, "read", "--reader", "keyboard:", "--once", "--json")
		until(t, "a mute terminal", func() bool { return !echoes(t, keyboard) })
		for _, key := range strings.TrimRight(e2eSwipe, "\r") + end {
			fmt.Fprint(hand, string(key))
		}
		if got := <-code; got != 0 || strings.Count(out.String(), `"pan":"622202******0015"`) != 1 {
			t.Errorf("exit %d\n%s%s", got, out, screen)
		}
		if !echoes(t, keyboard) {
			t.Error("the terminal stays mute")
		}
		if text := shown(t, hand, keyboard); strings.Contains(text, "0015") || strings.Contains(text, "TEST") {
			t.Errorf("the terminal showed %q", text)
		}
	}
}

// TestSaleAtATerminal answers the till's questions at the terminal the reader types
// into; a card that comes before its turn is no answer, and is not shown.
func TestSaleAtATerminal(t *testing.T) {
	host := startHost(t)
	hand, keyboard, out, screen, code := atTerminal(t, "sale", "12.34", "--reader", "keyboard:", "--host", host.addr, "--state", t.TempDir())
	asked := func(times int) {
		t.Helper()
		until(t, fmt.Sprint("question ", times), func() bool { return strings.Count(screen.String(), "c cancels]") == times })
	}
	asked(1)
	fmt.Fprint(hand, e2eSwipe)
	asked(2)
	fmt.Fprint(hand, "12.35\x7f4\r")
	asked(3)
	fmt.Fprint(hand, "\r")
	until(t, "the card's turn", func() bool { return strings.Contains(screen.String(), "SWIPE") })
	fmt.Fprint(hand, e2eSwipe)
	until(t, "the PIN's turn", func() bool {
		return strings.Contains(screen.String(), "PIN  [") || len(code) > 0 || strings.Contains(screen.String(), "PIN [")
	})
	fmt.Fprint(hand, "\r")
	if got := <-code; got != 0 || !strings.Contains(screen.String(), "that was no answer") {
		t.Errorf("exit %d\n%s%s", got, out, screen)
	}
	if !strings.Contains(screen.String(), "12.35\b \b4") {
		t.Errorf("the amount is not shown: %q", screen)
	}
	for where, text := range map[string]string{"the terminal": shown(t, hand, keyboard), "the screen": screen.String()} {
		if strings.Contains(text, "6222020000000015") || strings.Contains(text, "2912101") {
			t.Errorf("%s showed %q", where, text)
		}
	}
	if !echoes(t, keyboard) {
		t.Error("the terminal stays mute")
	}
}

// TestSignalGivesTheTerminalBack interrupts a reader that waits.
func TestSignalGivesTheTerminalBack(t *testing.T) {
	_, keyboard := openTerminal(t)
	a, _, _ := testApp("")
	a.stdin = keyboard
	if err := a.hush(); err != nil || echoes(t, keyboard) {
		t.Fatal(err)
	}
	a.unhush()
	a.unhush()
	if !echoes(t, keyboard) {
		t.Error("the terminal stays mute")
	}
}
