package script

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/money"
	"possim/scenarios/load"
)

// outcome is what a script may name to a later order.
type outcome struct {
	emulator.Outcome
	card  *payer
	by    string // how the card came
	batch int    // settlements before it
}

// known is the symbol under which objects of ours have what they stand for.
var known = sobek.NewSymbol("possim")

// behind is what an object stands for. A script that looks finds no field and no method.
type behind struct{ what any }

// hide has an object stand for something, which hidden finds again.
func (v *vm) hide(o *sobek.Object, what any) {
	_ = o.DefineDataPropertySymbol(known, v.rt.ToValue(&behind{what}), sobek.FLAG_FALSE, sobek.FLAG_FALSE, sobek.FLAG_FALSE)
}

// hidden finds what an object stands for.
func hidden[T any](value sobek.Value) (what T, is bool) {
	o, is := value.(*sobek.Object)
	if !is {
		return what, false
	}
	found := o.GetSymbol(known)
	if found == nil {
		return what, false
	}
	b, is := found.Export().(*behind)
	if !is {
		return what, false
	}
	what, is = b.what.(T)
	return what, is
}

// told makes the object: what possim sale --json prints, and how long it took.
func (v *vm) told(o *outcome, took time.Duration) *sobek.Object {
	object := v.plain(o.Words())
	_ = object.Delete("slip")                                 // there is no printer
	_ = object.Set("approved", o.Result == emulator.Approved) // a plain object takes anything
	_ = object.Set("ms", float64(took.Microseconds())/1000)
	v.hide(object, o)
	return object
}

// terminal is the script's object of that name.
func (v *vm) terminal() *sobek.Object {
	o := v.rt.NewObject()
	set := func(name string, value any) { _ = o.Set(name, value) } // a new object takes anything
	set("tid", "")
	set("number", 0)
	if v.seat != nil {
		set("tid", v.seat.TID())
		set("number", v.seat.Number())
	}
	for name, kind := range map[string]emulator.OrderKind{"sale": emulator.Sale, "preAuth": emulator.PreAuth} {
		set(name, v.paying(name, kind))
	}
	for name, kind := range map[string]emulator.OrderKind{
		"void": emulator.Void, "refund": emulator.Refund, "preAuthCancel": emulator.PreAuthCancel,
		"completion": emulator.Completion, "completionNotice": emulator.CompletionNotice, "completionVoid": emulator.CompletionVoid,
	} {
		set(name, v.following(name, kind))
	}
	for name, kind := range map[string]emulator.OrderKind{
		"signOn": emulator.SignOn, "signOff": emulator.SignOff, "echo": emulator.Echo, "status": emulator.Status,
		"download": emulator.Download, "settle": emulator.Settle,
	} {
		set(name, v.cardless(name, kind))
	}
	set("balance", v.balance)
	return o
}

type method = func(sobek.FunctionCall) sobek.Value

// paying makes a method that takes an amount, a card and options.
func (v *vm) paying(name string, kind emulator.OrderKind) method {
	return func(call sobek.FunctionCall) sobek.Value {
		v.at("terminal." + name)
		o := emulator.Order{Kind: kind, Amount: v.amount(name, call.Argument(0))}
		return v.do(name, o, v.card(name, call.Argument(1)), call.Argument(2))
	}
}

// following makes a method that takes an earlier outcome and options.
func (v *vm) following(name string, kind emulator.OrderKind) method {
	return func(call sobek.FunctionCall) sobek.Value {
		v.at("terminal." + name)
		first, is := hidden[*outcome](call.Argument(0))
		if !is {
			v.throw("terminal.%s: want what an earlier order of this terminal returned, as in terminal.%s(sale)", name, name)
		}
		o := emulator.Order{Kind: kind, Amount: first.Amount, Original: v.original(kind, first)}
		by := first.by
		if by == byTap { // what follows up a tap is inserted
			by = byInsert
		}
		return v.do(name, o, first.card, call.Argument(1), by)
	}
}

