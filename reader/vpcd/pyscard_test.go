package vpcd_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"possim/reader/icc"
	"possim/reader/vpcd/vpcdtest"
)

// pyscard is the module of Debian's Python.
const pyscard = "/usr/lib/python3/dist-packages/smartcard/scard/__init__.py"

// relay sends each line it is given to the card and prints the answer.
const relay = `
import sys
from smartcard.System import readers
c = [r for r in readers() if str(r) == sys.argv[1]][0].createConnection()
c.connect()
print(bytes(c.getATR()).hex(), flush=True)
for line in sys.stdin:
    d, sw1, sw2 = c.transmit(list(bytes.fromhex(line)))
    print(bytes(d + [sw1, sw2]).hex(), flush=True)
`

// judgePyscard has whole transactions go through a client of PC/SC that sends commands
// as they are: Le and all, or without.
func judgePyscard(t *testing.T, d *vpcdtest.Daemon) {
	for _, p := range profiles(t) {
		t.Run(p.Name, func(t *testing.T) {
			c := chip(t, p)
			defer d.Insert(t, c).Remove(t)
			transmit, atr := client(t)
			if atr != hex.EncodeToString(c.ATR()) {
				t.Errorf("ATR %s", atr)
			}
			for i, p1 := range []byte{0x80, 0x10, 0x90, 0x40, 0x50, 0x00} {
				for _, dropLe := range []bool{false, true} {
					a := p.Applications[i%len(p.Applications)]
					s := session{TB: t, transmit: transmit, a: a, dropLe: dropLe}
					s.sell(p1, i%2 == 1 != dropLe)
				}
			}
		})
	}
	t.Run("pulled out", func(t *testing.T) {
		p := profile(t, "unionpay-debit", "6210947000000021")
		p.Faults = []icc.Fault{{Kind: icc.FaultPulledOut, At: 2, INS: 0xAE}}
		slot := d.Insert(t, chip(t, p))
		transmit, _ := client(t)
		s := session{TB: t, transmit: transmit, a: p.Applications[0]}
		s.open()
		s.generate(0x80, s.a.CDOL1)
		if r := transmit([]byte{0x80, 0xAE, 0x40, 0x00, 0x01, 0x00}); r != nil {
			t.Errorf("a card that is gone answers %X", r)
		}
		if err := slot.Left(t); err != icc.ErrRemoved {
			t.Errorf("it left with %v", err)
		}
	})
}

// client connects to the card. What it returns sends a command; no answer is nil.
func client(t *testing.T) (transmit func([]byte) []byte, atr string) {
	t.Helper()
	cmd := exec.Command("timeout", "60", "/usr/bin/python3", "-c", relay, vpcdtest.Reader)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	return func(apdu []byte) []byte {
		fmt.Fprintf(stdin, "%x\n", apdu)
		if !lines.Scan() {
			return nil
		}
		answer, err := hex.DecodeString(lines.Text())
		if err != nil || len(answer) < 2 {
			t.Fatalf("the client says %q", strings.TrimSpace(lines.Text()))
		}
		return answer
	}, lines.Text()
}
