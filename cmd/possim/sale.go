package main

import (
	"context"

	"github.com/spf13/cobra"

	"possim/emulator"
	"possim/host/money"
)

// sale is one sale at a terminal of this machine.
type sale struct{ station }

func (a *app) saleCommand() *cobra.Command {
	s := &sale{station{app: a}}
	cmd := &cobra.Command{
		Use:   "sale AMOUNT",
		Short: "Make one sale with an attached reader",
		Long: `sale is one sale at a terminal: the amount is confirmed twice (where stdin is not a
terminal, or with --yes, it is taken as confirmed), the card is read, its PIN is
entered where it asks for one, the host is asked, and the slip goes to stdout. What
the terminal's screen says goes to stderr.

Where messages carry MACs the terminal signs on by itself; host and terminal share a
published test key until --tmk says otherwise.

The terminal's state survives a power cut at any point: what an earlier run left
open is reversed first. It exits 0 when the sale is approved, 1 when it is not, and
4 when the reader, the state or the host cannot be reached.`,
		Example: `  possim sale 12.34 --reader serial:/dev/ttyUSB0
  possim sale 12.34 --reader wav:swipe.wav --host 10.0.0.5:8583 --dialect iso87ascii --json
  possim sale 12.34 --swipe good
  possim sale 12.34 --insert chip --pin 123456`,
		Args: exactly("AMOUNT"),
		RunE: a.command(s.run),
	}
	s.register(cmd)
	return cmd
}

func (s *sale) run(ctx context.Context, args []string) error {
	amount, err := money.Parse(args[0], money.CNY)
	if err != nil {
		return usage("%w", err)
	}
	if s.ways() == 0 {
		return errNoReader
	}
	return s.do(ctx, emulator.Order{Kind: emulator.Sale, Amount: amount})
}
