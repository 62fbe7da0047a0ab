package draft

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/journal"
)

// Draft is a scenario file in the making.
type Draft struct {
	// Left are the lines that no step tells, in their order.
	Left   []Left
	known  Known
	cards  map[card.PAN]*plastic
	order  []*plastic
	named  int
	texts  []string // of the scenarios
	files  map[string]string
	names  map[string]int
	phones map[wire.QRCode]*plastic
}

// Left is a line of a journal that no step tells, and why.
type Left struct {
	Line int
	Why  string
}

// New returns a Draft; known are the cards that need no entry.
func New(known Known) *Draft {
	return &Draft{known: known, cards: map[card.PAN]*plastic{}, names: map[string]int{}, files: map[string]string{}, phones: map[wire.QRCode]*plastic{}}
}

// Read reads a journal in a dialect, which is that of its header.
func (d *Draft) Read(r *journal.Reader, dialect *wire.Dialect) error {
	s := &session{name: "recorded"}
	for {
		e, err := r.Next()
		if err != nil {
			d.finish(s)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		switch {
		case e.World != nil:
			d.finish(s)
			s = &session{name: e.World.Scenario, file: e.World.File, world: worldAt(d.files[e.World.File], e.World.Line)}
		case e.Source != nil:
			d.files[e.Source.Path] = e.Source.Text
		case e.Step != nil && e.Step.Verb == journal.StepFaults:
			// What the faults did shows on the wire.
		case e.Step != nil:
			d.step(s, e.Number, e.Step)
		case e.Frame != nil && !s.take(e.Number, e.Frame, dialect):
			d.left(e.Number, "no request that the scenario language knows, nor an answer to one")
		}
	}
}

// step takes a step of the recorded scenario that is not on the wire, out of the file
// that the journal has.
func (d *Draft) step(s *session, number int, step *journal.Step) {
	text, ok := stepText(d.files[s.file], step.Line, step.Column)
	if !ok {
		d.left(number, "the step "+step.Verb+" is not on the wire, and its file not in the journal: add it")
		return
	}
	s.exchanges = append(s.exchanges, &exchange{line: number, raw: text})
}

// stepText is the line of a step in its file, from its first column on.
func stepText(file string, line, column int) (string, bool) {
	lines := strings.Split(file, "\n")
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1]) {
		return "", false
	}
	text, _, _ := strings.Cut(lines[line-1][column-1:], " #")
	text = strings.TrimSpace(text)
	return text, text != "" && !strings.HasSuffix(text, ":")
}

func (d *Draft) left(line int, why string) { d.Left = append(d.Left, Left{line, why}) }

// finish writes the scenario of a session.
func (d *Draft) finish(s *session) {
	orders := s.orders()
	if len(orders) == 0 {
		return
	}
	if s.name = strings.TrimSpace(s.name); s.name == "" {
		s.name = "recorded"
	}
	if d.names[s.name]++; d.names[s.name] > 1 {
		s.name = fmt.Sprintf("%s (%d)", s.name, d.names[s.name])
	}
	w := &writer{draft: d, orders: orders, world: s.world}
	for _, o := range orders {
		w.pin = w.pin || o.request.PINBlock != nil
	}
	for i, o := range orders {
		if i > 0 {
			w.pass(orders[i-1], o)
		}
		w.step(o)
	}
	if w.orders = orders; !w.any {
		return
	}
	d.texts = append(d.texts, fmt.Sprintf("  - name: %q\n%s%s    steps:\n%s", s.name, w.terminal(), w.host(), w.labelled()))
}

// WriteTo writes the file.
func (d *Draft) WriteTo(to io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString("possim: 1\n")
	if len(d.order) > 0 {
		b.WriteString("cards:\n")
		for _, p := range d.order {
			b.WriteString(p.yaml())
		}
	}
	b.WriteString("scenarios:\n")
	for _, text := range d.texts {
		b.WriteString(text)
	}
	n, err := io.WriteString(to, b.String())
	return int64(n), err
}

// Scenarios returns how many there are.
func (d *Draft) Scenarios() int { return len(d.texts) }
