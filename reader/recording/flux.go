package recording

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"possim/reader/magstripe"
)

// longestInterval is a second: what lasts longer is no interval between flux reversals
// of one swipe, and most likely in another unit.
const longestInterval = 1e6 // microseconds

// OpenFlux reads a flux file to its end and returns a Reader over the swipes in it. The
// track (1 to 3) is that of the intervals before the first "track" line, 0 where the
// content tells. name is for errors alone.
func OpenFlux(name string, r io.Reader, track int) (*Reader, error) {
	swipes, err := readText(name, r, track, interval)
	if err != nil {
		return nil, err
	}
	return &Reader{decode: func() []magstripe.Report {
		var reports []magstripe.Report
		for _, s := range swipes {
			reports = append(reports, magstripe.DecodeFlux(s.lists, s.tracks))
		}
		return reports
	}}, nil
}

// interval reads one field of a flux file: microseconds. Its errors do not quote it,
// for it may be a card's number in the wrong file.
func interval(field string) ([]float64, error) {
	us, err := strconv.ParseFloat(field, 64)
	if err != nil || !(us > 0) {
		return nil, errors.New("no interval: want microseconds between two flux reversals, such as 512.4")
	}
	if us > longestInterval {
		return nil, errors.New("an interval of more than a second: want microseconds between two flux reversals")
	}
	return []float64{us / 1e6}, nil
}

// WriteFlux writes the flux of one swipe, of each track (index 0 is track 1) the times
// between reversals in seconds, as OpenFlux reads it. A track without any is left out.
func WriteFlux(w io.Writer, tracks [3][]float64) error {
	out := []byte("# microseconds between flux reversals\n")
	for i, intervals := range tracks {
		if len(intervals) == 0 {
			continue
		}
		out = fmt.Appendf(out, "track %d\n", i+1)
		for _, d := range intervals {
			out = strconv.AppendFloat(out, d*1e6, 'f', 1, 64)
			out = append(out, '\n')
		}
	}
	_, err := w.Write(out)
	return err
}
