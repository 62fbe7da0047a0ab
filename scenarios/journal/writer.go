package journal

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"strings"
	"time"

	"possim/host/hsm"
	"possim/host/wire"
)

// Config is what a Writer must know.
type Config struct {
	Dialect *wire.Dialect
	Redact  *Redactor
	Start   time.Time // what times count from
	Seed    uint64
	Tool    string           // what wrote it, with its version; "" is possim
	Method  hsm.MACAlgorithm // how MACs are computed; "" is MACECB
	TMK     hsm.Key          // of the terminals, to verify MACs with; the zero key is registry.TestTMK
	BDK     hsm.Key          // of terminals with DUKPT keys; the zero key verifies none of theirs
}

// Writer writes a journal. It keeps the first error and writes nothing after it. It
// is not safe for concurrent use.
type Writer struct {
	Config
	w        io.Writer
	sessions *sessions
	test     wire.Seal
	err      error

	questions map[string]question // by terminal
}

// NewWriter returns a Writer; it writes nothing yet.
func NewWriter(w io.Writer, c Config) *Writer {
	c.Method = cmp.Or(c.Method, hsm.MACECB)
	out := &Writer{Config: c, w: w, sessions: newSessions(c.TMK, c.BDK, c.Method), questions: map[string]question{}}
	out.test, out.err = c.Method.Sealer(testKeys.TAK)
	return out
}

// Header writes the first line of a journal.
func (w *Writer) Header() {
	h := Header{FormatName, Version, w.Dialect.Name(), string(w.Method), "none", "surrogate", w.Seed, cmp.Or(w.Tool, "possim"), nil}
	if !w.Start.IsZero() {
		h.Start = &w.Start
	}
	w.line(h)
}

// World writes the line that opens a scenario, and counts times from its start.
func (w *Writer) World(world World) {
	w.Start = world.Start
	method := cmp.Or(hsm.MACAlgorithm(world.Method), w.Method)
	w.sessions = newSessions(w.TMK, w.BDK, method)
	if seal, err := method.Sealer(testKeys.TAK); err != nil {
		w.err = err
	} else {
		w.test = seal
	}
	w.line(world)
}

// Source writes a file that scenarios were made of.
func (w *Writer) Source(s Source) { w.line(s) }

// Step writes that a step was done that changes what the host does.
func (w *Writer) Step(at time.Time, verb string, line, column int) {
	w.line(Step{w.since(at), verb, line, column})
}

// Entry writes a line that was read as it is, of a frame with its fields again.
func (w *Writer) Entry(e Entry) {
	switch {
	case e.World != nil:
		w.World(*e.World)
	case e.Source != nil:
		w.line(e.Source)
	case e.Step != nil:
		w.line(e.Step)
	case e.Frame != nil:
		l := *e.Frame
		var m wire.Message
		if _, err := w.Dialect.Decode(l.Frame(), &m); l.Hex != nil && err == nil {
			l.Fields, _ = Masked(&m)
		}
		w.line(l)
	}
}

// Event writes one frame; what is not a frame is left out.
func (w *Writer) Event(e Event) {
	if e.Frame != nil {
		_ = w.Frame(e.At, e.Conn, e.Out, e.Frame) // kept
	}
}

// Frame writes one frame, which left the terminal or reached it. It returns the first
// error of this Writer.
func (w *Writer) Frame(at time.Time, conn int, fromTerminal bool, frame []byte) error {
	if w.err != nil {
		return w.err
	}
	l := Line{T: w.since(at), Conn: conn, Direction: Event{Out: fromTerminal}.Arrow()}
	if w.err = w.fill(&l, frame); w.err == nil {
		w.line(l)
	}
	return w.err
}

// fill writes into a line what may be written of a frame.
func (w *Writer) fill(l *Line, frame []byte) error {
	var m wire.Message
	mab, err := w.Dialect.Decode(frame, &m)
	if err != nil {
		l.Problem = err.Error() // a DecodeError holds nothing of the frame
		return nil
	}
	l.MTI, l.MAC = string(m.MTI), w.sessions.worth(&m, mab)
	if err := w.sessions.learn(&m); err != nil {
		l.Problem = err.Error()
	}
	p, err := w.Redact.message(&m, w.sessions.working(&m))
	if err != nil {
		return err
	}
	w.asks(p)
	w.answers(p)
	l.Redacted = p.fields()
	if len(l.Redacted) > 0 || l.MAC != Unsealed {
		if frame, err = sealed(w.Dialect, &m, w.test, l.MAC); err != nil || p.left(frame) {
			l.Problem = cmp.Or(err, errLeft).Error()
			return nil
		}
		_, _ = w.Dialect.Decode(frame, &m) // what was just encoded
	}
	l.Fields, _ = Masked(&m)
	l.Hex = new(strings.ToUpper(hex.EncodeToString(frame)))
	return nil
}

// Err returns the first error; after it nothing more was written.
func (w *Writer) Err() error { return w.err }

func (w *Writer) since(at time.Time) float64 {
	return math.Round(at.Sub(w.Start).Seconds()*1000) / 1000
}

// line writes one line in one Write, so that a crash cuts off the last one alone.
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
