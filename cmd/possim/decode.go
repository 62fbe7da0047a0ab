package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"possim/host/wire"
	"possim/reader/card"
)

// mostHex bounds what decode reads: far more than two bytes of length can announce.
const mostHex = 1 << 20

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
		Use:   "decode [HEX ... | -]",
		Short: "Take an ISO 8583 message apart",
		Long: `decode prints the fields of a message with their names, masked. The message is
hexadecimal, with or without its two bytes of length; white space does not matter.
Without an argument, or with -, it is read from stdin.

Of a malformed message all that came before the break is printed, and where it
broke; the exit code is then 3.`,
		Example: `  possim decode --dialect unionpay 600601000061310031110802003020...
  xxd -p frame.bin | possim decode --dialect iso87ascii --json`,
		RunE: a.command(d.run),
	}
	f := cmd.Flags()
	f.StringVar(&d.dialect, "dialect", "unionpay", dialectUsage)
	offers(cmd, "dialect", wire.Names()...)
	f.BoolVar(&d.json, "json", false, "one JSON object")
	f.BoolVar(&d.unsafe, "unsafe", false, "show cards of the public test list in clear")
	return cmd
}

func (d *decode) run(_ context.Context, args []string) error {
	dialect, err := dialect(d.dialect)
	if err != nil {
		return err
	}
	data, err := d.input(args)
	if err != nil {
		return err
	}
	var clear func(card.PAN) bool
	if d.unsafe {
		clear = card.IsTest
	}
	picture := dialect.Inspect(data, clear)
	if d.json {
		err = json.NewEncoder(d.stdout).Encode(picture)
	} else {
		_, err = fmt.Fprint(d.stdout, picture)
	}
	if err == nil && picture.Err != nil {
		return badFile(picture.Err)
	}
	return err
}

// input is the bytes of the arguments, or of stdin.
func (d *decode) input(args []string) ([]byte, error) {
	if len(args) > 0 && !(len(args) == 1 && args[0] == "-") {
		return unhex("HEX", strings.Join(args, " "))
	}
	text, err := io.ReadAll(io.LimitReader(d.stdin, mostHex+1))
	if err != nil {
		return nil, badWorld(fmt.Errorf("stdin: %w", err))
	}
	if len(text) > mostHex {
		return nil, badFile(fmt.Errorf("stdin: more than %d characters: not one message", mostHex))
	}
	return unhex("stdin", string(text))
}

// unhex reads hexadecimal with white space anywhere. Its errors name the place and
// never what stood around it.
func unhex(name, text string) ([]byte, error) {
	var digits strings.Builder
	line, column := 1, 0
	for _, r := range text {
		column++
		switch {
		case r == '\n':
			line, column = line+1, 0
		case strings.ContainsRune(" \t\r", r):
		case strings.ContainsRune("0123456789abcdefABCDEF", r):
			digits.WriteRune(r)
		default:
			return nil, badFile(fmt.Errorf("%s:%d:%d: %q is not a hexadecimal digit", name, line, column, r))
		}
	}
	switch n := digits.Len(); {
	case n == 0:
		return nil, badFile(fmt.Errorf("%s:1:1: nothing there: want a message in hexadecimal", name))
	case n%2 == 1:
		return nil, badFile(fmt.Errorf("%s:%d:%d: an odd number of hexadecimal digits (%d): one is missing", name, line, column+1, n))
	}
	return hex.DecodeString(digits.String())
}
