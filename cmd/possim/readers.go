package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/scripted"
	"possim/reader/serialport"
	"possim/scenarios"
)

// readerURLs is the help of every --reader.
const readerURLs = "serial:/dev/ttyUSB0?baud=9600, pcsc:NAME, keyboard:, evdev:/dev/input/event5, hidraw:/dev/hidraw0, wav:FILE, flux:FILE?track=2, bits:FILE?track=2 or scripted:CARD?speed=40cm/s&wear=0"

// openReader opens the reader that a URL names: a scheme, what it opens, and
// options after a question mark. With keep a serial or chip reader that goes away is waited
// for; without, that is an error.
func (a *app) openReader(text string, keep bool) (reader.Reader, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return nil, usage("--reader %q is not a reader URL: want %s", text, readerURLs)
	}
	switch scheme {
	case "serial":
		return a.openSerial(text, keep)
	case "keyboard":
		return a.openKeyboard(rest)
	case "evdev":
		return a.openInput(rest)
	case "hidraw":
		return a.openHID(rest)
	case "pcsc":
		return a.openPCSC(rest, keep)
	case "wav":
		return a.openWAV(rest)
	case "flux", "bits":
		return a.openText(scheme, rest)
	case "scripted":
		return a.openScripted(rest)
	}
	if scheme == "pty" || scheme == "vpcd" { // the other side of a reader
		return nil, usage("--reader: %s: is the other side of a reader, which possim emulate stands up: open it as serial: or pcsc:NAME", scheme)
	}
	return nil, usage("--reader: there is no reader of kind %q: want %s", scheme, readerURLs)
}

// options splits what follows a scheme and hands each option to its setter.
func options(rest string, set map[string]func(string) error) (target string, err error) {
	target, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", usage("--reader: %w", err)
	}
	for name, value := range values {
		if set[name] == nil {
			known := make([]string, 0, len(set))
			for k := range set {
				known = append(known, k)
			}
			slices.Sort(known)
			return "", usage("--reader: there is no option %q: want %s", name, strings.Join(known, ", "))
		}
		if err := set[name](value[len(value)-1]); err != nil {
			return "", usage("--reader: %s=%s: %w", name, value[len(value)-1], err)
		}
	}
	return target, nil
}

// openSerial opens a serial port. What its reader has to say goes to stderr.
func (a *app) openSerial(text string, keep bool) (reader.Reader, error) {
	config, err := serialport.ParseURL(text)
	if err != nil {
		return nil, usage("--%w", err)
	}
	note := func(text string) { fmt.Fprintln(a.stderr, text) } // it begins with the port's path
	if !keep {
		port, err := serialport.Open(config, note)
		if err != nil {
			return nil, badWorld(err)
		}
		return port, nil
	}
	attached, err := serialport.Attach(config, serialport.AttachOptions{
		Sleep: a.sleep, Note: note,
		Event: func(e serialport.Event) { fmt.Fprintln(a.stderr, e) },
	})
	if err != nil {
		return nil, badWorld(err)
	}
	return attached, nil
}

// openScripted simulates one swipe of a card of the catalog.
func (a *app) openScripted(rest string) (reader.Reader, error) {
	speed, wear, hand, seed := speed(40), fraction(0), magstripe.Hand{}, a.seed()
	name, err := options(rest, map[string]func(string) error{
		"speed":     speed.Set,
		"wear":      wear.Set,
		"profile":   func(v string) error { return hand.Profile.UnmarshalText([]byte(v)) },
		"direction": func(v string) error { return hand.Direction.UnmarshalText([]byte(v)) },
		"seed":      number(&seed),
	})
	if err != nil {
		return nil, err
	}
	card, err := catalogCard(name)
	if err != nil {
		return nil, err
	}
	stripe, err := card.Stripe()
	if err != nil {
		return nil, err
	}
	stripe.Wear, hand.Speed = float64(wear), float64(speed)
	r := &scripted.Reader{Rand: rand.New(rand.NewPCG(seed, 0)), Sleep: a.sleep}
	r.Add(scripted.Swipe{Stripe: stripe, Hand: hand})
	return r, nil
}

// catalogCard returns a card that ships, by its name.
func catalogCard(name string) (*scenarios.Card, error) {
	cards, err := scenarios.CatalogCards()
	if err != nil {
		return nil, badFile(err)
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	var all []string
	for _, c := range cards {
		if c.Name == name {
			return c, nil
		}
		all = append(all, c.Name)
		names.AddCommand(&cobra.Command{Use: c.Name, Run: func(*cobra.Command, []string) {}})
	}
	if meant := names.SuggestionsFor(name); name != "" && len(meant) > 0 {
		return nil, usage("there is no card %q in the catalog (did you mean %s?)", name, strings.Join(meant, " or "))
	}
	return nil, usage("there is no card %q in the catalog: it has %s", name, strings.Join(all, ", "))
}

// readerError gives an error of a reader that was opened its exit code.
func readerError(err error) error {
	var typed exitError
	if errors.As(err, &typed) {
		return err
	}
	return badWorld(err)
}
