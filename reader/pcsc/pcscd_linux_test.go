package pcsc_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/icc"
	"possim/reader/pcsc"
	"possim/reader/vpcd/vpcdtest"
)

// sleep is the real one: pcscd is a process of its own.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// emulated makes a card of a profile that ships.
func emulated(t *testing.T, name string, alter func(*icc.Profile)) *icc.Card {
	t.Helper()
	p, err := icc.Shipped(name, icc.Person{Seed: "pcsc test", Holder: icc.Holder{PAN: "6210947000000021", Sequence: "01",
		Expiry: card.Expiry{Year: 2029, Month: 12}, Name: "TEST/CARD"}})
	if err != nil {
		t.Fatal(err)
	}
	if alter != nil {
		alter(&p)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func next(t *testing.T, r reader.Reader) reader.Presentation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := r.Next(ctx, reader.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// none wants no presentation for a while.
func none(t *testing.T, r reader.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if p, err := r.Next(ctx, reader.Ask{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v; want nothing", p, err)
	}
}

// tap is an emulated transport card as a contactless reader shows it: the reader itself
// answers the pseudo-APDU.
type tap struct{}

func (tap) Reset() {}
func (tap) ATR() []byte {
	return []byte{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 3, 6, 3, 0, 1, 0, 0, 0, 0, 0x6A}
}
func (tap) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	if apdu[0] == 0xFF && apdu[1] == 0xCA {
		return []byte{0x04, 0xA1, 0xB2, 0xC3, 0x90, 0x00}, nil
	}
	return []byte{0x6E, 0x00}, nil
}

var selectPSE = append([]byte{0x00, 0xA4, 0x04, 0x00, 14}, append([]byte("1PAY.SYS.DDF01"), 0)...)

// TestRealDaemon reads emulated cards through Debian's pcscd.
func TestRealDaemon(t *testing.T) {
	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
	d := lab.Start(t)
	present := d.Insert(t, tap{}) // pcscd takes connections from now on
	all, err := pcsc.Readers(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != vpcdtest.Reader || !all[0].Present || all[1].Present {
		t.Fatalf("readers: %+v, %v", all, err)
	}
	present.Remove(t)
	r, err := pcsc.Open(t.Context(), "00 00", pcsc.Options{Sleep: sleep})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	other, err := pcsc.Open(t.Context(), vpcdtest.Reader, pcsc.Options{Sleep: sleep})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()

	for _, p := range []icc.Protocol{icc.T0, icc.T1} {
		slot := d.Insert(t, emulated(t, "unionpay-debit", func(x *icc.Profile) { x.Protocol = p }))
		chip := next(t, r).(*reader.Chip)
		answer, err := chip.Card.Transmit(t.Context(), selectPSE)
		if err != nil || len(answer) < 2 || p == icc.T0 && answer[0] != 0x61 || p == icc.T1 && answer[0] != 0x6F {
			t.Errorf("%s: SELECT: %X, %v", p, answer, err)
		}
		none(t, other) // it waits in pcscd for the transaction to end
		if err := chip.Release(); err != nil {
			t.Error(err)
		}
		none(t, r) // the same card
		if err := next(t, other).(*reader.Chip).Release(); err != nil {
			t.Error(err)
		}
		slot.Remove(t)
	}

	slot := d.Insert(t, emulated(t, "unionpay-debit", func(x *icc.Profile) { x.Faults = []icc.Fault{{Kind: icc.FaultPulledOut, At: 1}} }))
	chip := next(t, r).(*reader.Chip)
	if answer, err := chip.Card.Transmit(t.Context(), selectPSE); !errors.Is(err, pcsc.ErrNoAnswer) && !errors.Is(err, pcsc.ErrRemoved) {
		t.Errorf("pulled out: %X, %v", answer, err)
	}
	slot.Left(t)
	if answer, err := chip.Card.Transmit(t.Context(), selectPSE); !errors.Is(err, pcsc.ErrNoAnswer) && !errors.Is(err, pcsc.ErrRemoved) {
		t.Errorf("after it left: %X, %v", answer, err)
	}
	chip.Release()

	slot = d.Insert(t, emulated(t, "unionpay-debit", func(x *icc.Profile) { x.Faults = []icc.Fault{{Kind: icc.FaultMute}} }))
	chip = next(t, r).(*reader.Chip)
	if answer, err := chip.Card.Transmit(t.Context(), selectPSE); len(chip.ATR) != 0 || !errors.Is(err, pcsc.ErrMute) {
		t.Errorf("mute: ATR %X, %X, %v", chip.ATR, answer, err)
	}
	slot.Remove(t)

	d.Insert(t, tap{})
	got := next(t, r).(*reader.Tap)
	if string(got.UID) != "\x04\xA1\xB2\xC3" || !strings.HasPrefix(pcsc.CardType(got.ATR), "MIFARE Classic 1K") {
		t.Errorf("UID %X, %s", got.UID, pcsc.CardType(got.ATR))
	}
	got.Release()
}
