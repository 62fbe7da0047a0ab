package scenarios

import (
	"time"

	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/host/registry"
	"possim/host/wire"
)

// bare is the verbs that say everything by themselves.
var bare = map[string]emulator.OrderKind{
	"sign_on":  emulator.SignOn,
	"sign_off": emulator.SignOff,
	"echo":     emulator.Echo,
	"status":   emulator.Status,
	"settle":   emulator.Settle,
	"download": emulator.Download,
}

// orders is the vocabulary of what a cashier asks the terminal for.
func (r *stepReader) orders() map[string]func(*yaml.Node) Action {
	verbs := map[string]func(*yaml.Node) Action{
		"sale":            func(v *yaml.Node) Action { return r.amounted(emulator.Sale, v) },
		"pre_auth":        func(v *yaml.Node) Action { return r.amounted(emulator.PreAuth, v) },
		"balance":         func(v *yaml.Node) Action { return r.nothing(v, "balance", Order{Kind: emulator.Balance}) },
		"void":            func(v *yaml.Node) Action { return r.follow(emulator.Void, v) },
		"refund":          func(v *yaml.Node) Action { return r.follow(emulator.Refund, v) },
		"pre_auth_cancel": func(v *yaml.Node) Action { return r.follow(emulator.PreAuthCancel, v) },
		"complete":        func(v *yaml.Node) Action { return r.follow(emulator.Completion, v) },
		"complete_notice": func(v *yaml.Node) Action { return r.follow(emulator.CompletionNotice, v) },
		"complete_void":   func(v *yaml.Node) Action { return r.follow(emulator.CompletionVoid, v) },
		"qr":              func(v *yaml.Node) Action { return r.qr(v) },
		"operator": func(v *yaml.Node) Action {
			return Order{Kind: emulator.Operator, Operator: r.text(v, "operator"), plain: true}
		},
	}
	for verb, kind := range bare {
		verbs[verb] = func(v *yaml.Node) Action { return r.nothing(v, verb, Order{Kind: kind, plain: true}) }
	}
	return verbs
}

// nothing reads a verb that has no value: "- settle" or "- settle:".
func (r *stepReader) nothing(n *yaml.Node, verb string, o Order) Action {
	if r.probe != nil {
		r.probe.null(n)
		return o
	}
	if r.plain(n) && (n.Kind != yaml.ScalarNode || n.Tag != "!!null") {
		r.fail(n, "%s says everything by itself: leave out %s", verb, kindName(n))
	}
	return o
}

// amounted reads an order that has an amount and nothing else.
func (r *stepReader) amounted(kind emulator.OrderKind, n *yaml.Node) Action {
	return Order{Kind: kind, Amount: new(r.amount(n, "amount"))}
}

// follow reads an order that names an earlier transaction: by the label of its
// step, or {of: label, amount: 10.00}, or as a cashier would from a slip.
func (r *stepReader) follow(kind emulator.OrderKind, n *yaml.Node) Action {
	o := Order{Kind: kind, Original: &Original{}}
	if n.Kind == yaml.ScalarNode {
		o.Original.Label = r.label(n)
		return o
	}
	typed := func(to *string, what string) func(*yaml.Node) {
		return func(v *yaml.Node) { *to = r.text(v, what) }
	}
	ok := r.mapping(n, "an original", fields{
		"of":      func(v *yaml.Node) { o.Original.Label = r.label(v) },
		"amount":  func(v *yaml.Node) { o.Amount = new(r.amount(v, "amount")) },
		"voucher": typed(&o.Original.Voucher, "voucher (F11)"),
		"rrn":     typed(&o.Original.RRN, "rrn (F37)"),
		"auth":    typed(&o.Original.Auth, "auth (F38)"),
		"date":    typed(&o.Original.Date, "date (MMDD)"),
	})
	r.probe.of(n).group("anyOf", "of", "voucher", "rrn", "auth", "date")
	if ok && *o.Original == (Original{}) && !r.failedIn(n) {
		r.fail(n, "the original is not named: add of: with the label (as:) of its step, or voucher, rrn or auth")
	}
	typedAmount := kind != emulator.Void && kind != emulator.PreAuthCancel && kind != emulator.CompletionVoid
	if ok && typedAmount && o.Amount == nil && o.Original.Label == "" && !r.failedIn(n) {
		r.fail(n, "the amount is not said: add amount:, or of: with the label of a step whose amount it is")
	}
	return o
}

// label reads the name of an earlier step.
func (r *stepReader) label(n *yaml.Node) string {
	s := r.text(n, "the label of an earlier step (as: on it)")
	switch {
	case s == "" || r.labels[s]:
	case len(r.labels) == 0:
		r.fail(n, "no earlier step has a label: add as: %s to the one that is meant", s)
	default:
		r.unknown(n, "no earlier step has the label", words(r.labels))
	}
	return s
}

// longestShown bounds how long ago a code came up.
const longestShown = 24 * time.Hour

// qr reads {amount, card, scheme, age} or {amount, code}.
func (r *stepReader) qr(n *yaml.Node) Action {
	o := Order{Kind: emulator.QR, Code: &Code{Scheme: registry.UnionPay}}
	ok := r.mapping(n, "qr", fields{
		"amount": func(v *yaml.Node) { o.Amount = new(r.amount(v, "amount")) },
		"card": func(v *yaml.Node) {
			o.Code.Card = r.text(v, "card")
			r.named(v, o.Code.Card)
		},
		"scheme": func(v *yaml.Node) {
			o.Code.Scheme = registry.Scheme(r.choice(v, "scheme", string(registry.UnionPay), string(registry.WeChat), string(registry.Alipay)))
		},
		"age": func(v *yaml.Node) {
			if o.Code.Age = r.duration(v, "age", 0); o.Code.Age > longestShown {
				r.fail(v, "age is at most %s", longestShown)
			}
		},
		"code":  func(v *yaml.Node) { o.Code.Text = r.text(v, "code") },
		"shown": func(v *yaml.Node) { o.Code.Shown = r.label(v) },
	})
	r.probe.of(n).require("amount")
	r.probe.of(n).group("oneOf", "card", "code", "shown")
	ways := 0
	for _, said := range []bool{o.Code.Card != "", o.Code.Text != "", o.Code.Shown != ""} {
		if said {
			ways++
		}
	}
	switch {
	case !ok || r.failedIn(n):
	case o.Amount == nil:
		r.fail(n, "qr has no amount")
	case ways != 1:
		r.fail(n, "a code comes from one place: card: on whose phone it comes up, code: as it is, or shown: with the label of the step that showed it before")
	}
	return o
}

// typePIN reads what is typed at the PIN pad.
func (r *stepReader) typePIN(n *yaml.Node) Action {
	switch r.literal(n, "no PIN", "none", "跳过", "cancel", "取消") {
	case "none", "跳过":
		return TypePIN{}
	case "cancel", "取消":
		return TypePIN{Cancel: true}
	}
	return TypePIN{PIN: r.pin(n)}
}

// cuttable is the requests a power cut may belong to.
var cuttable = []string{string(wire.MTIFinancialRequest), string(wire.MTIAuthRequest), string(wire.MTIAdvice),
	string(wire.MTIReversal), string(wire.MTISettlement), string(wire.MTIBatch), string(wire.MTINetwork), string(wire.MTINotice)}
