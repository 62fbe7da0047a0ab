package kernel_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader/emv"
)

// deaf is a card that answers every command with 6D00: not one of EMV's.
type deaf struct{}

func (deaf) Transmit(context.Context, []byte) ([]byte, error) { return []byte{0x6D, 0x00}, nil }

// A card that has no application in common with the terminal is a result, not an error.
func Example() {
	k := &kernel.Kernel{
		Type:         0x22,
		Capabilities: emv.Capabilities{0xE0, 0xF8, 0xC8},
		Country:      "156",
		Applications: []kernel.Application{{AID: []byte{0xA0, 0, 0, 0x03, 0x33}, Partial: true, FloorLimit: 100000}},
		CAPKs:        emv.PublicCAPKs(),
		Random:       strings.NewReader("four bytes or more"),
	}
	r, err := k.Start(context.Background(), deaf{}, kernel.Transaction{
		Amount: money.Yuan(1234), At: time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC)})
	fmt.Println(r.Decision, r.Cause, r.TVR, err)
	fmt.Println(r.Err)
	// Output:
	// terminated no-application 0000000000 <nil>
	// card and terminal have no application in common that takes this transaction
}
