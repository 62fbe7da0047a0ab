package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios"
	"possim/scenarios/draft"
	"possim/scenarios/journal"
)

// exporting writes a scenario of a recorded session.
type exporting struct {
	*app
	out     string
	dialect string
}

func (a *app) exportCommand() *cobra.Command {
	e := &exporting{app: a}
	cmd := &cobra.Command{
		Use:   "export LOG",
		Short: "Save a recorded session as a scenario",
		Long: `export writes a scenario file that does again what a journal has: the orders, the
cards that were presented, and what must come of them. What a journal does not
hold, such as a PIN or what happened beside the wire, is missing; each line that no
step tells is named on stderr.`,
		Example: `  possim export session.jsonl --out session.yaml
  possim run session.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: a.command(e.run),
	}
	cmd.Flags().StringVar(&e.out, "out", "", "the scenario file to write")
	cmd.Flags().StringVar(&e.dialect, "dialect", "", "where the journal's is none of possim's own: "+dialectUsage)
	offersDialects(cmd)
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag is not there: a fault in this program, and every test sees it
	}
	return cmd
}

func (e *exporting) run(_ context.Context, args []string) error {
	file, err := os.Open(args[0])
	if err != nil {
		return badFile(errors.New(digits.ReplaceAllStringFunc(err.Error(), hide)))
	}
	defer file.Close()
	wrong := func(err error) error {
		if errors.As(err, new(*journal.LineError)) {
			return badFile(fmt.Errorf("%s:%w", args[0], err))
		}
		return badWorld(err)
	}
	log, err := journal.NewReader(file)
	if err != nil {
		return wrong(err)
	}
	dialect, err := e.speaks(args[0], log.Header.Dialect)
	if err != nil {
		return err
	}
	known, err := knownCards()
	if err != nil {
		return err
	}
	d := draft.New(known)
	if err := d.Read(log, dialect); err != nil {
		return wrong(err)
	}
	for _, l := range d.Left {
		fmt.Fprintf(e.stderr, "%s:%d:1: %s\n", args[0], l.Line, l.Why)
	}
	if d.Scenarios() == 0 {
		return badFile(fmt.Errorf("%s:1:1: it has no order that a step can make again", args[0]))
	}
	var text bytes.Buffer
	if _, err := d.WriteTo(&text); err != nil {
		return badWorld(err)
	}
	if _, err := scenarios.Load([]scenarios.Source{{Path: args[0], Data: text.Bytes()}}); err != nil {
		return badFile(fmt.Errorf("%s:1:1: what it holds makes no scenario: %w", args[0], err))
	}
	if err := replaceFile(e.out, text.Bytes(), 0o644); err != nil {
		return badWorld(err)
	}
	_, err = fmt.Fprintf(e.stdout, "%d scenarios in %s, %d lines of %s not told\n", d.Scenarios(), e.out, len(d.Left), args[0])
	return err
}

// speaks is the dialect of the journal.
func (e *exporting) speaks(path, name string) (*wire.Dialect, error) {
	if e.dialect != "" {
		return e.app.dialect("dialect", e.dialect)
	}
	d, err := wire.ByName(name)
	if err != nil {
		return nil, badFile(fmt.Errorf("%s:1:1: %w; --dialect names the file that specifies it", path, err))
	}
	return d, nil
}

// knownCards are the cards that every scenario may name.
func knownCards() (draft.Known, error) {
	cards, err := scenarios.CatalogCards()
	if err != nil {
		return nil, err
	}
	names := map[card.PAN]string{}
	for _, c := range cards {
		names[c.PAN()] = strings.TrimSpace(c.Name)
	}
	return func(p card.PAN) (string, bool) { name, ok := names[p]; return name, ok }, nil
}
