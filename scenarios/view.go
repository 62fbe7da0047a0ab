package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"possim/emulator"
	"possim/scenarios/journal"
)

// view is what could be seen during one step: what the reader said, what stood on
// the display, what went over the wire, what was printed, how the order ended.
type view struct {
	*world
	reads    []emulator.Read
	screens  []emulator.Screen
	wire     []wireEvent
	timeouts int
	slips    []string
	outcome  *emulator.Outcome // nil while the order goes on, and after a power cut
	cut      bool              // the power failed
}

// wireEvent is one frame as the terminal saw it.
type wireEvent struct {
	out bool
	mti string // unreadable when it could not be decoded
	journal.Event
}

// secretFields cannot be named in an expectation: what they hold is never shown.
var secretFields = func() map[int]bool {
	out := map[int]bool{}
	for n := 3; n <= 128; n++ { // F2 has a masked form
		out[n] = journal.Secret(n)
	}
	return out
}()

// hear takes down one event of the terminal's link.
func (w *view) hear(e journal.Event) {
	if e.Frame == nil {
		w.timeouts++
		return
	}
	we := wireEvent{out: e.Out, mti: unreadable, Event: e}
	if e.Message != nil {
		we.mti = string(e.Message.MTI)
	}
	w.wire = append(w.wire, we)
}

// field returns the text of a field, "" when it is absent.
func (e wireEvent) field(number int) string {
	if e.Message == nil {
		return ""
	}
	return journal.Text(e.Message, number)
}

// code returns the response code of the outcome, for showing.
func (w *view) code() string {
	if w.outcome == nil {
		return "none"
	}
	return orNone(string(w.outcome.Code))
}

// unfinished says why there is no outcome.
func (w *view) unfinished() string {
	if w.cut {
		return "no outcome: the power failed"
	}
	return "no outcome yet: the terminal asks for the card again; expect it of the last swipe"
}

// shown lists what stood on the display.
func (w *view) shown() string {
	var s []string
	for _, screen := range w.screens {
		s = append(s, screen.Chinese+" / "+screen.English)
	}
	return orNone(strings.Join(s, "; "))
}

// onWire says in brackets what went over the wire, for numbers that need it.
func (w *view) onWire() string {
	if len(w.wire) == 0 {
		return ""
	}
	return " (" + w.sequence(nil) + ")"
}

// sequence shows what went over the wire: types, and the fields that want asks for.
func (w *view) sequence(want []messagePattern) string {
	numbers := map[int]bool{}
	for _, m := range want {
		for _, f := range m.fields {
			numbers[f.number] = true
		}
	}
	asked := make([]int, 0, len(numbers))
	for n := range numbers {
		asked = append(asked, n)
	}
	slices.Sort(asked)
	var shown []string
	for _, e := range w.wire {
		s := e.mti
		for _, n := range asked {
			if v := e.field(n); v != "" {
				s += fmt.Sprintf(" %d=%s", n, v)
			}
		}
		shown = append(shown, s)
	}
	return strings.Join(shown, "; ")
}

// readText shows what the reader made of a swipe.
func readText(r emulator.Read) string {
	return fmt.Sprintf("%s (track 1 %s, track 2 %s)", r.Verdict, r.Tracks[0], r.Tracks[1])
}
