// Package device opens the character devices through which Linux hands out what a USB
// reader says (evdev, hidraw), and reads from them until a context ends.
//
//	f, err := device.Open("/dev/hidraw0", time.Now)
//	n, err := f.Read(ctx, 0, buffer)
//
// A device that was unplugged is reader.ErrGone. A regular file or a pipe at the path
// is a recording of what a device said, and its end is reader.ErrEnd.
package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"possim/reader"
)

// Handle is what a File needs of an open file; an *os.File has it.
type Handle interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
}

// File is an open device. One Read at a time; Close may be called while it waits.
type File struct {
	handle   Handle
	path     string
	now      func() time.Time
	recorded bool
}

// New returns a File over something that is open already; now is the clock of its
// deadlines.
func New(h Handle, path string, now func() time.Time) *File {
	return &File{handle: h, path: path, now: now}
}

// Open opens the device at path. The error says in one line what to do about it.
func Open(path string, now func() time.Time) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // a recording need not be writable
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	d := New(f, path, now)
	if info, err := f.Stat(); err == nil {
		if info.IsDir() {
			f.Close()
			return nil, openError(path, errors.New("it is a directory"))
		}
		d.recorded = info.Mode()&fs.ModeCharDevice == 0
	}
	return d, nil
}

// OpenError says in one line why a device did not open and what to do about it.
type OpenError struct {
	Path string
	Hint string // what is the matter, and what to do
	Err  error  // what the system said
}

// Error implements error.
func (e *OpenError) Error() string { return "cannot open " + e.Path + ": " + e.Hint }

// Unwrap returns what the system said.
func (e *OpenError) Unwrap() error { return e.Err }

func openError(path string, err error) error {
	e := &OpenError{Path: path, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Hint = "there is no such device: plug the reader in; possim doctor lists what there is"
	case errors.Is(err, fs.ErrPermission):
		e.Hint = "no permission: " + PermissionHint(path)
	default:
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		e.Hint = err.Error() + "; possim doctor lists what there is"
	}
	return e
}

// Path returns what was opened.
func (d *File) Path() string { return d.path }

// Recorded reports whether it is a recording and no device.
func (d *File) Recorded() bool { return d.recorded }

// Read waits for bytes until ctx ends or, where wait is more than 0, until wait has
// passed: then it returns 0 and no error.
func (d *File) Read(ctx context.Context, wait time.Duration, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := d.read(ctx, wait, p)
	if wait > 0 && errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
		n, err = d.read(ctx, again, p)
	}
	switch {
	case n > 0, err == nil:
		return n, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 0, ctx.Err()
	case errors.Is(err, os.ErrClosed):
		return 0, reader.ErrClosed
	case errors.Is(err, io.EOF) && d.recorded:
		return 0, fmt.Errorf("%s: %w", d.path, reader.ErrEnd)
	}
	return 0, fmt.Errorf("%s: %w", d.path, reader.ErrGone)
}

// again is how long Read looks once more after a wait in which nothing came. A program
// that had no processor for so long finds its deadline passed before it looks at bytes that
// came meanwhile, and a Handle gives none once the deadline is over.
const again = 5 * time.Millisecond

// read is one Read of the handle, until ctx ends or wait has passed.
func (d *File) read(ctx context.Context, wait time.Duration, p []byte) (int, error) {
	var until time.Time
	if wait > 0 {
		until = d.now().Add(wait)
	}
	_ = d.handle.SetReadDeadline(until) // a regular file has none, and never waits
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = d.handle.SetReadDeadline(time.Unix(1, 0)) // long ago: Read returns
		close(woken)
	})
	n, err := d.handle.Read(p)
	if !stop() {
		<-woken // not to cut the next Read short
	}
	return n, err
}

// Write sends to the device.
func (d *File) Write(p []byte) (int, error) { return d.handle.Write(p) }

// Close closes the device; a Read that waits returns reader.ErrClosed.
func (d *File) Close() error {
	if err := d.handle.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
