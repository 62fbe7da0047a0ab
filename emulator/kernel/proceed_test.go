package kernel

import (
	"context"
	"errors"
	"strings"
	"testing"

	"possim/reader/emv"
)

// The amount that counts is Proceed's, what the acquirer says of the application too, and
// the card is selected and read once.
func TestProceed(t *testing.T) {
	c, k := newChip(), newKernel()
	tx := newSale()
	read, err := k.Identify(context.Background(), c, tx)
	if err != nil || read.Decision != Identified || read.PAN != testPAN {
		t.Fatalf("%v %v", read, err)
	}
	tx.Amount.Minor = 4321
	got, err := k.Proceed(context.Background(), tx, func(a *Application) { a.FloorLimit = 4000 })
	if err != nil || got.Decision != Online {
		t.Fatalf("%v %v", got, err)
	}
	if amount, floor := got.Data.Value(emv.TagAmountAuthorised), got.Data.Value(emv.TagFloorLimit); hexText(amount) != "000000004321" || hexText(floor) != "00000FA0" {
		t.Errorf("amount %X, floor limit %X", amount, floor)
	}
	if !got.TVR.Has(emv.TVRFloorLimit) {
		t.Errorf("TVR %v", got.TVR)
	}
	if sent := strings.Join(c.log, " "); strings.Count(sent, "80A8") != 1 || strings.Count(sent, "80AE") != 1 {
		t.Errorf("sent %s", sent)
	}
	if got, err = k.Finish(context.Background(), HostAnswer{Code: "00"}); err != nil || got.Decision != Approved {
		t.Errorf("%v %v", got, err)
	}
}

func TestProceedOutOfOrder(t *testing.T) {
	c, k := newChip(), newKernel()
	if _, err := k.Proceed(context.Background(), newSale(), nil); !errors.Is(err, errNotRead) {
		t.Error(err)
	}
	if _, err := k.Identify(context.Background(), c, newSale()); err != nil {
		t.Fatal(err)
	}
	bad := newSale()
	bad.Amount.Minor = -1
	if r, err := k.Proceed(context.Background(), bad, nil); err == nil || r.Cause != CauseTerminal {
		t.Errorf("%v %v", r, err)
	}
	if _, err := k.Proceed(context.Background(), newSale(), nil); !errors.Is(err, errNotRead) {
		t.Error(err)
	}
}
