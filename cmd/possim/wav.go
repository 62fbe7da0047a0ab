package main

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/recording"
)

// openWAV opens a recording; "-" is stdin.
func (a *app) openWAV(path string) (reader.Reader, error) {
	return a.openRecording("wav", path, recording.Open)
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
