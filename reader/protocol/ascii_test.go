package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// tell writes events down: one line each, a swipe as its tracks and verdict.
func tell(events []Event) []string {
	var lines []string
	for _, e := range events {
		if e.Swipe == nil {
			lines = append(lines, "note: "+e.Note)
			continue
		}
		var words []string
		for _, t := range e.Swipe.Tracks {
			words = append(words, strings.TrimSpace(t.Status.String()+" "+t.Data.Reveal()))
		}
		lines = append(lines, strings.Join(words, " | ")+" | "+e.Swipe.Verdict.String())
	}
	return lines
}

func read(pieces ...string) []string {
	a := new(ASCII)
	var events []Event
	for _, p := range pieces {
		events = append(events, a.Feed([]byte(p))...)
	}
	return tell(append(events, a.Flush()...))
}

const (
	good = "%B4111111111111111^DOE/J^2912101?;4111111111111111=2912101?\r"
	want = "ok B4111111111111111^DOE/J^2912101 | ok 4111111111111111=2912101 | blank | ok"
)

// The messages of testdata/ascii.json are from the manuals and projects it names.
func TestPublishedMessages(t *testing.T) {
	var vectors []struct {
		Device, What, Hex, Source, Verdict string
		Tracks                             []string
		Note                               bool
	}
	text, err := os.ReadFile("testdata/ascii.json")
	if err == nil {
		err = json.Unmarshal(text, &vectors)
	}
	if err != nil || len(vectors) < 9 {
		t.Fatal(err, len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Device+": "+v.What, func(t *testing.T) {
			raw, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			got := read(string(raw))
			if len(got) != 1 {
				t.Fatalf("%d events: %q", len(got), got)
			}
			if v.Note {
				if !strings.HasPrefix(got[0], "note: ") {
					t.Errorf("%q", got)
				}
				return
			}
			if want := strings.Join(append(v.Tracks, v.Verdict), " | "); got[0] != want {
				t.Errorf("got  %s\nwant %s", got[0], want)
			}
			if byBytes := read(strings.Split(string(raw), "")...); len(byBytes) != 1 || byBytes[0] != got[0] {
				t.Errorf("byte by byte: %q", byBytes)
			}
		})
	}
}

func TestASCIIMessages(t *testing.T) {
	const t2only = "blank | ok 4111111111111111=2912101 | blank | ok"
	const broke, noise = "note: a message broke off", "note: 9 characters and no track"
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"CR", good, []string{want}},
		{"CR LF", strings.ReplaceAll(good, "\r", "\r\n"), []string{want}},
		{"LF alone", strings.ReplaceAll(good, "\r", "\n"), []string{want}},
		{"no terminator", strings.TrimSuffix(good, "\r"), []string{want}},
		{"STX ETX", "\x02" + strings.TrimSuffix(good, "\r") + "\x03", []string{want}},
		{"STX ETX LRC", "\x02" + strings.TrimSuffix(good, "\r") + "\x03%" + "\x02" + good + "\x03;", []string{want, want}},
		{"concatenated", good + good + good, []string{want, want, want}},
		{"concatenated without CR", strings.ReplaceAll(good+good, "\r", ""), []string{want, want}},
		{"track 2 alone, twice", ";4111111111111111=2912101?\r;4111111111111111=2912101?\r", []string{t2only, t2only}},
		{"track 3 +", "%A1?;2?+3?\r", []string{"ok A1 | ok 2 | ok 3 | ok"}},
		{"track 3 !", "%A1?;2?!3?\r", []string{"ok A1 | ok 2 | ok 3 | ok"}},
		{"track 3 #, in letters", "%A1?;2?#3A;B?\r", []string{"ok A1 | ok 2 | ok 3A;B | ok"}},
		{"track 3 ;", "%A1?;2?;3?\r", []string{"ok A1 | ok 2 | ok 3 | ok"}},
		{"track 3 alone", "+3?\r", []string{"blank | blank | ok 3 | ok"}},
		{"errors", "%E?;E?+E?\r", []string{"error | error | error | unreadable"}},
		{"empty tracks are blank", "%?;4111111111111111=2912101?\r", []string{t2only}},
		{"all blank", "%?;?\r", []string{"blank | blank | blank | unreadable"}},
		{"LRC that looks like a start", "%A1?;;2?+\r", []string{"ok A1 | ok 2 | blank | ok"}},
		{"LRC % and ?", "%A1?%;2??\r", []string{"ok A1 | ok 2 | blank | ok"}},
		{"; and + on track 1", "%A1;2+3?;2?\r", []string{"ok A1;2+3 | ok 2 | blank | ok"}},
		{"letters on track 2", "%A1?;2A2?\r", []string{"ok A1 | error | blank | unreadable"}},
		{"letters on an ISO track 3", ";2?+3A?\r", []string{"blank | ok 2 | error | unreadable"}},
		{"high bit", "%A\xb1?;2?\r", []string{"error | ok 2 | blank | unreadable"}},
		{"no end sentinel", "%A1?;2\r", []string{"ok A1 | error | blank | unreadable"}},
		{"broken off", "%A1\r" + good, []string{broke, want}},
		{"restarted in track 1", "%B41111" + good, []string{broke, want}},
		{"restarted in track 2", "%A1?;22" + good, []string{"ok A1 | error | blank | unreadable", want}},
		{"restarted with track 2", ";22;4111111111111111=2912101?\r", []string{broke, t2only}},
		{"STX in a track", "%B41\x02" + good, []string{broke, want}},
		{"track 1 ran into track 2", "%B4111111^D;4111111111111111=2912101?\r", []string{"error | ok 4111111111111111=2912101 | blank | unreadable"}},
		{"% before track 2", "%;4111111111111111=2912101?\r", []string{t2only}},
		{"noise", "\xff\x80xyzzy12\r" + good, []string{noise, want}},
		{"noise before a frame", "\xff\x80xyzzy12" + good, []string{want}},
		{"noise flushed", "\xff\x80xyzzy12", []string{noise}},
		{"sensor of an insertion reader", "\x02\x1b1\r\x03" + good, []string{want}},
		{"CR LF alone", "\r\n\r\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for how, got := range map[string][]string{"at once": read(c.in), "byte by byte": read(strings.Split(c.in, "")...)} {
				if len(got) != len(c.want) {
					t.Fatalf("%s: got %q, want %q", how, got, c.want)
				}
				for i := range got {
					if got[i] != c.want[i] && !(strings.HasPrefix(c.want[i], "note: ") && strings.HasPrefix(got[i], c.want[i])) {
						t.Errorf("%s: got %q, want %q", how, got[i], c.want[i])
					}
				}
			}
		})
	}
}

