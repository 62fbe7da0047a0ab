package keyboard

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"possim/reader"
)

// Two tracks of a test card, and what reading them says.
const (
	track1 = "%B6222020000000015^DOE/JOHN ZOY-Q&A.W^29121010000000000000?"
	track2 = ";6222020000000015=29121010000000000?"
	both   = "ok B6222020000000015^DOE/JOHN ZOY-Q&A.W^29121010000000000000 | ok 6222020000000015=29121010000000000 | blank | ok"
	second = "blank | ok 6222020000000015=29121010000000000 | blank | ok"
)

// script is a Source in a time of its own: what is typed, and when.
type script struct {
	typed []Typed
	now   time.Time
	end   error // behind it all; nil: nothing more is ever typed
}

// errQuiet is how a script without an end says that Next would wait for ever.
var errQuiet = errors.New("nothing more is typed")

func newScript() *script {
	return &script{now: time.Unix(1_800_000_000, 0), end: errQuiet}
}

// types adds text, a character each pace, after a pause.
func (s *script) types(text string, pace, pause time.Duration) *script {
	at := s.now
	if n := len(s.typed); n > 0 {
		at = s.typed[n-1].At
	}
	at = at.Add(pause)
	for i, r := range []rune(text) {
		if i > 0 {
			at = at.Add(pace)
		}
		s.typed = append(s.typed, Typed{r, at})
	}
	return s
}

// Read gives what is typed up to the next wait, a character at a time.
func (s *script) Read(ctx context.Context, wait time.Duration) ([]Typed, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(s.typed) == 0 && wait > 0 && s.end == errQuiet:
		s.now = s.now.Add(wait)
		return nil, nil
	case len(s.typed) == 0:
		return nil, s.end
	}
	next := s.typed[0]
	if wait > 0 && next.At.After(s.now.Add(wait)) {
		s.now = s.now.Add(wait)
		return nil, nil
	}
	if next.At.After(s.now) {
		s.now = next.At
	}
	s.typed = s.typed[1:]
	return []Typed{next}, nil
}

func (s *script) Close() error { return nil }

// tell writes a swipe down: status and data of each track, and the verdict.
func tell(p reader.Presentation) string {
	s := p.(*reader.Swipe)
	var words []string
	for _, t := range s.Tracks {
		words = append(words, strings.TrimSpace(t.Status.String()+" "+t.Data.Reveal()))
	}
	return strings.Join(append(words, s.Verdict.String()), " | ")
}

// readAll reads to the end, and returns swipes and notes in their order.
func readAll(t testing.TB, s Source, o Options) []string {
	t.Helper()
	var got []string
	o.Note = func(text string) {
		if text == "" || strings.Contains(text, "622202") || strings.ContainsRune(text, '\n') {
			t.Errorf("a note says %q", text)
		}
		got = append(got, "note: "+text)
	}
	r := New(s, o)
	for {
		p, err := r.Next(t.Context(), reader.Ask{})
		if err != nil {
			if r.Close() != nil {
				t.Error("Close fails")
			}
			return got
		}
		got = append(got, tell(p))
	}
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if len(got) != len(lines) {
		t.Fatalf("got %q\nwant %q", got, lines)
	}
	for i, l := range lines {
		if note, is := strings.CutPrefix(l, "note: "); is && strings.Contains(got[i], note) && strings.HasPrefix(got[i], "note: ") {
			continue
		}
		if got[i] != l {
			t.Errorf("got  %s\nwant %s", got[i], l)
		}
	}
}
