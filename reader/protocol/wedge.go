package protocol

// Wedge reads what a keyboard-wedge reader types: the tracks of ASCII, all in one line
// or each in a line of its own. A swipe is over when the next one begins, or by Flush.
type Wedge struct{ text lines }

// NewWedge returns a Wedge. Lines may come from a file, where nothing but their order
// tells cards apart: a second line that starts with ; is another card, not a track 3.
func NewWedge() *Wedge { return &Wedge{lines{apart: true}} }

// Feed implements Parser.
func (w *Wedge) Feed(b []byte) []Event { return w.text.feed(b) }

// Flush implements Parser.
func (w *Wedge) Flush() []Event { return w.text.flush() }

// Pending implements Parser.
func (w *Wedge) Pending() Pending { return w.text.pending() }
