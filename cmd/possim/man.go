package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manDate dates the manual pages, so that two builds write the same bytes.
var manDate = time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Args:  exactly("DIR"),
		RunE:  a.command(a.man),
	}
}

func (a *app) man(_ context.Context, args []string) error {
	if err := os.MkdirAll(args[0], 0o755); err != nil {
		return badWorld(err)
	}
	root := a.root()
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "possim", Manual: "possim manual", Date: &manDate}
	if err := doc.GenManTree(root, header, args[0]); err != nil {
		return badWorld(err)
	}
	return nil
}
