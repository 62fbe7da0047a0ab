package main

import (
	"fmt"
	"strings"

	"possim/emulator"
)

// summary is the outcome in one line.
func summary(out emulator.Outcome) string {
	line := string(out.Result)
	if out.Amount.Minor != 0 {
		line += fmt.Sprintf(" %s %s", out.Amount, out.Amount.Currency.Code())
	}
	r := out.Words()
	for _, part := range []struct{ name, value string }{
		{"code", string(out.Code)}, {"cause", string(out.Cause)}, {"stan", out.STAN}, {"rrn", out.RRN}, {"auth", out.Auth},
		{"date", out.Date}, {"balance", r.Balance}, {"batch", r.Batch}, {"", out.Note},
	} {
		if part.value != "" {
			line += "  " + strings.TrimLeft(part.name+" "+part.value, " ")
		}
	}
	if s := r.Settlement; s != nil {
		line += fmt.Sprintf("  debit %s (%d)  credit %s (%d)  balanced %t", s.Debit.Amount, s.Debit.Count, s.Credit.Amount, s.Credit.Count, s.Balanced)
	}
	if out.Reversal != emulator.ReversalNone {
		line += "  reversal " + string(out.Reversal)
	}
	return line
}
