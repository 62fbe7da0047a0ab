package emulator_test

import (
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
)

// TestDUKPTDay sells and reverses with keys of each message's own, against the real
// host, which derives them from the base key.
func TestDUKPTDay(t *testing.T) {
	for name, test := range map[string]struct {
		base hsm.Algorithm
		bdk  string // of ANSI X9.24-1 and X9.24-3, published
		ksn  string
		mac  hsm.MACAlgorithm
		pin  bool
	}{
		"tdes": {hsm.TDES, "0123456789ABCDEFFEDCBA9876543210", "FFFF9876543210E00000", hsm.MACX919, true},
		"aes":  {hsm.AES, "FEDCBA9876543210F1F1F1F1F1F1F1F1", "123456789012345600000000", hsm.MACCMAC, false},
	} {
		for _, dialect := range wire.Names() {
			t.Run(name+" "+dialect, func(t *testing.T) {
				bdk, err := hsm.ParseKey(test.base, test.bdk)
				if err != nil {
					t.Fatal(err)
				}
				ksn, err := hsm.ParseKSN(test.ksn)
				if err != nil {
					t.Fatal(err)
				}
				ik, err := hsm.InitialKey(bdk, ksn)
				if err != nil {
					t.Fatal(err)
				}
				spoken, err := wire.ByName(dialect)
				if err != nil {
					t.Fatal(err)
				}
				d := newDay(t, spoken, emulator.Config{MAC: test.mac, PINEntry: true})
				d.tmk, d.dukpt = hsm.Key{}, emulator.DUKPT{Key: ik, KSN: ksn}
				entry := registry.Terminal{TID: "00000001", MID: registry.DefaultMID, BDK: bdk, MACAlgorithm: test.mac}
				if err := d.host.Registry.PutTerminal(entry); err != nil {
					t.Fatal(err)
				}
				d.dukptDay(test.pin)
			})
		}
	}
}

func (d *day) dukptDay(pin bool) {
	first := d.want(emulator.Approved, sale(100))
	if asked := d.asked[len(d.asked)-1].Kind == emulator.AskPIN; asked != pin {
		d.t.Errorf("a PIN was asked for: %v", asked)
	}
	ksn := d.saved.KSN
	d.drop[wire.MTIFinancialAnswer] = 1
	d.want(emulator.Reversed, sale(200))
	if d.saved.KSN == ksn {
		d.t.Error("the count stands still")
	}
	d.want(emulator.Approved, of(emulator.Void, 0, by(first)))
	d.want(emulator.Approved, of(emulator.Refund, 10, by(d.want(emulator.Approved, sale(300)))))
	if out := d.want(emulator.Approved, settle); !out.Settlement.Balanced() {
		d.t.Errorf("settled %+v", out.Settlement)
	}
}
