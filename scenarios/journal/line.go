package journal

import "time"

// What the first line of a journal says of its format.
const (
	FormatName = "possim-journal"
	Version    = 2
)

// Header is the first line of a journal.
type Header struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	Dialect   string `json:"dialect"`
	MAC       string `json:"mac,omitempty"` // how MACs are computed: ecb, x9.9, x9.19, cmac
	Framing   string `json:"framing"`       // "none": hex is the frame without its length bytes
	Redaction string `json:"redaction"`     // "surrogate", or "mask" in version 1
	Seed      uint64 `json:"seed"`
	Tool      string `json:"tool"`

	Start *time.Time `json:"start,omitempty"` // what times count from, outside of scenarios
}

// World opens the lines of one scenario: t counts from Start. What it was made of
// is in the Source lines before it, so that its host can be built again.
type World struct {
	Scenario string    `json:"scenario"`
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Seed     uint64    `json:"seed"`
	Start    time.Time `json:"start"`
	MAC      string    `json:"mac,omitempty"`    // require or off, where the run said so
	Method   string    `json:"method,omitempty"` // how its terminal computes MACs
}

// Source is a file that scenarios of this journal were made of: their own, and the
// list of cards that they name.
type Source struct {
	Path string `json:"source"`
	Text string `json:"text"`
}

// Step says that a step of the scenario was done that changes what the host does:
// a card is frozen, a fault is ordered, the host goes down. It is the step that
// begins at Line and Column of the scenario's file.
type Step struct {
	T      float64 `json:"t"`
	Verb   string  `json:"step"`
	Line   int     `json:"line"`
	Column int     `json:"column"`
}

// StepFaults is the verb of the moment when the faults of a scenario come into force,
// behind the terminal's sign-on. It is no step of its file: it stands at the scenario.
const StepFaults = "faults"

// Line is one frame.
type Line struct {
	T         float64           `json:"t"` // seconds since the start, to the millisecond
	Conn      int               `json:"conn"`
	Direction string            `json:"dir"`           // ">" left the terminal, "<" reached it
	MTI       string            `json:"mti"`           // "" when it could not be read
	Hex       *string           `json:"hex"`           // the frame, redacted; null when it could not be read
	Fields    map[string]string `json:"f,omitempty"`   // for people and grep: masked, nothing reads it back
	Redacted  []string          `json:"red,omitempty"` // fields that hex holds in another form than the wire did
	MAC       Seal              `json:"mac,omitempty"`
	Problem   string            `json:"problem,omitempty"` // why hex is null
}

// Seal says what the MAC of a frame was worth when it was recorded.
type Seal string

// What a MAC may be worth. In hex the MAC is one under the published test keys:
// right where it was valid or nobody could tell, and wrong where it was invalid.
const (
	Unsealed   Seal = ""
	Valid      Seal = "valid"
	Invalid    Seal = "invalid"
	Unverified Seal = "unverified" // the recorder had no key to verify it with
)

// FromTerminal reports whether the frame left the terminal.
func (l *Line) FromTerminal() bool { return l.Direction == ">" }

// Frame returns the frame's bytes, nil where there are none.
func (l *Line) Frame() []byte {
	if l.Hex == nil {
		return nil
	}
	frame := make([]byte, len(*l.Hex)/2)
	for i := range frame { // Reader looked at the digits
		frame[i] = nibble((*l.Hex)[2*i])<<4 | nibble((*l.Hex)[2*i+1])
	}
	return frame
}

// nibble is the value of a hexadecimal digit, 255 for what is none.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
