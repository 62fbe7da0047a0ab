package kernel

import (
	"context"
	"slices"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// tapCard is the emulated card in a reader's field; it approves up to 50.00.
func tapCard(t testing.TB) *icc.Card {
	t.Helper()
	p, err := icc.Shipped("unionpay-debit", icc.Person{Seed: "kernel test", Issuer: testIssuer(), Holder: icc.Holder{PAN: testPAN,
		Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, ServiceCode: "201", Name: "CANARY/CARDHOLDER"}})
	if err != nil {
		t.Fatal(err)
	}
	p.Contactless, p.Applications[0].Tap.Offline = true, 5000
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// through has a card's answers pass through a function.
type through struct {
	reader.Transceiver
	pass func(answer []byte) []byte
}

func (c through) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	out, err := c.Transceiver.Transmit(ctx, apdu)
	return c.pass(out), err
}

// tapSale is 12.34 at a terminal that lets the card approve it, or one that does not.
func tapSale(t *testing.T, c reader.Transceiver, offline bool) Result {
	k := newKernel()
	if offline {
		k.Contactless = Contactless{Floor: 10000, CVM: 30000, NoPIN: 100000}
	}
	r, err := k.Tap(t.Context(), c, newSale())
	named(t, r, err, OtherInterface, TryAgain)
	switch {
	case r.Decision == Approved && (!offline || r.Cryptogram != emv.TC || r.PAN != testPAN):
		t.Fatalf("approved: %s of %s", r.Cryptogram, r.PAN)
	case r.Decision == Online && (!r.PAN.Valid() || len(r.Tags.Value(emv.TagCryptogram)) != 8):
		t.Fatalf("nothing to ask the issuer with: %v", r.Tags)
	case r.TVR != emv.TVR{}:
		t.Fatalf("TVR %s", r.TVR)
	}
	_ = r.Data.Describe()
	return r
}

// FuzzTap plays any tape to the kernel. The corpus is what a card answered.
func FuzzTap(f *testing.F) {
	for _, offline := range []bool{true, false} {
		var recorded []byte
		k := newKernel()
		if offline {
			k.Contactless = Contactless{Floor: 10000, CVM: 30000}
		}
		_, err := k.Tap(f.Context(), through{tapCard(f), func(a []byte) []byte {
			recorded = append(append(recorded, byte(len(a))), a...)
			return a
		}}, newSale())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(recorded, offline)
	}
	f.Fuzz(func(t *testing.T, b []byte, offline bool) {
		c := &tape{left: b}
		tapSale(t, c, offline)
		if c.commands > len(b)+400 {
			t.Errorf("%d commands for a tape of %d bytes", c.commands, len(b))
		}
	})
}

// FuzzTapSpoiled puts other bytes into one answer of a good card. Whatever they are, the
// card that is charged is the one that signed.
func FuzzTapSpoiled(f *testing.F) {
	for n := range 11 {
		f.Add(byte(n), uint16(3), []byte{0xFF}, true)
		f.Add(byte(n), uint16(0), []byte{}, false)
		f.Add(byte(n), uint16(60), []byte{0x9F, 0x6C, 2, 0, 0x80}, true)
	}
	c := tapCard(f)
	f.Fuzz(func(t *testing.T, n byte, at uint16, with []byte, offline bool) {
		c.Reset()
		seen := byte(0)
		tapSale(t, through{c, func(answer []byte) []byte {
			if seen++; seen-1 != n%16 {
				return answer
			}
			i := min(int(at), len(answer))
			return slices.Concat(answer[:i], with, answer[min(len(answer), i+len(with)):])
		}}, offline)
	})
}
