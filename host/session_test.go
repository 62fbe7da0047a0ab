package host

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

func TestSignOn(t *testing.T) {
	w := newWorld(t)
	w.run("signon -> 00 F60=00000001003")
	a := w.first.Answer
	if a.Time != "090000" || a.Date != "0601" || len(a.Private62) != 40 || a.MTI != "0810" {
		t.Errorf("got %s %s %s, key block of %d bytes", a.MTI, a.Time, a.Date, len(a.Private62))
	}
	first := w.keys
	w.run("signon net=004 -> 00 F60=00000001004") // the open batch again
	if w.keys.TAK.Equal(first.TAK) || w.keys.TPK.Equal(first.TPK) || w.keys.TDK.Zero() {
		t.Error("the second sign-on brings the keys of the first, or no TDK")
	}
	w.run("signon net=001 -> 00")
	if w.keys.TPK.Size() != 8 {
		t.Errorf("60.3 = 001 brings %v", w.keys.TPK)
	}
	w.run(`
		signon net=005 -> 12
		signon tid=10001 -> 97`)
	w.h.Random = nil
	w.run("signon -> 96")
	w.h.Random = strings.NewReader("too little")
	w.run("signon -> 96")
}

// TestSignOnISO87: field 70 asks, and the key block comes in characters.
func TestSignOnISO87(t *testing.T) {
	for _, name := range []string{"iso87ascii", "iso87bcd"} {
		dialect, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t)
		tx, _ := dialect.Transaction(wire.SignOn)
		m := wire.Message{TID: "00000001", MID: registry.DefaultMID, STAN: "000001"}
		tx.Start(&m)
		m.Private60 = ""
		frame, ok := w.h.Handler(dialect)(context.Background(), encoded(t, dialect, m))
		var a wire.Message
		if _, err := dialect.Decode(frame, &a); err != nil || !ok || a.Code != "00" || a.NetworkCode != "001" {
			t.Fatalf("%s: got %+v, %v", name, a, err)
		}
		block := make([]byte, 40)
		if n, err := hex.Decode(block, a.Private62); err != nil || n != 40 {
			t.Fatalf("%s: %d, %v", name, n, err)
		}
		if _, err := hsm.OpenWorkingKeys(registry.TestTMK, block); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBatches(t *testing.T) {
	table(t, `
		card A
		sale A 1.00 batch=77 as=early -> 00      # nobody signed on: the terminal counts by itself
		signon -> 00
		sale A 1.00 batch=2 stan=50 -> 77 batch A=999999.00
		sale A 1.00 batch=1 stan=50 as=s -> 00
		void A 1.00 of=s batch=2 -> 77
		balance A batch=2 -> 77
		rev - 1.00 batch=2 stan=60 -> 25         # a 0400 is never asked
		settle 0.00/0 0.00/0 batch=9 -> 77
		settle 1.00/1 0.00/0 -> 00 F48=11
		end f48=0000 -> 00
		sale A 1.00 stan=70 -> 77 batch          # settled, and no other open
		sale A 1.00 stan=50 -> 00 A=999998.00    # but a repeat gets its answer
		signon -> 00 F60=00000002003
		sale A 1.00 stan=50 -> 00 A=999997.00
		sale A 1.00 batch=1 stan=80 -> 77
		end batch=1 f48=0000 -> 00               # again: it closes nothing else
		signon -> 00 F60=00000002003`)
}

func TestSettlement(t *testing.T) {
	for name, text := range map[string]string{
		"balanced": `
			card A
			signon -> 00
			sale A 60.00 as=s -> 00
			sale A 40.00 as=t -> 00
			void A 60.00 of=s -> 00
			sale A 5.00 as=u -> 00
			rev A 5.00 of=u -> 00
			refund A 10.00 of=t -> 00 debit=100.00/2 credit=70.00/2
			settle 100.00/2 70.00/2 -> 00 F48=11
			again -> 00 F48=11
			end f48=0000 -> 00
			signon -> 00 F60=00000002003
		`,
		"not balanced": `
			card A
			signon -> 00
			sale A 60.00 -> 00
			settle 60.00/2 0.00/0 -> 00 F48=21
			upload f48=010100000200006222020000000010000000006000 -> 00
			end net=202 f48=0001 -> 00
			signon -> 00 F60=00000002003
		`,
		"what cannot be read": `
			signon -> 00
			settle 0.00/0 0.00/0 f48=123 -> 00 F48=33
			upload f48=99 -> 30
			end f48=1 -> 30
		`,
		"without sign-on the next batch has the same number": `
			card A
			sale A 60.00 as=s -> 00
			settle 60.00/1 0.00/0 -> 00 F48=11
			again -> 00 F48=11
			end f48=0000 -> 00 debit=0.00/0
			sale A 40.00 -> 00 debit=40.00/1
			void A 60.00 of=s -> 00
			settle 40.00/1 60.00/1 -> 00 F48=11
			end f48=0000 -> 00
			settle 0.00/0 0.00/0 -> 00 F48=11
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestUnionPay0510: no response code and the totals with both verdicts.
func TestUnionPay0510(t *testing.T) {
	w := newWorld(t)
	w.run("signon -> 00\nsettle 0.00/0 0.00/0 -> 00")
	m := w.last
	m.STAN, m.TPDU = "000099", []byte{0x60, 0, 0, 0, 0}
	a := w.h.Decide(context.Background(), Request{Message: m}).Answer
	if a.MTI != "0510" || a.Present(39) || a.Present(37) || a.SettlementDate != "0601" || len(a.Private48) != 62 {
		t.Errorf("got %s", a)
	}
}

// TestLastSettlement: where no upload ends a batch (ISO 8583:1987), the settlement
// does, and one that cannot be read does not.
func TestLastSettlement(t *testing.T) {
	for _, signed := range []bool{false, true} {
		w := newWorld(t)
		if w.run("card A"); signed {
			w.run("signon -> 00")
		}
		w.run("sale A 60.00 -> 00")
		settle := func(stan, f48, flags string) {
			t.Helper()
			m := wire.Message{MTI: wire.MTISettlement, STAN: stan, TID: "00000001", MID: registry.DefaultMID, Private60: "00000001201", Private48: f48}
			for range 2 {
				d := w.h.Decide(context.Background(), Request{Message: m, Last: true})
				if got := fieldText(&d.Answer, 48); d.Answer.Code != "00" || got != flags {
					t.Errorf("%s: got %s with flags %s, want %s (%s)", stan, d.Answer.Code, got, flags, d.Note)
				}
			}
		}
		rest := "0" + strings.Repeat("0", 31)
		settle("000901", "what?", "33")
		settle("000902", totals48("60.00/1")+totals48("0.00/0")+rest, "11")
		if signed {
			w.run("sale A 1.00 -> 77\nsignon -> 00 F60=00000002003\nsale A 1.00 -> 00")
		} else {
			w.run("sale A 1.00 -> 00 debit=1.00/1")
		}
	}
}

// TestUploadDiffers: what the book has otherwise is in the note.
func TestUploadDiffers(t *testing.T) {
	w := newWorld(t)
	w.run(`
		card A
		signon -> 00
		sale A 60.00 stan=2 -> 00
		sale A 60.00 stan=3 -> 00
		sale A 9999999.00 stan=4 -> 61`)
	detail := func(stan string, p card.PAN, fen int64) wire.Detail {
		return wire.Detail{CardType: "01", STAN: stan, PAN: p, Amount: fen}
	}
	text, err := wire.Details48([]wire.Detail{detail("000002", pan("A"), 6000), detail("000003", pan("A"), 6001), detail("000004", pan("A"), 999999900), detail("000009", pan("A"), 1)})
	if err != nil {
		t.Fatal(err)
	}
	w.run("upload f48=" + text + " -> 00")
	for _, want := range []string{"000003 has another amount", "000004 was refused", "000009 is not in the book"} {
		if !strings.Contains(w.first.Note, want) {
			t.Errorf("%q is not in %q", want, w.first.Note)
		}
	}
	if strings.Contains(w.first.Note, "000002") {
		t.Errorf("a detail that agrees is in %q", w.first.Note)
	}
	w.run("end net=202 f48=0005 -> 00")
	for _, want := range []string{"counts 5 details, and 4 came", "3 differ"} {
		if !strings.Contains(w.first.Note, want) {
			t.Errorf("%q is not in %q", want, w.first.Note)
		}
	}
}

// sealedBy makes the frame of a request under a TAK.
func sealedBy(t *testing.T, dialect *wire.Dialect, m wire.Message, tak hsm.Key, algorithm hsm.MACAlgorithm) []byte {
	t.Helper()
	seal, err := algorithm.Sealer(tak)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := dialect.Encode(nil, &m, seal)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// TestMACs takes requests through each dialect and algorithm: right, wrong, absent.
func TestMACs(t *testing.T) {
	for _, dialect := range dialects(t) {
		for _, algorithm := range []hsm.MACAlgorithm{hsm.MACECB, hsm.MACX99, hsm.MACX919, hsm.MACCMAC} {
			t.Run(dialect.Name()+" "+string(algorithm), func(t *testing.T) {
				w := newWorld(t)
				w.h.MAC = MACRequire
				if err := w.h.Registry.PutTerminal(registry.Terminal{TID: "00000001", MID: registry.DefaultMID, MACAlgorithm: algorithm}); err != nil {
					t.Fatal(err)
				}
				w.run("card A")
				handle := w.h.Handler(dialect)
				ask := func(frame []byte) (a wire.Message, mab []byte) {
					t.Helper()
					answer, ok := handle(context.Background(), frame)
					if !ok {
						t.Fatal("silent")
					}
					mab, err := dialect.Decode(answer, &a)
					if err != nil {
						t.Fatal(err)
					}
					return a, mab
				}
				m, _ := w.message("sale", []string{"A", "12.34"})
				if a, _ := ask(encoded(t, dialect, m)); a.Code != "A0" || a.MAC != nil {
					t.Errorf("before any sign-on: got %s, MAC %d bytes", a.Code, len(a.MAC))
				}
				w.run("signon -> 00")
				if a, _ := ask(encoded(t, dialect, m)); a.Code != "A0" || a.MAC != nil {
					t.Errorf("without a MAC: got %s", a.Code)
				}
				good := sealedBy(t, dialect, m, w.keys.TAK, algorithm)
				for _, at := range []int{len(good) - 1, len(good) - 8, len(good) - 20} {
					bad := bytes.Clone(good)
					if bad[at] = '0' + (bad[at]+1)%10; bytes.Equal(bad, good) {
						bad[at]++
					}
					if answer, ok := handle(context.Background(), bad); ok {
						var a wire.Message
						if _, err := dialect.Decode(answer, &a); err != nil || a.Code == "00" || a.MAC != nil {
							t.Errorf("changed at %d: got %s, %v", at, a.Code, err)
						}
					}
				}
				if w.register("A") != "1000000.00" {
					t.Fatalf("a wrong MAC was posted: %s", w.register("A"))
				}
				a, mab := ask(good)
				seal, _ := algorithm.Sealer(w.keys.TAK)
				if err := hsm.Verify(seal, mab, a.MAC); a.Code != "00" || err != nil {
					t.Errorf("got %s, %v", a.Code, err)
				}
				rev, _ := w.message("rev", []string{"A", "12.34"})
				if a, _ := ask(encoded(t, dialect, rev)); a.Code != "A0" || w.register("A") != "999987.66" {
					t.Errorf("a reversal without a MAC: got %s, balance %s", a.Code, w.register("A"))
				}
				if a, _ := ask(sealedBy(t, dialect, rev, w.keys.TAK, algorithm)); a.Code != "00" || len(a.MAC) != 8 {
					t.Errorf("a reversal: got %s", a.Code)
				}
				w.run("signoff -> 00")
				m.STAN = "000077"
				if a, _ := ask(sealedBy(t, dialect, m, w.keys.TAK, algorithm)); a.Code != "A0" {
					t.Errorf("after sign-off: got %s", a.Code)
				}
			})
		}
	}
}

// TestMACOff: nothing is verified, and a sealed request gets a sealed answer.
func TestMACOff(t *testing.T) {
	w := newWorld(t)
	w.run("card A\nsignon -> 00")
	m, _ := w.message("sale", []string{"A", "1.00"})
	if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "00" || d.Seal != nil {
		t.Errorf("got %s, sealed %v", d.Answer.Code, d.Seal != nil)
	}
	m.STAN, m.MAC = "000009", []byte("whatever")
	if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "00" || d.Seal == nil {
		t.Errorf("got %s, sealed %v", d.Answer.Code, d.Seal != nil)
	}
}

// TestManagementCarriesNoMAC: with MACs required, sign-on, settlement and echo go
// without, and script results do not.
func TestManagementCarriesNoMAC(t *testing.T) {
	w := newWorld(t)
	w.h.MAC = MACRequire
	w.run(`
		signon -> 00
		settle 0.00/0 0.00/0 -> 00
		upload f48=00 -> 00
		end f48=0000 -> 00
		signoff -> 00`)
	script := wire.Message{MTI: "0620", STAN: "000001", TID: "00000001", MID: registry.DefaultMID, Private60: "0000000195160"}
	if d := w.h.Decide(context.Background(), Request{Message: script}); d.Answer.Code != "A0" {
		t.Errorf("got %s", d.Answer.Code)
	}
	w.h.MAC = MACOff
	script.Chip = []byte{0xDF, 0x31, 0x05, 1, 2, 3, 4, 5}
	if d := w.h.Decide(context.Background(), Request{Message: script}); d.Answer.Code != "00" || d.Answer.MTI != "0630" || !strings.Contains(d.Note, "0102030405") {
		t.Errorf("got %s %s %q", d.Answer.MTI, d.Answer.Code, d.Note)
	}
	script.Chip = []byte{0xDF}
	if d := w.h.Decide(context.Background(), Request{Message: script}); d.Answer.Code != "30" {
		t.Errorf("got %s", d.Answer.Code)
	}
}

func TestPIN(t *testing.T) {
	for name, text := range map[string]string{
		"right and wrong": `
			signon -> 00
			card A pin=123456
			sale A 1.00 entry=021 -> 99               # a PIN was entered, and is not there
			sale A 1.00 pin=123456 -> 00 A=999999.00
			sale A 1.00 pin=654321 -> 55 pin F44=PIN_tries_left_2
			again -> 55 F44=PIN_tries_left_2          # no try is counted for a repeat
			sale A 1.00 pin=1234 -> 55 F44=PIN_tries_left_1
			sale A 1.00 pin=123456 -> 00              # a right one forgets the wrong ones
			sale A 1.00 pin=654321 -> 55 F44=PIN_tries_left_2
		`,
		"the limit": `
			signon -> 00
			card A pin=123456
			sale A 1.00 pin=111111 -> 55
			balance A pin=222222 -> 55 F54=
			sale A 1.00 pin=333333 -> 75 pin F44=PIN_tries_left_0 A=1000000.00
			sale A 1.00 pin=123456 -> 75 pin F44=
			balance A pin=123456 -> 75
			sale A 1.00 -> 00                         # bypassed
			clock +240h
			sale A 1.00 pin=123456 -> 75
		`,
		"of a card without one": `
			signon -> 00
			card A
			sale A 1.00 pin=999999 -> 00
		`,
		"not a PIN block": `
			card A pin=123456
			sale A 1.00 pin=garbage -> 99 pin
			signon -> 00
			sale A 1.00 pin=garbage -> 99
			sale A 1.00 pin=garbage -> 99
			sale A 1.00 pin=garbage -> 99
			sale A 1.00 pin=123456 -> 00
		`,
		"before the limits and after the expiry": `
			signon -> 00
			card A pin=123456 per=1.00 expiry=2605
			sale A 9.00 pin=111111 -> 54
			card A pin=123456 per=1.00
			sale A 9.00 pin=111111 -> 55
			sale A 9.00 pin=123456 -> 61
			sale A 1.00 pin=111111 -> 55 F44=PIN_tries_left_1 # what was refused clears nothing
		`,
		"of a void": `
			signon -> 00
			card A pin=123456
			sale A 1.00 as=s -> 00
			void A 1.00 of=s pin=111111 -> 55 A=999999.00
			void A 1.00 of=s pin=123456 -> 00
		`,
		"CVN on the stripe": `
			card A cvn=123
			sale A 1.00 disc=00000123 -> 00
			sale A 1.00 disc=00000124 -> 05 cvn
			sale A 1.00 disc=00000 -> 05
			sale A 1.00 -> 00                          # no track: nothing to verify
			sale A 1.00 disc=00000999 entry=051 -> 00  # a chip has another
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestPINFormats: 53.1 says how it is laid out.
func TestPINFormats(t *testing.T) {
	w := newWorld(t)
	w.run("signon -> 00\ncard A pin=123456")
	pin, _ := hsm.ParsePIN("123456")
	for f53, format := range map[string]hsm.PINFormat{"2600000000000000": hsm.ISO0, "1600000000000000": hsm.NoPAN, "3600000000000000": hsm.ISO3, "": hsm.ISO0} {
		m, _ := w.message("sale", []string{"A", "1.00"})
		block, err := format.Encrypt(w.keys.TPK, pin, m.PAN, w.h.Random)
		if err != nil {
			t.Fatal(err)
		}
		m.PINBlock, m.Security = block, f53
		if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "00" {
			t.Errorf("%s: got %s (%s)", format, d.Answer.Code, d.Note)
		}
	}
	for _, f53 := range []string{"7600000000000000", "2", "2x00000000000000"} {
		m, _ := w.message("sale", []string{"A", "1.00", "pin=123456"})
		m.Security = f53
		if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "99" {
			t.Errorf("F53 %q: got %s (%s)", f53, d.Answer.Code, d.Note)
		}
	}
}

// TestPVVAndCVK: the issuer's keys instead of the values.
func TestPVVAndCVK(t *testing.T) {
	w := newWorld(t)
	w.run("signon -> 00\ncard A")
	key, _ := hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210")
	pin, _ := hsm.ParsePIN("1234")
	c, _ := w.h.Registry.Card(pan("A"))
	pvv, err := hsm.PVV(key, 1, pin, c.PAN)
	if err != nil {
		t.Fatal(err)
	}
	c.PVK, c.PVKIndex, c.PVV, c.CVK = key, 1, registry.Digits(pvv), key
	if err := w.h.Registry.PutCard(c); err != nil {
		t.Fatal(err)
	}
	cvv, _ := hsm.CVV(key, c.PAN, "2912", "101")
	icvv, _ := hsm.CVV(key, c.PAN, "2912", hsm.ForICVV)
	w.run("sale A 1.00 pin=1234 -> 00\nsale A 1.00 pin=1235 -> 55\nsale A 1.00 disc=10000" + cvv + " -> 00\nsale A 1.00 disc=10000" + icvv + " -> 05\nsale A 1.00 entry=051 disc=10000" + icvv + " -> 00")
}

// TestEncipheredTracks: F53.3 says so, and the MAC comes first.
func TestEncipheredTracks(t *testing.T) {
	for _, dialect := range dialects(t) {
		w := newWorld(t)
		w.run("card A\nsignon net=004 -> 00")
		m, _ := w.message("sale", []string{"A", "1.00", "track=2912"})
		clear := m.Track2
		var err error
		if m.Track2, err = hsm.EncryptTrack2(w.keys.TDK, clear); err != nil {
			t.Fatal(err)
		}
		m.Security = "0610000000000000"
		frame, ok := w.h.Handler(dialect)(context.Background(), encoded(t, dialect, m))
		var a wire.Message
		if _, err := dialect.Decode(frame, &a); !ok || err != nil || a.Code != "00" || w.register("A") != "999999.00" {
			t.Errorf("%s: got %s, %v, balance %s\n%s", dialect, a.Code, err, w.register("A"), w.log.String())
		}
		m.STAN, m.Track2 = "000050", clear
		if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "30" || d.Rule != "track" {
			t.Errorf("%s: a clear track that claims to be enciphered: %s %s", dialect, d.Answer.Code, d.Rule)
		}
		w.run("signon net=003 -> 00") // no TDK
		if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != "30" {
			t.Errorf("%s: without a TDK: %s", dialect, d.Answer.Code)
		}
	}
}

// TestDUKPT: a terminal that counts keys instead of signing on, TDES and AES.
func TestDUKPT(t *testing.T) {
	for _, c := range []struct {
		bdk, ksn  string
		algorithm hsm.Algorithm
		kind      hsm.KeyType
		mac       hsm.MACAlgorithm
	}{
		{"0123456789ABCDEFFEDCBA9876543210", "FFFF9876543210E00001", hsm.TDES, hsm.TDES2, hsm.MACECB},
		{"FEDCBA9876543210F1F1F1F1F1F1F1F1", "123456789012345600000001", hsm.AES, hsm.AES128, hsm.MACCMAC},
	} {
		t.Run(c.algorithm.String(), func(t *testing.T) {
			bdk, _ := hsm.ParseKey(c.algorithm, c.bdk)
			w := newWorld(t)
			w.h.MAC = MACRequire
			if err := w.h.Registry.PutTerminal(registry.Terminal{TID: "00000001", MID: registry.DefaultMID, BDK: bdk}); err != nil {
				t.Fatal(err)
			}
			w.run("card A pin=1234")
			ksn, _ := hsm.ParseKSN(c.ksn)
			ik, err := hsm.InitialKey(bdk, ksn)
			if err != nil {
				t.Fatal(err)
			}
			working := func(u hsm.Usage) hsm.Key {
				k, err := hsm.WorkingKey(ik, ksn, u, c.kind)
				if err != nil {
					t.Fatal(err)
				}
				return k
			}
			pin, _ := hsm.ParsePIN("1234")
			for _, dialect := range dialects(t) {
				m, _ := w.message("sale", []string{"A", "1.00"})
				if c.algorithm == hsm.TDES { // field 52 has no room for a block of AES
					m.PINBlock, _ = hsm.ISO0.Encrypt(working(hsm.UsePIN), pin, m.PAN, nil)
					m.Security = "2600000000000000"
				}
				if m.Private62 = ksn; dialect.Name() != "unionpay" {
					m.Private62 = []byte(ksn.String())
				}
				frame, ok := w.h.Handler(dialect)(context.Background(), sealedBy(t, dialect, m, working(hsm.UseMACRequest), c.mac))
				var a wire.Message
				mab, err := dialect.Decode(frame, &a)
				if !ok || err != nil || a.Code != "00" {
					t.Fatalf("%s: got %s, %v\n%s", dialect, a.Code, err, w.log.String())
				}
				seal, _ := c.mac.Sealer(working(hsm.UseMACResponse))
				if err := hsm.Verify(seal, mab, a.MAC); err != nil {
					t.Errorf("%s: %v", dialect, err)
				}
			}
			if c.algorithm == hsm.AES { // what field 52 would carry if it were longer
				w.h.MAC = MACOff
				for digits, want := range map[string]wire.Code{"1234": "00", "4321": "55"} {
					pin, _ := hsm.ParsePIN(digits)
					m, _ := w.message("sale", []string{"A", "1.00"})
					m.Private62, m.Security = ksn, "4000000000000000"
					m.PINBlock, err = hsm.ISO4.Encrypt(working(hsm.UsePIN), pin, m.PAN, w.h.Random)
					if d := w.h.Decide(context.Background(), Request{Message: m}); err != nil || d.Answer.Code != want {
						t.Errorf("PIN block of format 4: got %s (%s, %v), want %s", d.Answer.Code, d.Note, err, want)
					}
				}
			}
		})
	}
}

func TestDownloads(t *testing.T) {
	w := newWorld(t)
	capk := func(index byte) []byte {
		b, _ := wire.AppendTLV(nil, "9F06", []byte{0xA0, 0, 0, 3, 0x33})
		b, _ = wire.AppendTLV(b, "9F22", []byte{index})
		b, _ = wire.AppendTLV(b, "DF02", bytes.Repeat([]byte{index}, 144))
		return b
	}
	for i := range byte(70) {
		w.h.Downloads.CAPKs = append(w.h.Downloads.CAPKs, capk(i))
	}
	aid, _ := wire.AppendTLV(nil, "9F06", []byte{0xA0, 0, 0, 3, 0x33, 1, 1, 1})
	w.h.Downloads.AIDs = [][]byte{aid}
	w.h.Downloads.Parameters = []byte("1260")
	ask := func(k wire.Kind, f62 []byte) wire.Message {
		t.Helper()
		tx, _ := wire.UnionPay().Transaction(k)
		m := wire.Message{TID: "00000001", MID: registry.DefaultMID, Private62: f62}
		tx.Start(&m)
		return w.h.Decide(context.Background(), Request{Message: m}).Answer
	}
	received, states := 0, ""
	for range 5 {
		query, _ := wire.ListQuery62(received)
		l, err := wire.ParseList(ask(wire.CAPKQuery, query).Private62)
		if err != nil {
			t.Fatal(err)
		}
		states += string(l.State)
		names, _ := wire.Entries(l.Objects)
		for i, e := range names {
			want := fmt.Sprintf("%02X", received+i)
			if e.AID != "A000000333" || e.Index != want {
				t.Fatalf("entry %d: got %+v, want %s", received+i, e, want)
			}
		}
		if received += len(names); l.State != wire.ListMore {
			break
		}
	}
	if received != 70 || states != "223" {
		t.Errorf("got %d entries in %s", received, states)
	}
	want, _ := wire.AppendTLV(nil, "9F06", []byte{0xA0, 0, 0, 3, 0x33})
	want, _ = wire.AppendTLV(want, "9F22", []byte{7})
	if a := ask(wire.CAPKDownload, want); !bytes.Equal(a.Private62, append([]byte("1"), capk(7)...)) || a.Code != "00" || a.MTI != "0810" {
		t.Errorf("got %X", a.Private62)
	}
	want[len(want)-1] = 0xEE
	if a := ask(wire.CAPKDownload, want); string(a.Private62) != "0" {
		t.Errorf("a key that is not there: %X", a.Private62)
	}
	if a := ask(wire.AIDQuery, []byte("100")); string(a.Private62) != "1"+string(aid) {
		t.Errorf("got %X", a.Private62)
	}
	if a := ask(wire.AIDDownload, aid); string(a.Private62) != "1"+string(aid) {
		t.Errorf("got %X", a.Private62)
	}
	if a := ask(wire.AIDQuery, []byte("101")); string(a.Private62) != "0" {
		t.Errorf("got %q", a.Private62)
	}
	if a := ask(wire.ParameterDownload, nil); string(a.Private62) != "1260" {
		t.Errorf("got %q", a.Private62)
	}
	for _, k := range []wire.Kind{wire.CAPKEnd, wire.AIDEnd, wire.ParameterEnd, wire.Status} {
		if a := ask(k, nil); a.Code != "00" {
			t.Errorf("%s: got %s", k, a.Code)
		}
	}
	for k, f62 := range map[wire.Kind]string{wire.CAPKQuery: "x", wire.CAPKDownload: "\x9f\x06\xff"} {
		if a := ask(k, []byte(f62)); a.Code != "30" {
			t.Errorf("%s: got %s", k, a.Code)
		}
	}
}
