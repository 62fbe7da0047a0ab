package card

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func fuzzTrack(f *testing.F, n int) {
	for _, c := range goodTracks {
		if c.n == n {
			f.Add(c.track)
		}
	}
	f.Add("?")
	f.Add("")
	f.Fuzz(func(t *testing.T, in string) {
		id, data, err := reformat(n, TrackData(in))
		if err != nil {
			noLeak(t, in, err.Error())
			return
		}
		if want := bare(in); data.Reveal() != want && strings.TrimLeft(want, ";+!#%") != data.Reveal() {
			t.Fatalf("%q formats to %q", in, data.Reveal())
		}
		again, _, err := reformat(n, data)
		if err != nil || again != id {
			t.Fatalf("%q: second parse: %v", in, err)
		}
		noLeak(t, in, fmt.Sprintf("%v %+v %#v", id, id, id))
	})
}

// noLeak fails on seven digits in a row: a masked PAN shows six at most.
func noLeak(t *testing.T, in, out string) {
	if sevenDigits.MatchString(out) {
		t.Fatalf("%q shows too much of %q", out, in)
	}
}

var sevenDigits = regexp.MustCompile(`[0-9]{7}`)

func FuzzTrack1(f *testing.F) { fuzzTrack(f, 1) }
func FuzzTrack2(f *testing.F) { fuzzTrack(f, 2) }
func FuzzTrack3(f *testing.F) { fuzzTrack(f, 3) }
