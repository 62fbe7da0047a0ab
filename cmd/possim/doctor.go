package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"possim/reader/pcsc"
)

// defaultHost is where `possim host` listens and `possim sale` dials (RULES: defaults).
const defaultHost = "127.0.0.1:8583"

// doctor looks at what possim needs from the machine and says what is missing.
type doctor struct {
	*app
	json  bool
	host  string
	state string
	dev   string // where devices live; tests have their own
	root  fs.FS  // the machine's files, for what the kernel knows of devices
	// openable says what keeps this user from opening a device, and what to do.
	openable func(path string) error
	slots    func(context.Context) ([]pcsc.Slot, error)
}

// finding is one line of the doctor's report.
type finding struct {
	Check  string `json:"check"`            // reader, state, host
	Status string `json:"status"`           // ok, missing (not there), problem (there and unusable)
	What   string `json:"what"`             // a sentence
	Reader string `json:"reader,omitempty"` // the URL for --reader
	Hint   string `json:"hint,omitempty"`   // what to do
}

func (a *app) doctorCommand() *cobra.Command {
	d := &doctor{app: a, dev: "/dev", root: os.DirFS("/"), slots: pcsc.Readers}
	d.openable = func(path string) error { return port{real: path}.usable() }
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say which readers are attached and what is missing",
		Long: `doctor lists the serial ports a reader may be on, keyboards that may be readers, and
HID readers, and says whether they may be opened. It lists the chip readers that pcscd
has, and says whether the terminal's state can be kept and whether a host answers.

It exits 0 when nothing is broken (a reader or a host that is not there is not),
and 4 when something is there and cannot be used.`,
		Args: cobra.NoArgs,
		RunE: a.command(d.run),
	}
	cmd.Flags().BoolVar(&d.json, "json", false, "one JSON object")
	cmd.Flags().StringVar(&d.host, "host", defaultHost, "the host to look for")
	cmd.Flags().StringVar(&d.state, "state", "", "the directory of the terminal's state (default $XDG_STATE_HOME/possim)")
	cmd.Flags().StringVar(&d.dev, "dev", d.dev, "where the devices are")
	cmd.Flags().MarkHidden("dev")
	return cmd
}

func (d *doctor) run(ctx context.Context, _ []string) error {
	findings := slices.Concat(d.readers(), d.inputs(), d.chipReaders(ctx), []finding{d.stateDir(), d.hostAnswers(ctx)})
	if d.json {
		if err := json.NewEncoder(d.stdout).Encode(map[string]any{"version": version(), "findings": findings}); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			f.print(d.app)
		}
	}
	for _, f := range findings {
		if f.Status == "problem" {
			return exitError{code: exitWorld}
		}
	}
	return nil
}

func (f finding) print(a *app) {
	fmt.Fprintf(a.stdout, "%-8s %-7s  %s\n", f.Status, f.Check, f.What)
	if f.Reader != "" {
		fmt.Fprintf(a.stdout, "%17s  --reader %s\n", "", shellWord(f.Reader))
	}
	if f.Hint != "" {
		fmt.Fprintf(a.stdout, "%17s  %s\n", "", f.Hint)
	}
}

// readers says which serial ports there are and whether they may be opened.
func (d *doctor) readers() []finding {
	ports := serialPorts(d.dev)
	if len(ports) == 0 {
		return []finding{{
			Check: "reader", Status: "missing", What: "no serial port is attached",
			Hint: "without a reader, `possim sale 12.34 --swipe good` swipes a simulated card",
		}}
	}
	var findings []finding
	for _, p := range ports {
		f := finding{Check: "reader", Status: "ok", What: p.what, Reader: "serial:" + p.path}
		if err := p.usable(); err != nil {
			f.Status, f.Hint = "problem", err.Error()
		}
		findings = append(findings, f)
	}
	return findings
}

// stateDir says whether the terminal's state can be kept.
func (d *doctor) stateDir() finding {
	f := finding{Check: "state", Status: "ok"}
	dir, err := d.state, error(nil)
	if dir == "" {
		dir, err = d.app.stateDir()
	}
	if err == nil {
		err = tryWrite(dir)
	}
	if err != nil {
		f.Status, f.What, f.Hint = "problem", err.Error(), "say --state DIR with a directory that can be written"
		return f
	}
	f.What = dir
	return f
}

// tryWrite writes a file in dir, or in the nearest directory above it that exists.
func tryWrite(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		if err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir || !errors.Is(err, os.ErrNotExist) {
			return err
		}
		dir = up
	}
	f, err := os.CreateTemp(dir, ".possim-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// hostAnswers says whether somebody listens at the host's address.
func (d *doctor) hostAnswers(ctx context.Context) finding {
	dialer := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", d.host)
	if err != nil {
		return finding{
			Check: "host", Status: "missing", What: "nobody listens on " + d.host,
			Hint: "start one in another shell: possim host",
		}
	}
	conn.Close()
	return finding{Check: "host", Status: "ok", What: "somebody listens on " + d.host}
}
