// Package journal records what passed over the wire between a terminal and a host,
// with nothing real in it, and plays it again: JSON Lines, one frame a line, after
// one header line.
//
//	{"format":"possim-journal","version":2,"dialect":"unionpay","mac":"ecb","framing":"none","redaction":"surrogate","seed":0,"tool":"possim 1.0","start":"2026-06-01T09:00:00+08:00"}
//	{"t":0.42,"conn":1,"dir":">","mti":"0200","hex":"6000...","f":{"2":"622202******0015","11":"000001"},"red":["2","35"],"mac":"valid"}
//	{"t":0.46,"conn":1,"dir":"<","mti":"0210","hex":"6000...","f":{"11":"000001","39":"00"},"mac":"valid"}
//
// A journal that possim run wrote has three more kinds of lines: the source of a
// scenario, the scenario that begins, and a step that changes what the host does.
// Of these its host is built again; a journal of a proxy needs a host.
// docs/journal.schema.json says exactly what a line may hold.
//
// # Redaction
//
// What is written never holds a real card. A Redactor gives each number that is on no
// test list another from a test range, the same one throughout a file, by a key that
// is thrown away; it rebuilds tracks, fills PIN blocks, names and codes, and puts
// published working keys into sign-ons. The MAC is then computed again with those
// keys, and an ARQC with those of the published test issuer, so that what was
// redacted still replays. "red" lists the fields that differ from what the wire had,
// and "mac" says whether the MAC of the wire was valid. A frame that cannot be read
// is not written, since nobody knows what it holds.
//
// # Adding a frame
//
// A recorder puts a Tap before a Dialer and gives its events to Writer.Event. Whoever
// has frames from elsewhere (an import) gives them to Writer.Frame, in the order of
// their times, frames without length bytes; conn tells connections apart:
//
//	redact, err := journal.NewRedactor(random, true)
//	w := journal.NewWriter(file, journal.Config{Dialect: d, Redact: redact, Start: first})
//	w.Header()
//	err = w.Frame(at, conn, fromTerminal, frame)
//
// The error is of writing, or a *RealCardError where the Redactor replaces no cards.
// What cannot be decoded is no error: it makes a line without hex that says why.
// A Reader gives the lines back.
package journal

import (
	"fmt"
	"strconv"
	"time"
)

// Describe returns an event as one line for people, masked:
// "+0.420s > 0200 2=622202******0015 11=000001".
func Describe(e Event, start time.Time) string {
	at := fmt.Sprintf("%+.3fs", e.At.Sub(start).Seconds())
	if e.Frame == nil {
		return at + "   nothing came"
	}
	if e.Message == nil {
		return fmt.Sprintf("%s %s unreadable, %d bytes", at, e.Arrow(), len(e.Frame))
	}
	s := fmt.Sprintf("%s %s %s", at, e.Arrow(), e.Message.MTI)
	f, _ := Masked(e.Message)
	for n := 2; n <= 128; n++ {
		if v, ok := f[strconv.Itoa(n)]; ok {
			s += fmt.Sprintf(" %d=%s", n, v)
		}
	}
	return s
}
