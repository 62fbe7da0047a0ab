package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/recording"
)

// openText opens a flux or a bits file; "-" is stdin.
func (a *app) openText(scheme, rest string) (reader.Reader, error) {
	track := 0
	path, err := options(rest, map[string]func(string) error{"track": func(text string) error {
		if len(text) != 1 || text[0] < '1' || text[0] > '3' {
			return errors.New("want 1, 2 or 3")
		}
		track = int(text[0] - '0')
		return nil
	}})
	if err != nil {
		return nil, err
	}
	open := map[string]func(string, io.Reader, int) (*recording.Reader, error){
		"flux": recording.OpenFlux, "bits": recording.OpenBits,
	}[scheme]
	return a.openRecording(scheme, path, func(name string, in io.Reader) (*recording.Reader, error) {
		return open(name, in, track)
	})
}

// openRecording opens a file of a recorded head; "-" is stdin.
func (a *app) openRecording(scheme, path string, open func(string, io.Reader) (*recording.Reader, error)) (reader.Reader, error) {
	if path == "" {
		return nil, usage("--reader %s: names no file: want %s:FILE", scheme, scheme)
	}
	in, name := a.stdin, "stdin"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, badFile(err)
		}
		defer file.Close()
		in, name = file, path
	}
	tape, err := open(name, in)
	if err != nil {
		return nil, badFile(err)
	}
	return tape, nil
}

// capture writes what a reader that sends flux sees to the file of --flux.
func (s *swipe) capture(stripe magstripe.Stripe) error {
	flux := magstripe.Capture(stripe, s.hand, magstripe.Head{}, s.random())
	reversals := 0
	for i := range flux {
		if len(s.tracks) > 0 && !slices.Contains(s.tracks, i+1) {
			flux[i] = nil
		}
		reversals += len(flux[i])
	}
	if reversals == 0 {
		return failed("nothing to write: no flux was seen")
	}
	var text bytes.Buffer
	if err := recording.WriteFlux(&text, flux); err != nil {
		return err
	}
	if err := writeFile(s.flux, text.Bytes()); err != nil {
		return badWorld(err)
	}
	fmt.Fprintf(s.stderr, "%s: %d intervals\n", s.flux, reversals)
	return nil
}