// original names an earlier transaction: by its voucher while its batch is open, and then
// by what its slip says.
func (v *vm) original(kind emulator.OrderKind, first *outcome) emulator.Original {
	if first.batch == v.batch {
		return emulator.Original{Voucher: first.STAN}
	}
	switch kind {
	case emulator.Refund:
		return emulator.Original{RRN: first.RRN, Date: first.Date}
	case emulator.PreAuthCancel, emulator.Completion, emulator.CompletionNotice:
		return emulator.Original{Auth: first.Auth, Date: first.Date}
	}
	return emulator.Original{Voucher: first.STAN} // the terminal says that it is not of this batch
}

// cardless makes a method that takes options alone.
func (v *vm) cardless(name string, kind emulator.OrderKind) method {
	return func(call sobek.FunctionCall) sobek.Value {
		v.at("terminal." + name)
		return v.do(name, emulator.Order{Kind: kind}, nil, call.Argument(0))
	}
}

// balance asks for a card's balance.
func (v *vm) balance(call sobek.FunctionCall) sobek.Value {
	v.at("terminal.balance")
	return v.do("balance", emulator.Order{Kind: emulator.Balance}, v.card("balance", call.Argument(0)), call.Argument(1))
}

// amount reads an amount of money, which is never a number: 0.1 + 0.2 is not 0.3 there.
func (v *vm) amount(name string, value sobek.Value) money.Amount {
	text, is := value.Export().(string)
	if !is {
		v.throw("terminal.%s: the amount is %s: want text, as in '12.34'", name, value)
	}
	amount, err := money.Parse(text, money.CNY)
	if err != nil {
		v.throw("terminal.%s: %s", name, err)
	}
	return amount
}

// orderOptions are what a script may say of an order.
type orderOptions struct{ by, pin, tag, amount string }

// ways are the ways in which a card may come.
var ways = []string{bySwipe, byInsert, byTap}

const (
	bySwipe  = "swipe"
	byInsert = "insert"
	byTap    = "tap"
)

func (v *vm) options(name string, value sobek.Value) (o orderOptions) {
	if sobek.IsUndefined(value) {
		return o
	}
	object, is := value.(*sobek.Object)
	if !is {
		v.throw("terminal.%s: %s: want options, as in { by: 'insert', pin: '123456', tag: 'coffee' }", name, value)
	}
	known := map[string]*string{"amount": &o.amount, "by": &o.by, "pin": &o.pin, "tag": &o.tag}
	names := slices.Sorted(maps.Keys(known)) // in order: the first that is wrong is told
	for _, key := range names {
		given := object.Get(key)
		if given == nil || sobek.IsUndefined(given) {
			continue
		}
		if *known[key], is = given.Export().(string); !is {
			v.throw("terminal.%s: %s: want text", name, key)
		}
	}
	for _, key := range object.Keys() {
		if known[key] == nil {
			v.throw("terminal.%s: there is no option %s: there are %s", name, key, strings.Join(names, ", "))
		}
	}
	if o.by != "" && !slices.Contains(ways, o.by) {
		v.throw("terminal.%s: by: %q: want one of %s", name, o.by, strings.Join(ways, ", "))
	}
	if o.tag != "" {
		if err := load.CheckTag(o.tag); err != nil {
			v.throw("terminal.%s: tag: %s", name, err)
		}
	}
	return o
}

// do carries out an order with a card, in the way that was used for it before unless the
// options say another.
func (v *vm) do(name string, order emulator.Order, card *payer, options sobek.Value, before ...string) sobek.Value {
	o := v.options(name, options)
	if o.amount != "" {
		order.Amount = v.amount(name, v.rt.ToValue(o.amount))
	}
	by := cmp.Or(o.by, cmp.Or(before...), bySwipe)
	hand := load.Hand{Tag: o.tag}
	if o.pin != "" {
		pin, err := hsm.ParsePIN(o.pin)
		if err != nil {
			v.throw("terminal.%s: pin: %s", name, err)
		}
		hand.PIN = pin
	}
	if card != nil {
		put, release, err := card.take(v.ctx, v.script, by)
		if err != nil {
			v.over(err)
			v.throw("terminal.%s: %s", name, err)
		}
		defer release()
		hand.Present = put
	}
	began := v.seat.Now()
	out, err := v.seat.Do(v.ctx, order, hand)
	if err != nil {
		v.over(err)
		v.throw("terminal.%s: %s", name, err)
	}
	if out.Settlement != nil {
		v.batch++
	}
	return v.told(&outcome{out, card, by, v.batch}, v.seat.Now().Sub(began))
}
