package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"possim/host/wire"
)

// explain says what response codes mean.
type explain struct {
	*app
	json bool
}

// explained is one object of `possim explain --json`.
type explained struct {
	Code     wire.Code `json:"code"`
	Known    bool      `json:"known"` // the table holds it
	Class    string    `json:"class"`
	Chinese  string    `json:"chinese"` // the display text
	English  string    `json:"english"` // what it stands for
	Meaning  string    `json:"meaning"` // the same in Chinese
	Terminal string    `json:"terminal"`
	Reversal string    `json:"reversal,omitempty"` // what it says as F39 of a reversal
}

func (a *app) explainCommand() *cobra.Command {
	e := &explain{app: a}
	cmd := &cobra.Command{
		Use:   "explain [CODE ...]",
		Short: "Say what a response code (F39) means and what the terminal does",
		Long: `explain says of each response code its class, what the terminal shows, what it
stands for, and what the terminal does then. Without a code it lists the table.

Classes: A approved; B failed, may be tried again; C failed, do not try again;
D failed, the operator must act; E failed by a system fault, do not try again.

A code that the table does not hold is explained as a terminal takes it: the
transaction failed (交易失败).`,
		Example: `  possim explain 61
  possim explain 77 A0 --json`,
		RunE: a.command(e.run),
	}
	cmd.Flags().BoolVar(&e.json, "json", false, "one JSON object per code")
	return cmd
}

func (e *explain) run(_ context.Context, args []string) error {
	if len(args) == 0 {
		return e.table()
	}
	var codes []wire.Code
	for _, arg := range args {
		code := wire.Code(strings.ToUpper(arg))
		if !isCode(code) {
			return usage("%q is no response code: want two digits or letters, such as 61 or A0", arg)
		}
		codes = append(codes, code)
	}
	for _, code := range codes {
		if err := e.print(explanation(code)); err != nil {
			return err
		}
	}
	return nil
}

// table lists every code of the table, in its order.
func (e *explain) table() error {
	const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, first := range signs {
		for _, second := range signs {
			known := explanation(wire.Code([]rune{first, second}))
			if !known.Known {
				continue
			}
			if e.json {
				if err := e.print(known); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(e.stdout, "%s  %s  %s  %s\n", known.Code, known.Class, runewidth.FillRight(known.Chinese, 30), known.English)
		}
	}
	return nil
}

func (e *explain) print(x explained) error {
	if e.json {
		return json.NewEncoder(e.stdout).Encode(x)
	}
	reason := ""
	if x.Reversal != "" {
		reason = "    as the reason of a reversal: " + x.Reversal + "\n"
	}
	_, err := fmt.Fprintf(e.stdout, "%s  class %s  %s\n    %s (%s)\n    the terminal %s\n%s",
		x.Code, x.Class, x.Chinese, x.English, x.Meaning, x.Terminal, reason)
	return err
}

// isCode: F39 is an2 (ISO 8583:1987).
func isCode(c wire.Code) bool {
	return len(c) == 2 && strings.Trim(string(c), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func explanation(c wire.Code) explained {
	text, known := wire.Explain(c)
	return explained{
		Code: c, Known: known, Class: string(text.Class),
		Chinese: text.Chinese, English: text.English, Meaning: text.Meaning, Terminal: reaction(text),
		Reversal: reasons[c],
	}
}

// reasons are the codes that a terminal sends as F39 of a 0400.
var reasons = map[wire.Code]string{
	wire.NoResponse:  "no answer came",
	wire.SystemFault: "the terminal failed after an approval",
	wire.MACError:    "the answer's MAC did not verify",
	wire.OtherReason: "anything else, such as a chip that declined afterwards",
}

// reactions are what a terminal does after certain codes (RULES: the terminal).
var reactions = map[wire.Code]string{
	wire.SignOnAgain:    "signs on and sends the same request again, with its own number and a new MAC",
	wire.MACError:       "signs on and sends the same request again, with its own number and a new MAC",
	wire.WrongPIN:       "asks for the PIN again, three times in all, and says how many tries are left when the host does",
	wire.InvalidTxn:     "shows it and ends; as the answer to a reversal it is done with the reversal",
	wire.NotFound:       "shows it and ends; as the answer to a reversal it is done with the reversal",
	wire.OriginalAmount: "shows it and ends: the amount does not go with the original's",
}

// reaction says what a terminal does when this is the answer.
func reaction(t wire.Text) string {
	if does, ok := reactions[t.Code]; ok {
		return does
	}
	if strings.HasPrefix(t.Chinese, "没收卡") {
		return "shows it and ends; the operator keeps the card"
	}
	switch t.Class {
	case wire.ClassApproved:
		return "finishes with the card, books the transaction and prints the slip"
	case wire.ClassRetry:
		return "shows it and ends; the order may be given again"
	case wire.ClassOperator:
		return "shows it and ends; the operator must act before the next try"
	case wire.ClassSystem:
		return "shows it and ends; nothing was posted, and trying again does not help now"
	}
	return "shows it and ends; nothing is reversed, and the order is not to be given again"
}
