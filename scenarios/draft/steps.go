package draft

import (
	"fmt"
	"slices"
	"strings"

	"possim/host/wire"
)

// writer writes the steps of one scenario.
type writer struct {
	draft  *Draft
	orders []*order
	world  world // of the recorded scenario's file
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

// withAmount are those with an amount.
var withAmount = map[wire.Kind]string{wire.Purchase: "sale", wire.PreAuth: "pre_auth"}

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
	if w.steps.Len() == 0 && w.dark(o) {
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
		if o.kind == wire.Settlement && o.answer == nil && !w.broken && !w.faulty() {
			fmt.Fprintf(&w.steps, "      - fault: {on: %q, drop: 1}\n", o.request.MTI.First().Answer())
		}
		w.broken = false
		w.any = true
		fmt.Fprintf(&w.steps, "      - %s:\n%s", verb, w.expect(o))
		return
	}
	if o.kind == wire.QR {
		w.code(o)
		return
	}
	ordered, why := w.ordered(o)
	if why != "" {
		w.draft.left(o.line, why)
		return
	}
	if _, coded := o.request.ScanCode(); coded { // no card is presented for a code payment's void
		w.any = true
		w.again(o)
		w.fault(o)
		fmt.Fprintf(&w.steps, "      - %s\n@%d@%s", ordered, o.line, w.expect(o))
		return
	}
	w.present(o, ordered)
}

// ordered is what the cashier asks for, or why there is no step for it.
func (w *writer) ordered(o *order) (step, why string) {
	switch verb, ok := withAmount[o.kind]; {
	case ok:
		return verb + ": " + amount(o.request.Amount), ""
	case o.kind == wire.Balance:
		return "balance", ""
	case naming[o.kind] == "":
		return "", "a " + string(o.kind) + " has no step that makes it again"
	}
	named := w.original(o)
	if named == "" {
		return "", "a " + string(o.kind) + " that does not say of what"
	}
	return naming[o.kind] + ": " + named, ""
}

// present writes an order and the card that is presented for it.
func (w *writer) present(o *order, ordered string) {
	verb, ok := presented(&o.request)
	p := w.draft.plastic(&o.request, &w.world)
	if p == nil {
		w.draft.left(o.line, "there is no card in it that is on a list of test numbers")
		return
	}
	if !ok {
		w.draft.left(o.line, "its number was typed, or nothing says how it came: the card is swiped instead")
	}
	w.any = true
	w.again(o)
	p.learn(&o.exchange)
	p.chip = p.chip || verb != "swipe"
	w.chip, w.tap = w.chip || verb != "swipe", w.tap || verb == "tap"
	w.fault(o)
	fmt.Fprintf(&w.steps, "      - %s\n@%d@", ordered, o.line)
	fmt.Fprintf(&w.steps, "      - %s: %s\n", verb, p.name)
	switch {
	case o.request.PINBlock != nil && (o.code() == wire.WrongPIN || o.code() == wire.PINTries):
		w.steps.WriteString("      - pin: 654321\n")
	case o.request.PINBlock != nil:
		w.steps.WriteString("      - pin: 123456\n")
	case w.pin && verb == "swipe": // a chip says itself whether it wants one
		w.steps.WriteString("      - pin: none\n")
	}
	w.steps.WriteString(w.expect(o))
}

// dark reports whether the terminal has no power at first: where its file says nothing
// of it, one that begins with a sign-on has none.
func (w *writer) dark(first *order) bool {
	if power := member(w.world.terminal, "power"); power != nil {
		return power.Value == "off"
	}
	return first.kind == wire.SignOn
}

// faulty reports whether the recorded host, or line, had faults of its own: they are
// in the scenario, and what the terminal then saw is not all in the journal.
func (w *writer) faulty() bool { return member(w.world.host, "faults") != nil }

// fault loses an answer that was lost, or forges one that was forged.
func (w *writer) fault(o *order) {
	reversal, said := o.reversed(), w.broken || w.faulty()
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

// again loses the answers that made the terminal send an advice again: whether they
// or their requests were lost is not in the journal.
func (w *writer) again(o *order) {
	if o.again > 0 && o.answer != nil && o.request.MTI.First() == wire.MTIAdvice && !w.broken && !w.faulty() {
		fmt.Fprintf(&w.steps, "      - fault: {on: %q, drop: %d}\n", wire.MTIAdviceAnswer, o.again)
		w.wait = true
	}
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
			if o.kind == wire.Refund || o.kind == wire.Completion {
				return fmt.Sprintf("{of: %s, amount: %s}", earlier.labelled(), amount(m.Amount))
			}
			return earlier.labelled()
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
		if key, _, _ := strings.Cut(text, ":"); is && member(w.world.terminal, key) == nil {
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
	if w.world.terminal != nil {
		own := flow(w.world.terminal)
		parts = append(parts, strings.TrimSuffix(strings.TrimPrefix(own, "{"), "}"))
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return "    terminal: {" + strings.Join(parts, ", ") + "}\n"
}

// host is what the scenario's file says of its host.
func (w *writer) host() string {
	if w.world.host == nil {
		return ""
	}
	return "    host: " + flow(w.world.host) + "\n"
}
