package main

import (
	"context"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// root builds the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "possim",
		Short: "A payment terminal that runs anywhere, and the acquirer it talks to",
		Long: `possim reads magnetic stripes, chips and contactless cards from attached readers or
from scripted ones, talks ISO 8583 to an acquirer, and comes with a mock acquirer that
keeps real books and enforces real limits.

Data goes to stdout; logs and screens go to stderr. Card numbers are masked.
Exit codes: 0 all as expected, 1 an expectation failed, 2 usage, 3 a file is wrong
(file:line:column), 4 the environment is (port, reader, host, database),
130 interrupted.`,
		Example: `  possim run
  possim host
  possim sale 12.34 --reader serial:/dev/ttyUSB0
  possim order settle`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("possim {{.Version}}\n")
	root.SetFlagErrorFunc(suggestFlag)
	root.AddCommand(a.commands()...)
	return root
}

// commands are the subcommands, one file each.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.runCommand(),
		a.hostCommand(),
		a.loadCommand(),
		a.saleCommand(),
		a.orderCommand(),
		a.recordCommand(),
		a.replayCommand(),
		a.scrubCommand(),
		a.readCommand(),
		a.swipeCommand(),
		a.writeCommand(),
		a.emulateCommand(),
		a.cardCommand(),
		a.importCommand(),
		a.exportCommand(),
		a.decodeCommand(),
		a.explainCommand(),
		a.doctorCommand(),
		a.schemaCommand(),
		a.manCommand(),
	}
}

// command makes a function the body of a subcommand.
func (a *app) command(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return f(cmd.Context(), args)
	}
}

// version is what the Go tool stamped into the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

var unknownFlag = regexp.MustCompile(`^unknown flag: --([^ =]+)`)

// suggestFlag adds the flag that was probably meant to pflag's error. Cobra
// measures the distance between commands; flags borrow that.
func suggestFlag(cmd *cobra.Command, err error) error {
	found := unknownFlag.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	meant := names.SuggestionsFor(found[1])
	if len(meant) == 0 {
		return fmt.Errorf("%w (possim %s --help lists them)", err, cmd.Name())
	}
	return fmt.Errorf("%w (did you mean --%s?)", err, strings.Join(meant, " or --"))
}
