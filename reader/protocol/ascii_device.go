package protocol

import (
	"time"

	"possim/reader"
)

// ASCIIDevice is a MagTek RS-232 reader. It sends what is swiped, unasked. The
// options that readers take by serial command, an ESC and a letter, are taken: S, E,
// C and P set STX, ETX, CR and ESC, the small letter clears; B holds swipes until
// ESC I asks for them, and ESC R forgets them (MagTek port powered insertion reader
// TRM p.20; MT-211 TRM p.20 for I and R). The zero value is as the factory has it.
type ASCIIDevice struct {
	Format   ASCIIFormat
	Buffered bool

	held []byte // the last swipe in buffered mode
	esc  bool
}

// Wants implements Device. In buffered mode a swipe waits to be forgotten before the
// next is taken.
func (d *ASCIIDevice) Wants() Want {
	if d.Buffered && d.held != nil {
		return WantNothing
	}
	return WantAny
}

// Swipe implements Device.
func (d *ASCIIDevice) Swipe(s *reader.Swipe) []byte {
	if d.Wants() == WantNothing {
		return nil
	}
	message := d.Format.Encode(nil, s)
	if !d.Buffered {
		return message
	}
	if message != nil && !anyRead(s) {
		message = d.lone('E')
	}
	d.held = message
	return nil
}

// Receive implements Device.
func (d *ASCIIDevice) Receive(_ time.Duration, in []byte) []byte {
	var out []byte
	for _, b := range in {
		if d.esc {
			out = append(out, d.command(b)...)
		}
		d.esc = b == esc
	}
	return out
}

func (d *ASCIIDevice) command(b byte) []byte {
	switch b {
	case 'S', 's':
		d.Format.STX = b == 'S'
	case 'E', 'e':
		d.Format.ETX = b == 'E'
	case 'C', 'c':
		d.Format.NoCR = b == 'c'
	case 'P', 'p':
		d.Format.ESC = b == 'P'
	case 'B', 'b':
		d.Buffered, d.held = b == 'B', nil
	case 'R':
		d.held = nil
	case 'I':
		if d.held != nil {
			return d.held
		}
		return d.lone('R')
	}
	return nil
}

// lone is a message of one letter: E for a swipe that did not read, R for no swipe.
func (d *ASCIIDevice) lone(b byte) []byte {
	out := appendIf(nil, d.Format.STX, stx)
	out = appendIf(append(out, b), !d.Format.NoCR, cr)
	return appendIf(out, d.Format.ETX, etx)
}
