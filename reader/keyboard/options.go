package keyboard

import "time"

// Options say how a Reader tells a swipe from what else is typed.
type Options struct {
	// Layout is the keyboard's, where it is known; nil: it is recognised.
	Layout *Layout
	// Likely is tried before the others, after the US layout. Some layouts differ in a
	// few letters alone, and only this tells them apart.
	Likely *Layout
	// Typing is the longest time between two characters, on the average over a line,
	// that a reader takes; DefaultTyping if zero.
	Typing time.Duration
	// Pause is how long nothing is typed when a line has ended without Enter;
	// DefaultPause if zero.
	Pause time.Duration
	// Hands says that a person may type there too: a terminal, an input device. A file
	// or a pipe has no speed to go by, and everything in it is taken for a reader's.
	Hands bool
	// Keys says that the characters are the keys of a US keyboard, whatever the layout
	// of this machine: what a layout made of them is not undone, but read as meant.
	Keys bool
	// Note, which may be nil, is told in a sentence what the person at the reader
	// should know. It is never told what was typed.
	Note func(string)
}

// How fast readers and people type. A USB keyboard is polled every 10 ms at the slowest
// in common use (HID 1.11, appendix E.5: bInterval 10), and a character takes a report
// to press its key and one to let go: 20 ms. The fastest of 168,000 people came to 120
// words a minute, about 100 ms a character, with 239 ms the mean (Dhakal, Feit,
// Kristensson, Oulasvirta: Observations on Typing from 136 Million Keystrokes, CHI
// 2018; figures from memory of the paper).
const (
	DefaultTyping = 50 * time.Millisecond
	DefaultPause  = 200 * time.Millisecond
)

func (o Options) filled() Options {
	if o.Typing <= 0 {
		o.Typing = DefaultTyping
	}
	if o.Pause <= 0 {
		o.Pause = DefaultPause
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	return o
}
