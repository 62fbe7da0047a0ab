// Package recording gives Readers over recordings of card heads.
//
// A WAV file is PCM of 8, 16, 24 or 32 bits or IEEE float, at any usual rate, of one
// channel or several. A channel holds what a head gives (one pulse per flux
// transition) or the square wave that programs write which encode tracks, in either
// polarity and either direction; package magstripe tells which, and which track it is.
// Several swipes with silence between them are several presentations, in order, and
// then reader.ErrEnd.
//
//	f, err := os.Open("swipe.wav")
//	...
//	r, err := recording.Open("swipe.wav", f)
//	p, err := r.Next(ctx, reader.Ask{})
//
// A flux file is text: the times between flux reversals in microseconds, one a line,
// decimals allowed. A bits file is text of 0 and 1, in the order in which the head saw
// them, or of hexadecimal digits behind 0x, the first bit in the highest. In both
// spaces and commas part, # begins a comment, an empty line begins another swipe, and a
// line "track 1" (2, 3) says which track what follows is on; without one the content
// tells.
//
//	# a card without a track 1, pulled by hand
//	track 2
//	512.4
//	498.1
//	...
//
// OpenFlux and OpenBits read them. What such a file holds of a track is decoded as far
// as it goes, a fragment without sentinels too: see magstripe.Bits.
//
// A file that is not right is a FormatError, which names the file and the byte, or a
// TextError, which names file, line and column.
package recording

import (
	"context"
	"io"
	"slices"
	"sync"

	"possim/reader"
	"possim/reader/magstripe"
)

// Reader plays the swipes of a recording. It is a reader.Reader that never waits.
type Reader struct {
	mu     sync.Mutex
	decode func() []magstripe.Report // nil once it was called
	closed bool
	swipes []magstripe.Report
}

// Open reads a WAV file to its end and returns a Reader over the swipes in it.
// name is for errors alone. Decoding waits for the first Next.
func Open(name string, r io.Reader) (*Reader, error) {
	audio, err := ReadWAV(name, r)
	if err != nil {
		return nil, err
	}
	return &Reader{decode: func() []magstripe.Report {
		return magstripe.DecodeSamples(audio.Channels, float64(audio.Rate), magstripe.Options{})
	}}, nil
}

// Next returns the next swipe, or reader.ErrEnd behind the last, and for a terminal
// that does not accept a swipe.
func (r *Reader) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, reader.ErrClosed
	}
	if len(a.Accept) > 0 && !slices.Contains(a.Accept, reader.KindSwipe) {
		return nil, reader.ErrEnd
	}
	if r.decode != nil {
		r.swipes, r.decode = r.decode(), nil
	}
	if len(r.swipes) == 0 {
		return nil, reader.ErrEnd
	}
	p := presentation(r.swipes[0])
	r.swipes = r.swipes[1:]
	return p, nil
}

// Close ends the recording.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

// presentation leaves the amplitude out: nobody knows how loud a reference card
// would be in the recording.
func presentation(report magstripe.Report) *reader.Swipe {
	s := &reader.Swipe{Verdict: report.Verdict, Speed: report.Speed}
	for i, t := range report.Tracks {
		s.Tracks[i] = reader.Track{Status: t.Status, Data: t.Data, Bits: t.Bits}
	}
	return s
}
