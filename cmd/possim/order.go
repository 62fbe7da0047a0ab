package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	by     []string // the flags that name its original, of which one must
}

// What names an original: its voucher, while it is in this batch, or what its slip says.
var (
	byRRN    = []string{"voucher", "rrn"}
	byAuth   = []string{"voucher", "auth"}
	byEither = []string{"voucher", "rrn", "auth"}
)

// orderKinds are all of them, in the order of a day.
var orderKinds = []orderKind{
	{"sign-on", emulator.SignOn, noAmount, "fetch working keys, batch and clock (签到)", nil},
	{"download", emulator.Download, noAmount, "fetch parameters, CAPKs and AIDs", nil},
	{"operator", emulator.Operator, noAmount, "--operator NN signs on to the terminal; nothing is sent", nil},
	{"balance", emulator.Balance, noAmount, "ask for the card's balance", nil},
	{"sale", emulator.Sale, anAmount, "as possim sale", nil},
	{"qr", emulator.QR, anAmount, "take the payment code of --code (扫码)", nil},
	{"void", emulator.Void, mayAmount, "the sale of --voucher (消费撤销)", byRRN},
	{"refund", emulator.Refund, anAmount, "of the sale of --rrn and --date, or --voucher (退货)", byRRN},
	{"pre-auth", emulator.PreAuth, anAmount, "hold an amount (预授权)", nil},
	{"pre-auth-cancel", emulator.PreAuthCancel, mayAmount, "of --auth and --date, or --voucher", byAuth},
	{"completion", emulator.Completion, anAmount, "of --auth and --date, or --voucher: take what is held", byAuth},
	{"completion-notice", emulator.CompletionNotice, anAmount, "the same, sent until it is answered", byAuth},
	{"completion-void", emulator.CompletionVoid, mayAmount, "the completion of --voucher", byEither},
	{"echo", emulator.Echo, noAmount, "ask the host whether it is there", nil},
	{"status", emulator.Status, noAmount, "report the terminal's condition", nil},
	{"recover", emulator.Recover, noAmount, "send what an earlier run left open", nil},
	{"settle", emulator.Settle, noAmount, "compare the batch with the host's and close it (结算)", nil},
	{"sign-off", emulator.SignOff, noAmount, "give the working keys up (签退)", nil},
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
	if err := o.sensible(kind); err != nil {
		return err
	}
	return o.do(ctx, todo)
}

// sensible refuses what no terminal could be asked, before anything is sent. It
// shows nothing of what was typed: it may be a card's number in the wrong place.
func (o *order) sensible(k orderKind) error {
	given := map[string]string{"voucher": o.original.Voucher, "rrn": o.original.RRN, "auth": o.original.Auth}
	named := 0
	for _, flag := range k.by {
		if given[flag] != "" {
			named++
		}
	}
	original := o.original != emulator.Original{}
	switch {
	case k.by == nil && original:
		return usage("possim order %s: it has no original: leave out --voucher, --rrn, --auth and --date", k.name)
	case k.by != nil && named == 0:
		return usage("possim order %s: which original? say --%s", k.name, strings.Join(k.by, " or --"))
	case o.original.Voucher != "" && !(len(o.original.Voucher) == 6 && allOf(o.original.Voucher, figures)):
		return usage("--voucher: want 6 digits, as on the slip")
	case o.original.Date != "" && !monthAndDay(o.original.Date):
		return usage("--date: want a day as MMDD, such as 0601")
	case len(o.original.RRN) > 12 || !allOf(o.original.RRN, figures+letters):
		return usage("--rrn: want up to 12 letters and digits, as on the slip")
	case len(o.original.Auth) > 6 || !allOf(o.original.Auth, figures+letters):
		return usage("--auth: want up to 6 letters and digits, as on the slip")
	case k.kind == emulator.QR && o.code == "":
		return usage("possim order qr: which code? say --code")
	case k.kind != emulator.QR && k.by == nil && o.code != "":
		return usage("possim order %s: it takes no --code", k.name)
	case k.kind != emulator.Operator && o.operator != "":
		return usage("possim order %s: it takes no --operator", k.name)
	}
	return nil
}

const (
	figures = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// allOf reports whether text has no other characters than these.
func allOf(text, characters string) bool { return strings.Trim(text, characters) == "" }

// monthAndDay reports whether MMDD is a day of some year.
func monthAndDay(mmdd string) bool {
	_, err := time.Parse("0102", mmdd) // of the year 0, a leap year
	return err == nil
}
