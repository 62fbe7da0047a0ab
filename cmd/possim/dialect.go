package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"possim/host/wire"
)

// dialectUsage is the help of every --dialect.
var dialectUsage = "message dialect: " + strings.Join(wire.Names(), ", ") +
	", or a FILE that specifies your acquirer's (moov JSON or jPOS XML; FILE?tpdu or FILE?header=6 when a TPDU, or that and a header, come first)"

// offersDialects completes --dialect with names, and with files.
func offersDialects(cmd *cobra.Command, also ...string) {
	complete := cobra.FixedCompletions(append(also, wire.Names()...), cobra.ShellCompDirectiveDefault)
	if err := cmd.RegisterFlagCompletionFunc("dialect", complete); err != nil {
		panic(err) // the flag is not there: a fault in this program, and every test sees it
	}
}

// dialect returns the dialect that a flag names: one of ours, or what a file
// specifies. What cannot be mapped of a file is said on stderr, field by field.
func (a *app) dialect(flag, name string) (*wire.Dialect, error) {
	if d, err := wire.ByName(name); err == nil {
		return d, nil
	}
	path, opening, _ := strings.Cut(name, "?")
	file, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(path, `./\`) {
		return nil, usage("--%s: there is no dialect %q: the dialects are %s, or a FILE that specifies one", flag, name, strings.Join(wire.Names(), ", "))
	}
	if err != nil {
		return nil, badFile(fmt.Errorf("--%s: %w", flag, err))
	}
	d, problems, err := wire.Load(path, file)
	for _, p := range problems {
		fmt.Fprintf(a.stderr, "%s: %s\n", path, p)
	}
	if err != nil {
		line, column, err := specPlace(file, err)
		return nil, badFile(fmt.Errorf("%s:%d:%d: %w", path, line, column, err))
	}
	return opened(d, flag, opening)
}

// opened puts before a dialect's message type what the flag says.
func opened(d *wire.Dialect, flag, opening string) (*wire.Dialect, error) {
	if opening == "" {
		return d, nil
	}
	what, size, sized := strings.Cut(opening, "=")
	header, err := strconv.ParseUint(size, 10, 6)
	switch {
	case what == "tpdu" && !sized:
		return d.WithTPDU(0), nil
	case what == "header" && err == nil:
		return d.WithTPDU(int(header)), nil
	}
	return nil, usage("--%s: after FILE? want tpdu, or header= and its bytes (0 to 63)", flag)
}

// specPlace finds where in a specification an error is. What concerns the whole
// is at its beginning.
func specPlace(file []byte, err error) (line, column int, rest error) {
	if n, _ := fmt.Sscanf(err.Error(), "%d:%d:", &line, &column); n == 2 {
		return line, column, errors.New(strings.SplitN(err.Error(), ": ", 2)[1])
	}
	var offset int64
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = wrong.Offset
	} else if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = wrong.Offset
	} else {
		return 1, 1, err
	}
	if start := bytes.IndexByte(file, '{'); start > 0 {
		offset += int64(start)
	}
	line, column = place(file, offset)
	return line, column, err
}
