package keyboard

import (
	"context"
	"fmt"
	"time"

	"possim/reader"
	"possim/reader/device"
)

// input is the Source of an input device.
type input struct {
	file   *device.File
	events events
	note   func(string)
	buffer [64 * eventSize]byte
}

// OpenInput opens an input device of Linux, /dev/input/event5, for this program alone:
// what its reader types reaches no other one while the Reader is open. A file that
// holds what such a device said is read to its end.
func OpenInput(path string, now func() time.Time, o Options) (*Reader, error) {
	f, err := device.Open(path, now)
	if err != nil {
		return nil, err
	}
	if !f.Recorded() {
		if err := f.Grab(); err != nil {
			f.Close()
			return nil, fmt.Errorf("cannot have %s alone: %w: is it an input device (/dev/input/event...), and has no other program grabbed it?", path, err)
		}
	}
	return NewInput(f, o), nil
}

// NewInput returns a Reader of an input device that is open already.
func NewInput(f *device.File, o Options) *Reader {
	o.Hands, o.Keys = true, true
	o = o.filled()
	return New(&input{file: f, note: o.Note}, o)
}

// Read implements Source. A key let go types nothing, and yet is no idle time.
func (i *input) Read(ctx context.Context, wait time.Duration) ([]Typed, error) {
	for {
		n, err := i.file.Read(ctx, wait, i.buffer[:])
		typed := i.events.feed(i.buffer[:n])
		if i.events.dropped {
			i.events.dropped = false
			i.note(i.file.Path() + " said more than the kernel keeps, and some of it is lost: swipe again")
		}
		switch {
		case i.events.ctrlC: // it is a person's keyboard, and the terminal does not see the key
			return typed, fmt.Errorf("%s: Ctrl-C was pressed on it: %w", i.file.Path(), reader.ErrEnd)
		case err != nil, n == 0, len(typed) > 0:
			return typed, err
		}
	}
}

// Close implements Source.
func (i *input) Close() error { return i.file.Close() }
