package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/recording"
)

// openWAV opens a recording; "-" is stdin.
func (a *app) openWAV(path string) (reader.Reader, error) {
	if path == "" {
		return nil, usage("--reader wav: names no file: want wav:FILE")
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
	tape, err := recording.Open(name, in)
	if err != nil {
		return nil, badFile(err)
	}
	return tape, nil
}

// record writes the head's signal to the WAV file of --wav.
func (s *swipe) record(stripe magstripe.Stripe) error {
	channels := magstripe.Render(stripe, s.hand, magstripe.Head{}, float64(s.rate), s.random(), s.tracks...)
	if len(channels) == 0 {
		return errors.New("nothing to record")
	}
	var wav bytes.Buffer
	if err := recording.WriteWAV(&wav, recording.Audio{Rate: s.rate, Channels: channels}); err != nil {
		return err
	}
	if err := writeFile(s.wav, wav.Bytes()); err != nil {
		return badWorld(err)
	}
	lasts := time.Duration(len(channels[0])) * time.Second / time.Duration(s.rate)
	fmt.Fprintf(s.stderr, "%s: %d channel(s), %d Hz, %s\n", s.wav, len(channels), s.rate, lasts.Round(time.Millisecond))
	return nil
}
