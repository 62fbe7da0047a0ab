// Package hid reads cards from USB HID readers that are no keyboards: MagTek's in HID
// mode, MagneSafe readers, the MSR605X. On Linux each is a /dev/hidrawN, one report a
// read.
//
//	r, err := hid.Open("/dev/hidraw0", "magtek", time.Now, tell)
//	p, err := r.Next(ctx, reader.Ask{})
package hid

import (
	"context"
	"fmt"
	"time"

	"possim/reader"
	"possim/reader/device"
	"possim/reader/protocol"
)

// turn is how long a reader that has to be armed is waited for before it is asked again.
const turn = 100 * time.Millisecond

// Reader is an open HID reader. It is a reader.Reader.
type Reader struct {
	file    *device.File
	note    func(string)
	send    func(report []byte) error
	reports protocol.Reports
	dialog  protocol.ReportDialog // reports, of a reader that has to be spoken to; or nil

	waiter reader.Waiter
	buffer [4096]byte // HIDRAW's longest report
}

// Open opens a device whose reader speaks a protocol that protocol.NewReports knows.
// Note, which may be nil, is told in a sentence what the person at the reader should
// know; never what was read.
func Open(path, kind string, now func() time.Time, note func(string)) (*Reader, error) {
	reports, err := protocol.NewReports(kind)
	if err != nil {
		return nil, err
	}
	f, err := device.Open(path, now)
	if err != nil {
		return nil, err
	}
	return New(f, reports, f.SetFeature, note), nil
}

// New returns a Reader of a device that is open already. Send brings a report to it.
func New(f *device.File, reports protocol.Reports, send func([]byte) error, note func(string)) *Reader {
	if note == nil {
		note = func(string) {}
	}
	dialog, _ := reports.(protocol.ReportDialog)
	return &Reader{file: f, note: note, send: send, reports: reports, dialog: dialog}
}

// Next implements reader.Reader.
func (r *Reader) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	return r.waiter.Next(ctx, a, "an HID stripe reader", r.step)
}

// step arms a reader that has to be, and takes one report.
func (r *Reader) step(ctx context.Context) {
	wait := time.Duration(0)
	if r.dialog != nil {
		r.say(r.dialog.Ask())
		wait = turn
	}
	n, err := r.file.Read(ctx, wait, r.buffer[:])
	switch {
	case n > 0:
		for _, e := range r.reports.Report(r.buffer[:n]) {
			if e.Swipe != nil {
				r.waiter.Give(e.Swipe)
			} else {
				r.note(r.file.Path() + ": " + e.Note)
			}
		}
		if r.dialog != nil {
			r.say(r.dialog.Reply())
		}
	case err != nil && ctx.Err() == nil:
		r.waiter.Fail(err)
	}
}

// say sends reports.
func (r *Reader) say(reports [][]byte) {
	for _, report := range reports {
		if err := r.send(report); err != nil {
			r.waiter.Fail(fmt.Errorf("%s takes no command: %w: is it the reader that protocol= says?", r.file.Path(), err))
		}
	}
}

// Close implements reader.Reader. A reader that has to be armed is not left so.
func (r *Reader) Close() error {
	return r.waiter.Close(func(failed error) error {
		if r.dialog != nil && failed == nil {
			r.say(r.dialog.Leave())
		}
		return r.file.Close()
	})
}
