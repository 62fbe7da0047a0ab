package draft

import (
	"fmt"
	"strings"

	"possim/host/wire"
)

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
	if o.plain() && o.kind != wire.SignOn && !w.faulty() {
		messages := requests(&o.exchange)
		if !o.lost() {
			messages = append(messages, message(o.answer))
		}
		for _, e := range o.follow {
			messages = append(append(messages, requests(e)...), message(e.answer))
		}
		parts = append(parts, "messages: ["+strings.Join(strings.Fields(strings.Join(messages, " ")), " ")+"]")
	}
	if len(parts) == 0 {
		return "" // an answer without a code says all by coming
	}
	return "        expect: {" + strings.ReplaceAll(strings.Join(parts, ", "), "} {mti", "}, {mti") + "}\n"
}

// requests are a request and its repeats.
func requests(e *exchange) (all []string) {
	for range 1 + e.again {
		all = append(all, message(&e.request))
	}
	return all
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
