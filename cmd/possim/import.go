package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"possim/host/wire"
	"possim/scenarios/foreign"
	"possim/scenarios/journal"
)

// importing makes a journal of what other programs recorded.
type importing struct {
	*app
	format  string
	dialect string
	port    uint16
	out     string
	redact  bool
	lenient bool
	json    bool
	sealing sealing
}

func (a *app) importCommand() *cobra.Command {
	i := &importing{app: a}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a journal of what jPOS, isosim or a network sniffer recorded",
		Long: `import reads the log of jPOS (q2.log), the log or history of isosim, messages in
hexadecimal (xxd, hexdump -C, tcpdump -X, Wireshark's text, lines of digits) and
captures (pcap, pcapng), and writes a journal that possim replay takes. FILE may be
- for stdin, packed with gzip, in UTF-16, or a container's log with a record of JSON
for each line. Without --out it only says what it finds.

The format is found out, and so is the dialect: stderr says why it is that. A log
that has only the text of fields is taken for iso87ascii, or for unionpay where a
TPDU and a header stand before the message type. What the log has hidden
(622202______0015, [WIPED]) gets a test number that is the same throughout, or is
left out, and stderr says of which fields. A card that is on no list of test
numbers is an error unless --redact has all that belongs to it replaced.

With the TMK of the terminals (--tmk; possim's own have the published test key), or
their base derivation key (--dukpt), the journal says of each MAC whether it was
valid, under working keys as far as the log has the sign-on.

What cannot be read is named by its line or packet; nothing is then written and
the exit code is 3, unless --lenient leaves it out.`,
		Example: `  possim import q2.log --out q2.jsonl
  possim import capture.pcapng --port 8583 --redact --out capture.jsonl
  possim import trace.txt --format hex --dialect iso87bcd --out trace.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: a.command(i.run),
	}
	f := cmd.Flags()
	f.StringVar(&i.format, "format", string(foreign.Auto), "what FILE is: "+strings.Join(foreign.Formats(), ", "))
	f.StringVar(&i.dialect, "dialect", autoDialect, dialectUsage+"; auto finds out")
	offersDialects(cmd, autoDialect)
	f.Uint16Var(&i.port, "port", 0, "of a capture, the host's port (0: every connection that carries messages)")
	f.StringVar(&i.out, "out", "", "the journal to write")
	f.BoolVar(&i.redact, "redact", false, "take real cards too, and write other numbers in their place")
	f.BoolVar(&i.lenient, "lenient", false, "leave out what cannot be read")
	f.BoolVar(&i.json, "json", false, "one JSON object that says what was found")
	f.StringVar(&i.sealing.tmk, "tmk", "", "terminal master key in hex, to verify MACs with (default a published test key)")
	f.StringVar(&i.sealing.kbpk, "kbpk", "", "the key, in hex, that protects the TR-31 block of --tmk")
	i.sealing.registerMethod(cmd)
	i.sealing.registerDUKPT(cmd, "to verify MACs with: the "+dukptHost)
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(foreign.Formats(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is not there: a fault in this program, and every test sees it
	}
	return cmd
}

// errUnwritten ends the writing of a journal of which some is missing.
var errUnwritten = errors.New("what is missing was said")

func (i *importing) run(_ context.Context, args []string) error {
	if !strings.Contains(" "+strings.Join(foreign.Formats(), " ")+" ", " "+i.format+" ") {
		return usage("--format: there is no %q: want one of %s", i.format, strings.Join(foreign.Formats(), ", "))
	}
	var dialect *wire.Dialect
	if i.dialect != autoDialect {
		var err error
		if dialect, err = i.app.dialect("dialect", i.dialect); err != nil {
			return err
		}
	}
	keys, err := i.sealing.verifying()
	if err != nil {
		return err
	}
	in, err := i.open(args[0])
	if err != nil {
		return badFile(errors.New(digits.ReplaceAllStringFunc(err.Error(), hide)))
	}
	defer in.Close()
	im := &foreign.Import{Format: foreign.Format(i.format), Dialect: dialect, Port: int(i.port), Lenient: i.lenient}
	var report foreign.Report
	fill := func(w io.Writer) (err error) {
		report, err = i.fill(im, in, args[0], w, keys)
		return err
	}
	if i.out == "" {
		err = fill(io.Discard)
	} else {
		err = fillFile(i.out, 0o600, fill)
	}
	if errors.As(err, new(exitError)) { // a real card: no more was read
		return err
	}
	if said := i.say(args[0], report); said != nil {
		return said
	}
	switch {
	case errors.Is(err, errUnwritten):
		return exitError{code: exitFile}
	case err != nil:
		return badWorld(err)
	}
	return nil
}

// open opens the log.
func (i *importing) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(i.stdin), nil
	}
	return os.Open(name)
}

// fill reads the log and writes the journal.
func (i *importing) fill(im *foreign.Import, in io.Reader, name string, w io.Writer, config journal.Config) (foreign.Report, error) {
	redact, err := journal.NewRedactor(randomness, i.redact)
	if err != nil {
		return foreign.Report{}, err
	}
	config.Redact = redact
	var book *journal.Writer
	report, err := im.Read(in, func(e foreign.Event) error {
		if book == nil {
			config.Dialect, config.Start = e.Dialect, e.At
			book = journal.NewWriter(w, config)
			book.Header()
		}
		err := book.Frame(e.At, e.Conn, e.FromTerminal, e.Frame)
		if errors.As(err, new(*journal.RealCardError)) {
			return badFile(fmt.Errorf("%s: %w", at(name, e.Place), err))
		}
		return err
	})
	if err == nil && report.Count > 0 && !i.lenient {
		err = errUnwritten
	}
	return report, err
}
