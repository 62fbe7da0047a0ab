package draft

import (
	"fmt"
	"strings"

	"possim/host/wire"
)

// writer writes the steps of one scenario.
type writer struct {
	draft  *Draft
	orders []*order
	steps  strings.Builder
	pin    bool // the terminal has a PIN pad
	chip   bool
	tap    bool
	wait   bool // an answer is lost
	off    bool // it begins with a sign-on
	any    bool // an order was written
	broken bool // the fault of the next order is written already
	last   float64
	tid    string
	mid    string
	money  string
}

// longest is more than passes between two orders without anybody's doing.
const longest = 60

// pass lets the time go by that went by between two orders.
func (w *writer) pass(before, o *order) {
	if before.raw == "" {
		w.last = before.last()
	}
	if o.raw == "" && w.any && o.at-w.last > longest {
		fmt.Fprintf(&w.steps, "      - clock: +%ds\n", int(o.at-w.last))
	}
}

// simple are the orders that say everything by themselves.
var simple = map[wire.Kind]string{
	wire.SignOn: "sign_on", wire.SignOff: "sign_off", wire.Echo: "echo", wire.Status: "status",
	wire.Settlement: "settle", wire.ParameterDownload: "download",
}

// ordered are those with an amount.
var ordered = map[wire.Kind]string{wire.Purchase: "sale", wire.PreAuth: "pre_auth"}

// naming are those that name an earlier one.
var naming = map[wire.Kind]string{
	wire.Void: "void", wire.Refund: "refund", wire.PreAuthCancel: "pre_auth_cancel",
	wire.Completion: "complete", wire.CompletionVoid: "complete_void",
}

// step writes an order.
func (w *writer) step(o *order) {
	if o.raw != "" {
		w.broken = w.broken || strings.HasPrefix(o.raw, "fault")
		fmt.Fprintf(&w.steps, "      - %s\n", o.raw)
		return
	}
	if w.steps.Len() == 0 && o.kind == wire.SignOn {
		w.off = true
		w.steps.WriteString("      - power: on\n")
	}
	w.tid, w.mid = typed(o.request.TID, 8), typed(o.request.MID, 15)
	if o.code() != typed(o.code(), 2) {
		w.draft.left(o.line, "its answer has a code that nobody can write")
		return
	}
	if c := string(o.request.Currency); c != "" && c != "156" {
		w.money = c
	}
	if verb, ok := simple[o.kind]; ok {
		if o.kind == wire.Settlement && o.answer == nil && !w.broken {
			fmt.Fprintf(&w.steps, "      - fault: {on: %q, drop: 1}\n", o.request.MTI.First().Answer())
		}
		w.broken = false
		w.any = true
		fmt.Fprintf(&w.steps, "      - %s:\n%s", verb, w.expect(o))
		return
	}
	first := ""
	switch verb, ok := ordered[o.kind]; {
	case ok:
		first = verb + ": " + amount(o.request.Amount)
	case o.kind == wire.Balance:
		first = "balance"
	case naming[o.kind] != "":
		named := w.original(o)
		if named == "" {
			w.draft.left(o.line, "a "+string(o.kind)+" that does not say of what")
			return
		}
		first = naming[o.kind] + ": " + named
	default:
		w.draft.left(o.line, "a "+string(o.kind)+" has no step that makes it again")
		return
	}
	verb, ok := presented(&o.request)
	p := w.draft.plastic(&o.request)
	if !ok || p == nil {
		w.draft.left(o.line, "the card was not presented to a reader: its number was typed, or is not there")
		return
	}
	w.any = true
	p.learn(&o.exchange)
	p.chip = p.chip || verb != "swipe"
	w.chip, w.tap = w.chip || verb != "swipe", w.tap || verb == "tap"
	w.fault(o)
	fmt.Fprintf(&w.steps, "      - %s\n@%d@", first, o.line)
	fmt.Fprintf(&w.steps, "      - %s: %s\n", verb, p.name)
	switch {
	case o.request.PINBlock != nil:
		w.steps.WriteString("      - pin: 123456\n")
	case w.pin:
		w.steps.WriteString("      - pin: none\n")
	}
	w.steps.WriteString(w.expect(o))
}

// fault loses an answer that was lost, or forges one that was forged.
func (w *writer) fault(o *order) {
	reversal, said := o.reversed(), w.broken
	w.broken = false
	if o.tampered && !said {
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, tamper: mac}\n", o.request.MTI.First())
	}
	if reversal != nil && reversal.tampered && !said {
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, tamper: mac}\n", reversal.request.MTI.First())
	}
	if reversal == nil || said {
		w.wait = w.wait || reversal != nil
		return
	}
	switch mti := o.request.MTI.First().Answer(); {
	case o.answer == nil && reversal.code() == wire.NotFound: // the host never had it
		w.wait = true
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, drop: 1}\n", o.request.MTI.First())
	case o.answer == nil || o.lost():
		w.wait = true
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, drop: 1}\n", mti)
	case o.forged:
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, tamper: mac}\n", mti)
	}
}

