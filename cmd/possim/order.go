package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"possim/emulator"
	"possim/host/money"
)

// order is anything else that a terminal of this machine does.
type order struct {
	station
	original emulator.Original
	code     string
	operator string
}

// orderAmount says whether a kind of order has an amount.
type orderAmount int

const (
	noAmount orderAmount = iota
	anAmount
	mayAmount // its original's, as long as that is in the batch
)

// orderKind is an order by the name it has here.
type orderKind struct {
	name   string
	kind   emulator.OrderKind
	amount orderAmount
	what   string
}

// orderKinds are all of them, in the order of a day.
var orderKinds = []orderKind{
	{"sign-on", emulator.SignOn, noAmount, "fetch working keys, batch and clock (签到)"},
	{"download", emulator.Download, noAmount, "fetch parameters, CAPKs and AIDs"},
	{"operator", emulator.Operator, noAmount, "--operator NN signs on to the terminal; nothing is sent"},
	{"balance", emulator.Balance, noAmount, "ask for the card's balance"},
	{"sale", emulator.Sale, anAmount, "as possim sale"},
	{"qr", emulator.QR, anAmount, "take the payment code of --code (扫码)"},
	{"void", emulator.Void, mayAmount, "the sale of --voucher (消费撤销)"},
	{"refund", emulator.Refund, anAmount, "of the sale of --rrn and --date, or --voucher (退货)"},
	{"pre-auth", emulator.PreAuth, anAmount, "hold an amount (预授权)"},
	{"pre-auth-cancel", emulator.PreAuthCancel, mayAmount, "of --auth and --date, or --voucher"},
	{"completion", emulator.Completion, anAmount, "of --auth and --date, or --voucher: take what is held"},
	{"completion-notice", emulator.CompletionNotice, anAmount, "the same, sent until it is answered"},
	{"completion-void", emulator.CompletionVoid, mayAmount, "the completion of --voucher"},
	{"echo", emulator.Echo, noAmount, "ask the host whether it is there"},
	{"status", emulator.Status, noAmount, "report the terminal's condition"},
	{"recover", emulator.Recover, noAmount, "send what an earlier run left open"},
	{"settle", emulator.Settle, noAmount, "compare the batch with the host's and close it (结算)"},
	{"sign-off", emulator.SignOff, noAmount, "give the working keys up (签退)"},
}

func (a *app) orderCommand() *cobra.Command {
	o := &order{station: station{app: a}}
	var kinds strings.Builder
	var names []string
	for _, k := range orderKinds {
		fmt.Fprintf(&kinds, "  %-18s %s\n", k.name, k.what)
		names = append(names, k.name)
	}
	cmd := &cobra.Command{
		Use:   "order KIND [AMOUNT]",
		Short: "Have the terminal do anything else: sign on, void, refund, settle ...",
		Long: `order is one order at a terminal, which goes on where the last one left it:

` + kinds.String() + `
It asks, prints and exits as possim sale does, whose flags it has.`,
		Example: `  possim order sign-on
  possim order void --voucher 000001 --swipe good
  possim order refund 5.00 --rrn 012345678901 --date 0601 --swipe good
  possim order settle --json`,
		ValidArgs: names,
		Args:      cobra.RangeArgs(1, 2),
		RunE:      a.command(o.run),
	}
	f := cmd.Flags()
	f.StringVar(&o.original.Voucher, "voucher", "", "the original's voucher number (STAN), while it is in this batch")
	f.StringVar(&o.original.RRN, "rrn", "", "the original's reference number")
	f.StringVar(&o.original.Auth, "auth", "", "the original's authorisation code")
	f.StringVar(&o.original.Date, "date", "", "the original's date, MMDD (default today)")
	f.StringVar(&o.code, "code", "", "the payment code that was scanned")
	f.StringVar(&o.operator, "operator", "", "the operator's number, two digits")
	o.register(cmd)
	return cmd
}

func (o *order) run(ctx context.Context, args []string) error {
	i := slices.IndexFunc(orderKinds, func(k orderKind) bool { return k.name == args[0] })
	if i < 0 {
		return usage("there is no order %q: possim order --help lists them", args[0])
	}
	kind := orderKinds[i]
	todo := emulator.Order{Kind: kind.kind, Original: o.original, Code: o.code, Operator: o.operator, Amount: money.Amount{Currency: money.CNY}}
	switch given := len(args) == 2; {
	case given && kind.amount == noAmount:
		return usage("possim order %s: it has no amount", kind.name)
	case !given && kind.amount == anAmount:
		return usage("possim order %s: want AMOUNT", kind.name)
	case given:
		amount, err := money.Parse(args[1], money.CNY)
		if err != nil {
			return usage("%w", err)
		}
		todo.Amount = amount
	}
	if todo.Kind == emulator.QR && todo.Code == "" {
		return usage("possim order qr: which code? say --code")
	}
	return o.do(ctx, todo)
}
