package protocol

import (
	"bytes"
	"time"

	"possim/reader"
)

// MSR605Device is a reader and writer of the MSR206 family. What its client writes
// or erases is on the card when that is read next (msr605_card.go). The zero value is an MSR605; the
// answers that differ between models are those of clients that were published with
// them (libMSRx05 for the MSR605, the MSR206 manual for the other).
type MSR605Device struct {
	MSR206 bool // coercivity is told as H and L, not h and l
	Bare   bool // leave out ESC + and ESC *, as the manual's section 7 does

	in      []byte // a command as far as it has come
	last    time.Duration
	doing   msrJob
	tracks  [3][]byte // bits to be written; none erases
	chosen  byte      // tracks to be written or erased, a bit each
	written [3]*reader.Track
	loCo    bool
	zeros   *[2]byte // leading zeros of tracks 1 and 3, and of track 2
	bpc     [3]byte  // bits a byte of raw data; 0 is msrBPC
	bpi     [3]int   // density; 0 is ISO/IEC 7811's
}

// msrPatience is how long a command may pause: the manual says nothing of it.
const msrPatience = time.Second

// msrJob is what the reader will do with the next card.
type msrJob uint8

const (
	msrNothing msrJob = iota
	msrRead
	msrReadRaw
	msrWrite
	msrSense
)

// Wants implements Device.
func (d *MSR605Device) Wants() Want {
	if d.doing == msrNothing {
		return WantNothing
	}
	return WantCard
}

// Receive implements Device. Bytes outside commands are ignored; commands are taken
// in any order, whatever was begun before.
func (d *MSR605Device) Receive(now time.Duration, in []byte) []byte {
	if now-d.last > msrPatience {
		d.in = d.in[:0]
	}
	var out []byte
	for _, b := range in {
		d.last = now
		if len(d.in) == 0 && b != esc {
			continue
		}
		d.in = append(d.in, b)
		n := d.length()
		switch {
		case n == 0 && len(d.in) < maxMSR:
			continue
		case n == 0: // a block that never ends
			out = append(out, esc, msrFormat)
		default:
			out = append(out, d.command(d.in[1], d.in[2:])...)
		}
		d.in = d.in[:0]
	}
	return out
}

// length says how long the command is that d.in begins with, or 0 while it goes on.
func (d *MSR605Device) length() int {
	want := 2
	if len(d.in) < 2 {
		return 0
	}
	switch d.in[1] {
	case esc:
		d.in = d.in[:1] // the ESC of another command
		return 0
	case 'w', 'n':
		if len(d.in) == 4 && d.in[2] == esc && d.in[3] == 'a' {
			d.in = append(d.in[:0], esc, 'a') // reset instead of a block
			return 2
		}
		if d.in[1] == 'n' && !rawWhole(d.in[2:]) || !bytes.HasSuffix(d.in, []byte{es, fs}) {
			return 0
		}
		want = len(d.in)
	case 'c', 'b':
		want = 3
	case 'z':
		want = 4
	case 'o':
		want = 5
	}
	if len(d.in) < want {
		return 0
	}
	return want
}

func (d *MSR605Device) command(c byte, arg []byte) []byte {
	ok, refused := []byte{esc, msrOK}, []byte{esc, msrRefuse}
	switch c {
	case 'a':
		d.doing = msrNothing
	case 'r':
		d.doing = msrRead
	case 'm':
		d.doing = msrReadRaw
	case 'w', 'n':
		return d.write(c == 'n', arg)
	case 'c':
		return d.erase(arg[0])
	case 0x81, 0x82, 0x83, 0x84, 0x85: // the lights: no answer
	case 0x86:
		d.doing = msrSense
	case 0x87: // RAM test
		return ok
	case 'e':
		return []byte{esc, 'y'}
	case 't':
		return []byte{esc, '3', 'S'} // three tracks
	case 'v':
		return []byte("\x1bREVU1.00") // U: high and low coercivity
	case 'x', 'y':
		d.loCo = c == 'y'
		return ok
	case 'd':
		return []byte{esc, d.coercivity()}
	case 'z':
		d.zeros = &[2]byte{arg[0], arg[1]}
		return ok
	case 'l':
		return []byte{esc, d.leading(1), d.leading(2)}
	case 'b':
		return d.density(arg[0])
	case 'o':
		for _, bits := range arg {
			if bits < 5 || bits > 8 {
				return refused
			}
		}
		d.bpc = [3]byte(arg)
		return append(ok, arg...)
	default:
		return []byte{esc, msrWrong}
	}
	return nil
}

func (d *MSR605Device) coercivity() byte {
	c := byte('h')
	if d.loCo {
		c = 'l'
	}
	if d.MSR206 {
		c -= 'a' - 'A'
	}
	return c
}
