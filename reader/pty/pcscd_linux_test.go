package pty_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"possim/reader/vpcd/vpcdtest"
)

// TestPCSCDrivesTheEmulatedGemPC puts emulated cards into an emulated GemPC Twin, and has
// Debian's driver for it, under pcscd, read them for a program of OpenSC.
func TestPCSCDrivesTheEmulatedGemPC(t *testing.T) {
	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
	lab.Need(t, "opensc-tool", "opensc")
	for profile, want := range map[string][]string{
		"unionpay-debit": {"3b:65:00:00:20:63:cb:b8:00", "SW1=0x90, SW2=0x00", "PBOC DEBIT"},
		"visa-cvn18":     {"3b:e0:00:00:81:31:fe:45:eb", "SW1=0x90, SW2=0x00", "Visa Test"},
	} {
		t.Run(profile, func(t *testing.T) {
			cards := make(hand, 1)
			cards <- chipCard(t, profile)
			d := lab.StartSerial(t, emulate(t, "gempc", cards))
			d.Await(t, "Card ATR: ")
			opensc := func(args ...string) string {
				out, err := exec.Command("opensc-tool", append([]string{"--reader", vpcdtest.SerialReader, "--card-driver", "default"}, args...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %v\n%s\n%s", args, err, out, d.Log())
				}
				return string(out)
			}
			got := opensc("--atr")
			got += opensc("-s", "00A404000E315041592E5359532E4444463031", "-s", "00B2010C00", "-s", "00B2010C1D", "-s", "00B2010C1F")
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("no %q in\n%s\n%s", w, got, d.Log())
				}
			}
		})
	}
}
