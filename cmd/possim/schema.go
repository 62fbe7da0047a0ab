package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"possim/scenarios"
	"possim/scenarios/journal"
)

// schemas are what possim schema prints, by name.
var schemas = map[string]func() ([]byte, error){
	"scenario": func() ([]byte, error) { return json.MarshalIndent(scenarios.Schema(), "", "  ") },
	"cards":    func() ([]byte, error) { return json.MarshalIndent(scenarios.CardSchema(), "", "  ") },
	"journal":  func() ([]byte, error) { return []byte(journal.Schema), nil },
}

// schemaNames are they in the order of their use.
var schemaNames = []string{"scenario", "cards", "journal"}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [scenario|cards|journal]",
		Short: "Print the JSON Schema of scenario files, for editors",
		Long: `schema prints the JSON Schema (2020-12) of scenario files, of the card files that
hosts take, or of a line of a journal. The first two are what the parser itself says
it takes. An editor completes keys and words by them, and marks what is wrong while you
type; possim run says the rest, such as a card that nobody knows.

Write it beside your scenarios and name it in their first line:

  # yaml-language-server: $schema=possim.schema.json`,
		Example: `  possim schema > possim.schema.json
  possim schema cards > cards.schema.json`,
		ValidArgs: schemaNames,
		Args:      cobra.MaximumNArgs(1),
		RunE:      a.command(a.schema),
	}
}

func (a *app) schema(_ context.Context, args []string) error {
	name := schemaNames[0]
	if len(args) > 0 {
		name = args[0]
	}
	if !slices.Contains(schemaNames, name) {
		return usage("there is no schema %q: there are scenario, cards and journal", name)
	}
	text, err := schemas[name]()
	if err != nil {
		return err
	}
	if text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	_, err = a.stdout.Write(text)
	return err
}
