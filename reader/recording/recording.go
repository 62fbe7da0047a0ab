// Package recording gives Readers over recordings of card heads.
//
// A recording is a WAV file: PCM of 8, 16, 24 or 32 bits or IEEE float, at any
// usual rate, of one channel or several. A channel holds what a head gives (one
// pulse per flux transition) or the square wave that programs write which encode
// tracks, in either polarity and either direction; package magstripe tells which,
// and which track it is. Several swipes with silence between them are several
// presentations, in order, and then reader.ErrEnd.
//
//	f, err := os.Open("swipe.wav")
//	...
//	r, err := recording.Open("swipe.wav", f)
//	p, err := r.Next(ctx, reader.Ask{})
//
// A file that is not right is a FormatError, which names the file and the byte.
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
	audio Audio

	mu      sync.Mutex
	decoded bool
	closed  bool
	swipes  []magstripe.Report
}

// Open reads a WAV file to its end and returns a Reader over the swipes in it.
// name is for errors alone. Decoding waits for the first Next.
func Open(name string, r io.Reader) (*Reader, error) {
	audio, err := ReadWAV(name, r)
	if err != nil {
		return nil, err
	}
	return &Reader{audio: audio}, nil
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
	if !r.decoded {
		r.swipes = magstripe.DecodeSamples(r.audio.Channels, float64(r.audio.Rate), magstripe.Options{})
		r.audio, r.decoded = Audio{}, true
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
		s.Tracks[i] = reader.Track{Status: t.Status, Data: t.Data}
	}
	return s
}
