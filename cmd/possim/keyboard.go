package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"possim/reader"
	"possim/reader/hid"
	"possim/reader/keyboard"
	"possim/reader/protocol"
)

// endOfText is Ctrl-D, which a terminal that is read key by key no longer takes itself.
const endOfText = 0x04

// stdinKeys is the Source of a keyboard: reader.
type stdinKeys struct {
	*app
	decoder keyboard.Decoder
}

// Read implements keyboard.Source.
func (k *stdinKeys) Read(ctx context.Context, wait time.Duration) ([]keyboard.Typed, error) {
	p, err := k.typing().next(ctx, wait)
	if errors.Is(err, io.EOF) || k.hushed() && bytes.IndexByte(p.bytes, endOfText) >= 0 {
		err = fmt.Errorf("stdin: %w", reader.ErrEnd)
	}
	return k.decoder.Decode(p.bytes, p.at), err
}

// Close implements keyboard.Source: the terminal is a person's again.
func (k *stdinKeys) Close() error {
	k.unhush()
	return nil
}

// keyboardOptions are those of keyboard: and evdev: readers.
func (a *app) keyboardOptions(scheme, rest string) (target string, o keyboard.Options, err error) {
	o.Note = func(text string) { fmt.Fprintln(a.stderr, scheme+": "+text) }
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if o.Likely == nil {
			o.Likely = keyboard.ForLocale(a.env(name))
		}
	}
	target, err = options(rest, map[string]func(string) error{
		"layout": func(v string) (err error) { o.Layout, err = keyboard.ParseLayout(v); return err },
		"typing": positive(&o.Typing),
		"pause":  positive(&o.Pause),
	})
	return target, o, err
}

// positive sets a length of time.
func positive(d *time.Duration) func(string) error {
	return func(v string) error {
		got, err := time.ParseDuration(v)
		if err == nil && got <= 0 {
			err = errors.New("want more than 0, for example 80ms")
		}
		*d = got
		return err
	}
}

// openKeyboard reads what a keyboard-wedge reader types into stdin.
func (a *app) openKeyboard(rest string) (reader.Reader, error) {
	target, o, err := a.keyboardOptions("keyboard", rest)
	if err != nil {
		return nil, err
	}
	if target != "" {
		return nil, usage("--reader: keyboard: is stdin and takes nothing but options: for an input device say evdev:%s", target)
	}
	if o.Hands = isTerminal(a.stdin); o.Hands {
		if err := a.hush(); err != nil {
			return nil, badWorld(fmt.Errorf("this terminal cannot be read without showing what is typed: %w", err))
		}
		fmt.Fprintln(a.stderr, "keyboard: a reader that types may swipe now; nothing of it is shown (Ctrl-C ends)")
	}
	return keyboard.New(&stdinKeys{app: a}, o), nil
}

// openInput reads what a keyboard-wedge reader says to the kernel.
func (a *app) openInput(rest string) (reader.Reader, error) {
	path, o, err := a.keyboardOptions("evdev", rest)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, usage("--reader: evdev: which device? possim doctor lists them, for example evdev:/dev/input/event5")
	}
	r, err := keyboard.OpenInput(path, time.Now, o)
	if err != nil {
		return nil, badWorld(err)
	}
	return r, nil
}

// openHID opens a reader that is a HID device and no keyboard.
func (a *app) openHID(rest string) (reader.Reader, error) {
	kind := "magtek"
	path, err := options(rest, map[string]func(string) error{
		"protocol": func(v string) error {
			_, err := protocol.NewReports(v)
			kind = v
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, usage("--reader: hidraw: which device? possim doctor lists them, for example hidraw:/dev/hidraw0")
	}
	r, err := hid.Open(path, kind, time.Now, func(text string) { fmt.Fprintln(a.stderr, text) })
	if err != nil {
		return nil, badWorld(err)
	}
	return r, nil
}

// hush has the terminal on stdin hand over each key at once and show none, until
// unhush. A signal that ends the program undoes it first.
func (a *app) hush() error {
	terminal, ok := a.stdin.(*os.File)
	if !ok {
		return errors.New("stdin is no terminal")
	}
	a.terminal.Lock()
	defer a.terminal.Unlock()
	if a.restore != nil {
		return nil
	}
	restore, err := keyByKey(terminal)
	a.restore = restore
	return err
}

// unhush gives the terminal back as it was.
func (a *app) unhush() {
	a.terminal.Lock()
	defer a.terminal.Unlock()
	if a.restore != nil {
		a.restore()
		a.restore = nil
	}
}

// hushed reports whether a keyboard: reader has the terminal.
func (a *app) hushed() bool {
	a.terminal.Lock()
	defer a.terminal.Unlock()
	return a.restore != nil
}

// typedReader reports whether a reader URL names a keyboard-wedge reader.
func typedReader(url string) bool {
	return strings.HasPrefix(url, "keyboard:") || strings.HasPrefix(url, "evdev:")
}
