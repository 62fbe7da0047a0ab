package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"possim/emulator"
)

// terminal opens a pseudo-terminal: what is written to hand is typed at keyboard, and
// what keyboard echoes is read from hand.
func openTerminal(t *testing.T) (hand, keyboard *os.File) {
	t.Helper()
	hand, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { hand.Close() })
	fd := int(hand.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if keyboard, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	return hand, keyboard
}

// TestPINIsUnseen types a PIN at a terminal: the till takes it, nothing shows it, and
// the terminal echoes again afterwards.
func TestPINIsUnseen(t *testing.T) {
	hand, keyboard := openTerminal(t)
	a, _, stderr := testApp("")
	a.stdin = keyboard
	till := &till{app: a, person: true}
	go func() { // types once the echo is off, as a person does when asked
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if s, err := unix.IoctlGetTermios(int(keyboard.Fd()), getTermios); err == nil && s.Lflag&unix.ECHO == 0 {
				break
			}
		}
		fmt.Fprintf(hand, "12\n%s\n", secretPIN)
	}()
	answer, err := till.Ask(t.Context(), emulator.Question{Kind: emulator.AskPIN, Screen: emulator.Screen{Chinese: "请输入密码", English: "ENTER PIN"}})
	if err != nil || answer.PIN.Reveal() != secretPIN || answer.Cancel {
		t.Fatalf("%+v, %v", answer, err)
	}
	if strings.Contains(stderr.String(), secretPIN) || strings.Count(stderr.String(), "ENTER PIN") != 2 || !strings.Contains(stderr.String(), "want 4 to 12") {
		t.Errorf("what was shown: %q", stderr)
	}
	s, err := unix.IoctlGetTermios(int(keyboard.Fd()), getTermios)
	if err != nil || s.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal stays mute: %v", err)
	}
	fmt.Fprint(keyboard, "end") // arrives behind whatever was echoed
	var shown [256]byte
	n, err := hand.Read(shown[:])
	if err != nil || strings.Contains(string(shown[:n]), secretPIN) {
		t.Errorf("the terminal echoed %q, %v", shown[:n], err)
	}
}

// TestPINKeys: Enter goes without a PIN, c cancels, and somebody who leaves ends it.
func TestPINKeys(t *testing.T) {
	question := emulator.Question{Kind: emulator.AskPIN}
	for typed, want := range map[string]emulator.Answer{"\n": {}, "c\n": {Cancel: true}} {
		a, _, _ := testApp(typed)
		if got, err := (&till{app: a, person: true}).Ask(t.Context(), question); err != nil || got.Cancel != want.Cancel || !got.PIN.Zero() {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
	a, _, _ := testApp("")
	if _, err := (&till{app: a, person: true}).Ask(t.Context(), question); err == nil {
		t.Error("nobody is there, and that is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, keyboard := openTerminal(t)
	a.stdin = keyboard
	if _, err := (&till{app: a, person: true}).Ask(ctx, question); err == nil {
		t.Error("interrupted, and that is no error")
	}
	if got, err := (&till{app: a}).Ask(t.Context(), question); err != nil || !got.PIN.Zero() {
		t.Errorf("nobody to ask: %+v, %v", got, err)
	}
}