// expect is what must come of an order.
func (w *writer) expect(o *order) string {
	var parts []string
	if o.reversed() != nil {
		parts = append(parts, "outcome: reversed")
	} else if code := o.code(); code != "" {
		parts = append(parts, fmt.Sprintf("rc: %q", code))
	} else if o.answer == nil {
		parts = append(parts, "timeout: true")
		w.wait = true
	}
	if o.plain() && o.kind != wire.SignOn {
		messages := []string{message(&o.request)}
		if !o.lost() {
			messages = append(messages, message(o.answer))
		}
		for _, e := range o.follow {
			messages = append(messages, message(&e.request), message(e.answer))
		}
		parts = append(parts, "messages: ["+strings.Join(strings.Fields(strings.Join(messages, " ")), " ")+"]")
	}
	if len(parts) == 0 {
		return "" // an answer without a code says all by coming
	}
	return "        expect: {" + strings.ReplaceAll(strings.Join(parts, ", "), "} {mti", "}, {mti") + "}\n"
}

// message is what must pass on the wire again: the type, and what the type of
// transaction and the amount depend on.
func message(m *wire.Message) string {
	if m == nil {
		return ""
	}
	var f []string
	if m.ProcessingCode != "" {
		f = append(f, fmt.Sprintf("3: %q", m.ProcessingCode))
	}
	if m.Present(4) {
		f = append(f, fmt.Sprintf("4: \"%012d\"", m.Amount))
	}
	if m.Code != "" {
		f = append(f, fmt.Sprintf("39: %q", m.Code))
	}
	if len(f) == 0 {
		return fmt.Sprintf("{mti: %q}", m.MTI.First())
	}
	return fmt.Sprintf("{mti: %q, f: {%s}}", m.MTI.First(), strings.Join(f, ", "))
}

// original names the transaction that an order is of: by the label of its step, or by
// what stands on its slip.
func (w *writer) original(o *order) string {
	m := &o.request
	for _, earlier := range w.orders {
		a := earlier.answer
		if earlier.line >= o.line || a == nil || a.Code != wire.Approved {
			continue
		}
		if m.RRN != "" && m.RRN == a.RRN || m.RRN == "" && m.AuthCode != "" && m.AuthCode == a.AuthCode && earlier.kind != wire.Purchase {
			if earlier.label == "" {
				earlier.label = fmt.Sprintf("t%s", earlier.request.STAN)
			}
			if o.kind == wire.Refund || o.kind == wire.Completion {
				return fmt.Sprintf("{of: %s, amount: %s}", earlier.label, amount(m.Amount))
			}
			return earlier.label
		}
	}
	var parts []string
	for _, p := range []struct{ key, value string }{{"rrn", m.RRN}, {"auth", m.AuthCode}} {
		if p.value != "" && p.value == typed(p.value, len(p.value)) {
			parts = append(parts, fmt.Sprintf("%s: %q", p.key, p.value))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	if o.kind == wire.Refund || o.kind == wire.Completion {
		parts = append(parts, "amount: "+amount(m.Amount))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// typed is a text of n characters that a person can type, and else nothing.
func typed[T ~string](s T, n int) T {
	if len(s) != n || strings.ContainsFunc(string(s), func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return s
}

// labelled puts the labels that were needed in their places.
func (w *writer) labelled() string {
	text := w.steps.String()
	for _, o := range w.orders {
		label := ""
		if o.label != "" {
			label = "        as: " + o.label + "\n"
		}
		text = strings.Replace(text, fmt.Sprintf("@%d@", o.line), label, 1)
	}
	return text
}

// terminal is what the scenario says of its terminal.
func (w *writer) terminal() string {
	var parts []string
	add := func(is bool, text string) {
		if is {
			parts = append(parts, text)
		}
	}
	add(w.tid != "", fmt.Sprintf("tid: %q", w.tid))
	add(w.mid != "", fmt.Sprintf("mid: %q", w.mid))
	add(w.off, "power: off")
	add(w.money != "", fmt.Sprintf("currency: %q", w.money))
	add(w.pin, "pin_entry: true")
	add(w.chip, "chip_reader: true")
	add(w.tap, "contactless: true")
	add(w.wait, "reversal_after: 3s")
	if len(parts) == 0 {
		return ""
	}
	return "    terminal: {" + strings.Join(parts, ", ") + "}\n"
}
