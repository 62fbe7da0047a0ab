package load

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"possim/emulator"
	"possim/host/wire"
)

// labelNames are what a threshold may ask for.
const labelNames = "kind, tag, code and cause"

// allKinds are the orders that there are, of a mix or of whoever drives the terminals.
var allKinds = append(slices.Clone(mixed),
	emulator.PreAuthCancel, emulator.CompletionNotice, emulator.CompletionVoid, emulator.QR, emulator.SignOn,
	emulator.SignOff, emulator.Status, emulator.Download, emulator.Operator, emulator.Recover)

// allCauses are those of errors: the terminals' own, results that decide alone, and this
// package's.
var allCauses = []string{
	string(emulator.NoAnswer), string(emulator.Unmatched), string(emulator.Unreadable), string(emulator.BadMAC),
	string(emulator.TerminalFault), string(emulator.HostDown), string(emulator.ChipFirst), string(emulator.ChipUnreadable),
	string(emulator.TapRefused), string(emulator.NoApplication), string(emulator.CardBlocked), string(emulator.CardRemoved),
	string(emulator.CardDeclined), string(emulator.AmountMismatch), string(emulator.ReversalPending), string(emulator.NoCard),
	string(emulator.Cancelled), string(emulator.BadKeys), string(emulator.NoOriginal), string(emulator.AlreadyVoid),
	string(emulator.BadCode), string(emulator.OfflinePending), string(emulator.SettlePending), string(emulator.BatchFull),
	string(emulator.NotSupported), string(emulator.BadOperator),
	string(emulator.Refused), string(emulator.Reversed), string(emulator.Unknown),
	causeBehind, causeLost, causeInterrupted, causeFault, causeUnbalanced, causeScript,
}

var codeForm = regexp.MustCompile(`^[0-9A-Za-z]{2}$`) // F39, an2

// takes reports whether l, in which an empty label is any, asks for a series.
func (l Labels) takes(s Labels) bool {
	return (l.Kind == "" || l.Kind == s.Kind) && (l.Tag == "" || l.Tag == s.Tag) &&
		(l.Code == "" || l.Code == s.Code) && (l.Cause == "" || l.Cause == s.Cause)
}

// parseLabels reads kind:sale,code:00: what stands between the braces of a threshold.
func parseLabels(text string) (l Labels, err error) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(part, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok:
			return l, fmt.Errorf("{%s}: want label:value, as in {kind:sale,code:00}; the labels are %s", text, labelNames)
		case seen[name]:
			return l, fmt.Errorf("%s comes twice, and no order has two", name)
		}
		seen[name] = true
		if err := l.set(name, value); err != nil {
			return l, err
		}
	}
	return l, nil
}

// set takes a label that some order may have.
func (l *Labels) set(name, value string) error {
	switch name {
	case "kind":
		if l.Kind = emulator.OrderKind(value); !slices.Contains(allKinds, l.Kind) {
			return fmt.Errorf("kind:%s: the kinds are %s", value, list(allKinds))
		}
	case "tag":
		if err := CheckTag(value); err != nil {
			return fmt.Errorf("tag: %w", err)
		}
		l.Tag = value
	case "code":
		if l.Code = wire.Code(value); !codeForm.MatchString(value) {
			return fmt.Errorf("code:%s: want the two characters of a response code, as in 51", value)
		}
	case "cause":
		if l.Cause = value; !slices.Contains(allCauses, value) {
			return fmt.Errorf("cause:%s: the causes are %s", value, list(slices.Sorted(slices.Values(allCauses))))
		}
	default:
		return fmt.Errorf("there is no label %q: the labels are %s", name, labelNames)
	}
	return nil
}

// possible says why no order that a metric counts can have the labels.
func (l Labels) possible(metric string) error {
	switch {
	case l.Cause != "" && metric != "errors" && metric != "sent":
		return fmt.Errorf("an order with a cause is not answered, and %s is of answered ones: errors and sent can be asked for by cause", metric)
	case l.Cause != causeBehind && l.Cause != causeScript: // those are no order's: tally.missed
	case metric == "sent":
		return fmt.Errorf("what is %s was never sent", l.Cause)
	case l != Labels{Cause: l.Cause}:
		return fmt.Errorf("what is %s is of no order that was begun, and has no other label", l.Cause)
	}
	return nil
}

// list is names for a message.
func list[K ~string](names []K) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// of is the figures of the orders that have these labels; an empty one is any.
func (r *Report) of(l Labels) *Report {
	part := &Report{latency: newLatencies()}
	for _, s := range r.Series {
		if !l.takes(s.Labels) {
			continue
		}
		part.Sent += s.Sent
		if s.Cause != "" {
			part.Errors += s.Count
			continue
		}
		part.Answered, part.Approved = part.Answered+s.Count, part.Approved+s.Approved
		merge(part.latency, s.latency)
	}
	if r.Approved > 0 { // r.Rate may be the sum of runs that did not last equally long
		part.Rate = r.Rate * float64(part.Approved) / float64(r.Approved)
	}
	return part
}
