package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"possim/host/wire"
	"possim/reader/card"
)

// mostInput bounds what decode reads: far more than two bytes of length can announce.
const mostInput = 1 << 20

// autoDialect has decode find out in which dialect a message is written.
const autoDialect = "auto"

// decode takes a message apart.
type decode struct {
	*app
	dialect string
	unsafe  bool
	json    bool
}

func (a *app) decodeCommand() *cobra.Command {
	d := &decode{app: a}
	cmd := &cobra.Command{
		Use:   "decode [MESSAGE ... | -]",
		Short: "Take an ISO 8583 message apart",
		Long: `decode prints the fields of a message with their names, masked; field 55 as its
data objects, and the private fields with their parts. The message is hexadecimal
(white space does not matter, a hex dump will do) or base64, with or without its
two bytes of length. Without an argument, or with -, it is read from stdin, where
it may also be the bytes themselves.

With --dialect auto every dialect is tried; stderr says which reads it and why.

Of a malformed message all that came before the break is printed, and where it
broke; the exit code is then 3.`,
		Example: `  possim decode --dialect unionpay 600601000061310031110802003020...
  xxd -p frame.bin | possim decode --dialect iso87ascii --json
  possim decode --dialect auto < frame.bin
  possim decode --dialect acquirer.xml < frame.bin`,
		RunE: a.command(d.run),
	}
	f := cmd.Flags()
	f.StringVar(&d.dialect, "dialect", "unionpay", dialectUsage+"; auto finds out")
	offersDialects(cmd, autoDialect)
	f.BoolVar(&d.json, "json", false, "one JSON object")
	f.BoolVar(&d.unsafe, "unsafe", false, "show cards of the public test list in clear")
	return cmd
}

func (d *decode) run(_ context.Context, args []string) error {
	dialect, err := (*wire.Dialect)(nil), error(nil)
	if d.dialect != autoDialect {
		if dialect, err = d.app.dialect("dialect", d.dialect); err != nil {
			return err
		}
	}
	data, err := d.input(args)
	if err != nil {
		return err
	}
	why := ""
	if dialect == nil {
		dialect, why = wire.Auto(data)
	}
	var clear func(card.PAN) bool
	if d.unsafe {
		clear = card.IsTest
	}
	picture := dialect.Inspect(data, clear)
	if err := d.print(picture, why); err != nil {
		return err
	}
	if picture.Err != nil {
		return badFile(picture.Err)
	}
	return nil
}

// print shows the picture, and why it was taken in this dialect.
func (d *decode) print(p wire.Picture, why string) error {
	if !d.json {
		if why != "" {
			fmt.Fprintln(d.stderr, why)
		}
		_, err := fmt.Fprint(d.stdout, p)
		return err
	}
	object, err := json.Marshal(p)
	if err == nil && why != "" {
		var reason []byte
		reason, err = json.Marshal(why)
		object = append(append(append(object[:len(object)-1], `,"why":`...), reason...), '}')
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.stdout, "%s\n", object)
	return err
}

// input is the bytes of the arguments, or of stdin.
func (d *decode) input(args []string) ([]byte, error) {
	if len(args) > 0 && !(len(args) == 1 && args[0] == "-") {
		return parseInput("MESSAGE", []byte(strings.Join(args, " ")))
	}
	text, err := io.ReadAll(io.LimitReader(d.stdin, mostInput+1))
	if err != nil {
		return nil, badWorld(fmt.Errorf("stdin: %w", err))
	}
	if len(text) > mostInput {
		return nil, badFile(fmt.Errorf("stdin:1:1: more than %d bytes: not one message", mostInput))
	}
	return parseInput("stdin", text)
}

// parseInput gives an error its place in what was given.
func parseInput(name string, text []byte) ([]byte, error) {
	data, _, err := wire.ParseInput(text)
	if wrong, ok := errors.AsType[*wire.InputError](err); ok {
		return nil, badFile(fmt.Errorf("%s:%w", name, wrong))
	}
	return data, err
}
