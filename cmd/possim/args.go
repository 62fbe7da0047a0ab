package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exactly wants the arguments that a command's use line names, and says which.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return fmt.Errorf("%s: want %s, got %d argument(s) (%s --help)",
			cmd.CommandPath(), strings.Join(names, " "), len(args), cmd.CommandPath())
	}
}

// offers completes a flag with the values it takes.
func offers(cmd *cobra.Command, flag string, values ...string) {
	complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag is not there: a fault in this program, and every test sees it
	}
}
