// Package journal writes down what passed over the wire between a terminal and a
// host: JSON Lines, one frame a line, after one header line.
//
//	{"format":"possim-journal","version":1,"dialect":"unionpay","framing":"none","redaction":"mask","tool":"possim"}
//	{"t":0.42,"conn":1,"dir":">","mti":"0200","hex":null,"f":{"2":"622202******0015","11":"000001"},"red":["2","35"]}
//	{"t":0.46,"conn":1,"dir":"<","mti":"0210","hex":"6000...","f":{"11":"000001","39":"00"}}
//
// No card number, track, PIN or key reaches a line: fields that could carry one
// are masked in f and listed in red, and a frame that holds one has no hex. What
// could not be decoded has no hex either, since nobody knows what it holds.
//
// Tap puts a listener on every Link a Dialer opens; Writer turns what it hears
// into lines.
package journal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Header is the first line of a journal.
type Header struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	Dialect   string `json:"dialect"`
	Framing   string `json:"framing"`   // "none": hex is the frame without its length bytes
	Redaction string `json:"redaction"` // "mask": first six and last four digits
	Seed      uint64 `json:"seed"`
	Tool      string `json:"tool"`
}

// World opens the lines of one scenario: t counts from Start.
type World struct {
	Scenario string    `json:"scenario"`
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Seed     uint64    `json:"seed"`
	Start    time.Time `json:"start"`
}

// Line is one frame.
type Line struct {
	T         float64           `json:"t"` // seconds since the start, to the millisecond
	Conn      int               `json:"conn"`
	Direction string            `json:"dir"` // ">" left the terminal, "<" reached it
	MTI       string            `json:"mti"` // "" when it could not be read
	Hex       *string           `json:"hex"`
	Fields    map[string]string `json:"f,omitempty"`
	Redacted  []string          `json:"red,omitempty"`
}

// Writer writes a journal. It is not safe for concurrent use.
type Writer struct {
	w     io.Writer
	start time.Time
	err   error
}

// NewWriter returns a Writer whose times count from start; it writes nothing yet.
func NewWriter(w io.Writer, start time.Time) *Writer { return &Writer{w: w, start: start} }

// Header writes the first line of a journal.
func (w *Writer) Header(dialect string, seed uint64) {
	w.line(Header{"possim-journal", 1, dialect, "none", "mask", seed, "possim"})
}

// World writes the line that opens a scenario, and counts times from its start.
func (w *Writer) World(world World) {
	w.start = world.Start
	w.line(world)
}

// Event writes one frame; what is not a frame is left out.
func (w *Writer) Event(e Event) {
	if e.Frame == nil {
		return
	}
	l := Line{
		T:         math.Round(e.At.Sub(w.start).Seconds()*1000) / 1000,
		Conn:      e.Conn,
		Direction: e.Arrow(),
	}
	if e.Message != nil {
		l.MTI = string(e.Message.MTI)
		l.Fields, l.Redacted = Masked(e.Message)
		if len(l.Redacted) == 0 {
			l.Hex = new(strings.ToUpper(hex.EncodeToString(e.Frame)))
		}
	}
	w.line(l)
}

// Err returns the first error of writing; after one nothing more is written.
func (w *Writer) Err() error { return w.err }

func (w *Writer) line(v any) {
	if w.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // ">" is a direction here
	if w.err = enc.Encode(v); w.err != nil {
		return
	}
	_, w.err = w.w.Write(b.Bytes())
}

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
