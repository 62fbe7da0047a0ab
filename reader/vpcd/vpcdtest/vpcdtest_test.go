package vpcdtest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"possim/reader/vpcd/vpcdtest"
)

// plain is a card that does little.
type plain struct{ atr []byte }

var errPulled = errors.New("pulled")

func (p plain) ATR() []byte { return p.atr }
func (p plain) Reset()      {}
func (p plain) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	if apdu[1] == 0xAE {
		return nil, errPulled
	}
	return []byte{0x6D, 0x00}, nil
}

// TestCardsComeAndGo looks with a PC/SC program of OpenSC what is in the slots.
func TestCardsComeAndGo(t *testing.T) {
	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
	lab.Need(t, "opensc-tool", "opensc")
	d := lab.Start(t)
	atr := func(reader string) string {
		out, _ := exec.Command("opensc-tool", "--reader", reader, "--atr").CombinedOutput()
		return strings.TrimSpace(string(out))
	}
	first := d.Insert(t, plain{[]byte{0x3B, 0x65, 0, 0, 0x20, 0x63, 0xCB, 0xB8, 0}})
	d.Insert2(t, plain{[]byte{0x3B, 0xE0, 0, 0, 0x81, 0x31, 0xFE, 0x45, 0xEB}})
	if got := atr(vpcdtest.Reader); !strings.HasSuffix(got, "3b:65:00:00:20:63:cb:b8:00") {
		t.Errorf("slot 1: %s", got)
	}
	if got := atr(vpcdtest.Reader2); !strings.HasSuffix(got, "3b:e0:00:00:81:31:fe:45:eb") {
		t.Errorf("slot 2: %s", got)
	}
	first.Remove(t)
	if got := atr(vpcdtest.Reader); !strings.Contains(got, "Card not present") {
		t.Errorf("an empty slot: %s", got)
	}
	again := d.Insert(t, plain{[]byte{0x3B, 0x60, 0, 0}})
	if got := atr(vpcdtest.Reader); !strings.HasSuffix(got, "3b:60:00:00") {
		t.Errorf("another card: %s", got)
	}
	out, err := exec.Command("opensc-tool", "--reader", vpcdtest.Reader, "-c", "default", "-s", "80AE8000").CombinedOutput()
	if err == nil {
		t.Errorf("a card pulled out: %s", out)
	}
	if err := again.Left(t); !errors.Is(err, errPulled) {
		t.Errorf("it left with %v", err)
	}
}