func TestPending(t *testing.T) {
	for in, want := range map[string]Pending{
		"": PendingNone, good: PendingNone, "%": PendingHalf, "%A": PendingHalf, "%A?": PendingWhole, "%A?;": PendingHalf,
		"%A?;2": PendingHalf, "%A?;2?": PendingWhole, "xx": PendingWhole, "\x02": PendingNone, "%A%": PendingHalf,
	} {
		a := new(ASCII)
		a.Feed([]byte(in))
		if got := a.Pending(); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

func TestAMegabyteWithoutTerminator(t *testing.T) {
	for _, unit := range []string{"0", "%", ";", "?", "A", "%A", ";0", "\xff", "+", "%B4;", "\x00"} {
		a := new(ASCII)
		flood := bytes.Repeat([]byte(unit), 1<<20/len(unit))
		start := []byte("%B41111;2")
		swipes := 0
		for _, b := range [][]byte{start, flood} {
			for _, e := range a.Feed(b) {
				if e.Swipe != nil {
					swipes++
				}
			}
		}
		held := 0
		for _, f := range a.tracks {
			held += cap(f.data)
		}
		if held > 4*maxTrack*3 {
			t.Errorf("%q: %d bytes held", unit, held)
		}
		got := tell(a.Feed([]byte("\r" + good)))
		if len(got) == 0 || got[len(got)-1] != want {
			t.Errorf("%q: the next frame is lost: %q", unit, got)
		}
		if unit == "0" { // too long for a track: the next start counts without a CR
			b := new(ASCII)
			b.Feed(append([]byte("%B41111"), flood...))
			if got := tell(b.Feed([]byte(good))); got[len(got)-1] != want {
				t.Errorf("%q without CR: %q", unit, got)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	ok := func(d card.TrackData) reader.Track { return reader.Track{Status: magstripe.StatusOK, Data: d} }
	failed := reader.Track{Status: magstripe.StatusParity}
	noStart := reader.Track{Status: magstripe.StatusNoStart}
	for _, c := range []struct {
		f      ASCIIFormat
		tracks [3]reader.Track
		want   string
	}{
		{ASCIIFormat{}, [3]reader.Track{ok("A1"), ok("2"), ok("3")}, "%A1?;2?+3?\r"},
		{ASCIIFormat{}, [3]reader.Track{failed, noStart, {}}, "%E?;E?\r"},
		{ASCIIFormat{RevB: true}, [3]reader.Track{failed, noStart, {}}, "%E?\r"},
		{ASCIIFormat{}, [3]reader.Track{}, ""},
		{ASCIIFormat{STX: true, ESC: true, LF: true, ETX: true, Track3: '#'}, [3]reader.Track{{}, ok("2"), ok("3")}, "\x02\x1b;2?#3?\r\n\x03"},
		{ASCIIFormat{NoCR: true}, [3]reader.Track{{}, ok("2"), {}}, ";2?"},
	} {
		if got := c.f.Encode([]byte("x"), &reader.Swipe{Tracks: c.tracks}); string(got) != "x"+c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNew(t *testing.T) {
	for _, n := range Names() {
		if p, err := New(n); err != nil || p == nil {
			t.Error(n, err)
		}
	}
	if _, err := New("asci"); err == nil || !strings.Contains(err.Error(), "ascii") {
		t.Error(err)
	}
}
