// Package keyboard reads cards from keyboard-wedge readers: USB readers that type a
// swipe as if it were a person's, into whatever program has the keyboard.
//
// Two Sources give what is typed. A stream (a terminal, a pipe) gives characters, as
// the keyboard layout of this machine made them out of the keys the reader pressed; it
// is handed in, since nobody but cmd owns a terminal. An input device of Linux
// (OpenInput) gives the keys themselves, and keeps them from every other program.
//
//	r := keyboard.New(source, keyboard.Options{Hands: true, Note: tell})
//	p, err := r.Next(ctx, reader.Ask{})
//
// # What is a swipe
//
// A reader types faster than a person: a line whose characters came further apart than
// Options.Typing on the average was typed by hand and is no card, whatever it says. A
// line ends with Enter or Tab, or with a pause. It is then read as the plain ASCII
// track format (protocol.ASCII), with E between sentinels for a track that the reader
// could not read; tracks in lines of their own belong together.
//
// # Layouts
//
// A reader presses the keys of a US keyboard unless it was told otherwise. On a machine
// with a German layout the ; before track 2 so becomes ö and its ? becomes _; on a
// French one every digit becomes something else. Which layout it was is recognised by
// trying: the layout under which the line is made of tracks. Options.Layout says it
// beforehand. Where a dead key swallowed a separator nothing can be undone, and the
// track is an error, with a Note.
package keyboard
