package emulator_test

import (
	"fmt"
	"strings"
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

// pinDialect is somebody's specification whose field 52 has so many bytes, or twice as
// many hexadecimal digits.
func pinDialect(t *testing.T, class string, length int) *wire.Dialect {
	t.Helper()
	const fields = `<isopackager>
<isofield id="0" length="4" name="MTI" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="1" length="16" name="bitmap" class="org.jpos.iso.IFA_BITMAP"/>
<isofield id="3" length="6" name="code" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="4" length="12" name="amount" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="11" length="6" name="STAN" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="12" length="6" name="time" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="13" length="4" name="date" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="22" length="3" name="entry" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="25" length="2" name="condition" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="35" length="37" name="track 2" class="org.jpos.iso.IFA_LLCHAR"/>
<isofield id="37" length="12" name="RRN" class="org.jpos.iso.IF_CHAR"/>
<isofield id="38" length="6" name="auth" class="org.jpos.iso.IF_CHAR"/>
<isofield id="39" length="2" name="code" class="org.jpos.iso.IF_CHAR"/>
<isofield id="41" length="8" name="TID" class="org.jpos.iso.IF_CHAR"/>
<isofield id="42" length="15" name="MID" class="org.jpos.iso.IF_CHAR"/>
<isofield id="49" length="3" name="currency" class="org.jpos.iso.IF_CHAR"/>
<isofield id="52" length="%d" name="PIN" class="org.jpos.iso.%s"/>
<isofield id="62" length="99" name="KSN" class="org.jpos.iso.IFA_LLLCHAR"/>
<isofield id="64" length="%d" name="MAC" class="org.jpos.iso.%s"/>
<isofield id="70" length="3" name="function" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="90" length="42" name="original" class="org.jpos.iso.IFA_NUMERIC"/>
</isopackager>`
	d, problems, err := wire.Load("pin.xml", fmt.Appendf(nil, fields, length, class, 8, class))
	if err != nil {
		t.Fatal(err, problems)
	}
	return d
}

// TestAESPINs has a PIN go in an AES block of 16 bytes, under the AES keys of its
// message, to the real host, which opens and verifies it.
func TestAESPINs(t *testing.T) {
	for _, class := range []string{"IFB_BINARY", "IFA_BINARY"} {
		t.Run(class, func(t *testing.T) {
			bdk, err := hsm.ParseKey(hsm.AES, "FEDCBA9876543210F1F1F1F1F1F1F1F1") // of ANSI X9.24-3
			if err != nil {
				t.Fatal(err)
			}
			ksn, err := hsm.ParseKSN("123456789012345600000000")
			if err != nil {
				t.Fatal(err)
			}
			ik, err := hsm.InitialKey(bdk, ksn)
			if err != nil {
				t.Fatal(err)
			}
			d := newDay(t, pinDialect(t, class, 16), emulator.Config{MAC: hsm.MACCMAC, PINEntry: true, PINFormat: hsm.ISO4})
			d.tmk, d.dukpt = hsm.Key{}, emulator.DUKPT{Key: ik, KSN: ksn}
			if err := d.host.Registry.PutTerminal(registry.Terminal{TID: "00000001", MID: registry.DefaultMID, BDK: bdk, MACAlgorithm: hsm.MACCMAC}); err != nil {
				t.Fatal(err)
			}
			d.pinSale()
		})
	}
}

// TestPINBlockWithoutRoom: a field 52 of eight bytes takes no format 4, which is said
// before anything is sent, and one of sixteen no other.
func TestPINBlockWithoutRoom(t *testing.T) {
	for _, test := range []struct {
		dialect *wire.Dialect
		format  hsm.PINFormat
	}{{wire.UnionPay(), hsm.ISO4}, {pinDialect(t, "IFB_BINARY", 16), hsm.ISO0}} {
		w := newWorld(t)
		w.dialect = test.dialect
		_, err := w.terminal(emulator.Config{PINEntry: true, PINFormat: test.format}).Do(t.Context(), sale(100))
		if err == nil || !strings.Contains(err.Error(), "field 52 of the dialect") || w.touches != 0 {
			t.Errorf("%s in %s: got %v after %d touches of the outside", test.format, test.dialect, err, w.touches)
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

// pinSale sells with the PIN that the card's entry has, and then with another.
func (d *day) pinSale() {
	d.t.Helper()
	d.want(emulator.Approved, sale(100))
	if last := d.asked[len(d.asked)-1]; last.Kind != emulator.AskPIN {
		d.t.Fatalf("no PIN was asked for: %+v", last)
	}
	other, err := hsm.ParsePIN("908172")
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.host.Registry.PutCard(registry.Card{PAN: dayPAN, Checks: registry.Checks{PIN: other}}); err != nil {
		d.t.Fatal(err)
	}
	if out := d.want(emulator.Declined, sale(100)); out.Code != wire.WrongPIN {
		d.t.Errorf("another PIN than the card's: %+v", out)
	}
}
