package protocol

import (
	"reflect"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// FuzzASCII feeds anything, in two cuts, and asks for the good frame behind it.
func FuzzASCII(f *testing.F) {
	for _, s := range []string{"", good, "%E?;E?+E?\r", "\x02%A1?;2?\x03", "%B4;1?\r", "21088817A01\r", "%A1?%;2??\r", ";2?;3?!4?", "%B4111111^D;4111111111111111=2912101?"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		whole := new(ASCII)
		events := whole.Feed(in)
		if cut = max(0, min(cut, len(in))); !reflect.DeepEqual(tell(events), tell(feedCut(in, cut))) {
			t.Fatalf("%q reads differently cut at %d", in, cut)
		}
		for _, e := range events {
			check(t, in, e)
		}
		got := tell(whole.Feed([]byte("\r" + good)))
		if len(got) == 0 || got[len(got)-1] != want {
			t.Fatalf("after %q the next frame is lost: %q", in, got)
		}
	})
}

func feedCut(in []byte, cut int) []Event {
	a := new(ASCII)
	return append(a.Feed(in[:cut]), a.Feed(in[cut:])...)
}

// check holds a swipe to what it may say, and sends it through Encode and back.
func check(t *testing.T, in []byte, e Event) {
	if e.Swipe == nil {
		if e.Note == "" {
			t.Fatalf("%q: an event that says nothing", in)
		}
		return
	}
	for i, track := range e.Swipe.Tracks {
		if (track.Status == magstripe.StatusOK) != (track.Data != "") {
			t.Fatalf("%q: track %d is %v with %d characters", in, i+1, track.Status, len(track.Data))
		}
	}
	if e.Swipe.Tracks[0].Data != "" && strings.ContainsAny(e.Swipe.Tracks[0].Data.Reveal(), "%?\r") {
		t.Fatalf("%q: a sentinel inside track 1", in)
	}
	f := ASCIIFormat{}
	if d := e.Swipe.Tracks[2].Data.Reveal(); strings.Trim(d, "0123456789:<=>") != "" {
		f.Track3 = '#'
	}
	sent := f.Encode(nil, e.Swipe)
	if e.Swipe.Tracks == [3]reader.Track{} {
		if sent != nil {
			t.Fatalf("%q: a blank card encodes to %q", in, sent)
		}
		return
	}
	if startsLikeTrack(e.Swipe.Tracks[0].Data) {
		return // the encoder sends it as it is; the parser takes ; for track 2's start
	}
	back := new(ASCII).Feed(sent)
	if len(back) != 1 || !reflect.DeepEqual(back[0].Swipe, e.Swipe) {
		t.Fatalf("%q: %q goes out as %q and comes back as %q", in, tell([]Event{e}), sent, tell(back))
	}
}

func startsLikeTrack(d card.TrackData) bool {
	return d != "" && strings.IndexByte("%;+!#", d[0]) >= 0
}
