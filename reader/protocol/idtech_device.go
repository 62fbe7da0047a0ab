package protocol

import (
	"maps"
	"slices"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// idtPause is how long a command may pause; the manuals say nothing of it.
const idtPause = time.Second

// IDTechDevice is an ID TECH MiniMag, or a SecureMag at security level 1: it sends
// lines of text, and takes settings (02 S id len data 03 LRC, 02 R id 03 LRC). Of the
// settings it obeys reading on and off, track selection, terminator, preamble and
// postamble; the others it keeps and reports. Arming in buffered mode is from the
// manual of a related reader (MS246, section 7.7).
type IDTechDevice struct {
	Binary bool // send the binary frame

	in       []byte
	last     time.Duration
	settings map[byte][]byte
	buffered bool // P armed it: a swipe waits for Q
	armed    bool
	held     []byte
}

// idtFactory is what settings are before anybody sets them.
var idtFactory = map[byte][]byte{
	idtReading: []byte("1"), idtDirection: []byte("1"), idtTracks: []byte("0"), idtTerminator: {cr},
	idtPreamble: {}, idtPostamble: {},
}

func (d *IDTechDevice) setting(id byte) ([]byte, bool) {
	if v, ok := d.settings[id]; ok {
		return v, true
	}
	v, ok := idtFactory[id]
	return v, ok
}

// Wants implements Device.
func (d *IDTechDevice) Wants() Want {
	on, _ := d.setting(idtReading)
	switch {
	case string(on) == "0", d.buffered && !d.armed:
		return WantNothing
	case d.buffered:
		return WantCard
	}
	return WantAny
}

// Receive implements Device.
func (d *IDTechDevice) Receive(now time.Duration, in []byte) []byte {
	if now-d.last > idtPause {
		d.in = d.in[:0]
	}
	var out []byte
	for _, b := range in {
		d.last = now
		if len(d.in) == 0 && b != stx {
			continue
		}
		d.in = append(d.in, b)
		n := d.length()
		switch {
		case n == 0 || len(d.in) < n:
			continue
		case d.in[n-2] != etx || lrc(d.in[:n-1]) != d.in[n-1]:
			out = append(out, nak)
		default:
			out = append(out, d.command(d.in[1], d.in[2:n-2])...)
		}
		d.in = d.in[:0]
	}
	return out
}

// length is how long the command is that has begun, or 0 while that is not known.
func (d *IDTechDevice) length() int {
	if len(d.in) < 3 {
		return 0
	}
	switch c, id := d.in[1], d.in[2]; {
	case c == idtVersion, c == idtSet && id == idtDefaults && len(d.in) >= 4 && d.in[3] == etx:
		return map[bool]int{true: 4, false: 5}[c == idtVersion]
	case c == idtReview:
		return 5
	case c == idtArm || c == idtFetch:
		return 4 + int(id) + 1
	case len(d.in) < 4:
		return 0
	}
	return 4 + int(d.in[3]) + 2
}

func (d *IDTechDevice) command(c byte, arg []byte) []byte {
	switch c {
	case idtSet:
		return d.set(arg)
	case idtReview:
		return d.review(arg[0])
	case idtVersion:
		return idtAnswer([]byte("ID TECH MiniMag RS-232"))
	case idtArm:
		if len(arg) != 2 || arg[1] != '0' && arg[1] != '1' {
			return []byte{idtNotNow}
		}
		d.buffered, d.armed, d.held = true, arg[1] == '1', nil
		return []byte{ack}
	case idtFetch:
		switch {
		case len(arg) != 2 || !d.buffered:
			return []byte{idtNotNow}
		case d.held == nil:
			return []byte{nak}
		}
		return idtAnswer(append([]byte{byte(len(d.held) >> 8), byte(len(d.held))}, d.held...))
	}
	return []byte{nak}
}

// idtAnswer is 06 02 data 03 LRC.
func idtAnswer(data []byte) []byte {
	out := append(append([]byte{stx}, data...), etx)
	return append([]byte{ack}, append(out, lrc(out))...)
}

func (d *IDTechDevice) set(arg []byte) []byte {
	id := arg[0]
	if id == idtDefaults {
		d.settings, d.buffered, d.armed, d.held = nil, false, false, nil
		return []byte{ack}
	}
	if _, ok := idtFactory[id]; !ok {
		return []byte{idtUnknown}
	}
	if d.settings == nil {
		d.settings = map[byte][]byte{}
	}
	d.settings[id] = append([]byte(nil), arg[2:]...)
	return []byte{ack}
}

func (d *IDTechDevice) review(id byte) []byte {
	if id == idtAll {
		var all []byte
		for _, id := range slices.Sorted(maps.Keys(idtFactory)) {
			all = append(all, d.block(id)...)
		}
		return idtAnswer(all)
	}
	if _, ok := idtFactory[id]; !ok {
		return []byte{idtUnknown}
	}
	return idtAnswer(d.block(id))
}

// block is a setting as a review gives it. Preamble and postamble carry their own
// length, which is 0 when there is none: id 01 00.
func (d *IDTechDevice) block(id byte) []byte {
	v, _ := d.setting(id)
	if len(v) == 0 {
		v = []byte{0}
	}
	return append([]byte{id, byte(len(v))}, v...)
}

// Swipe implements Device.
func (d *IDTechDevice) Swipe(s *reader.Swipe) []byte {
	switch d.Wants() {
	case WantNothing:
		return nil
	case WantCard:
		d.armed, d.held = false, d.encode(s)
		return nil
	}
	return d.encode(s)
}

func (d *IDTechDevice) encode(s *reader.Swipe) []byte {
	if !anyRead(s) && !anyFailed(s) {
		return nil
	}
	if d.Binary {
		return encodeIDTech(s)
	}
	terminator, _ := d.setting(idtTerminator)
	out := d.text(idtPreamble, nil)
	for i, t := range s.Tracks {
		switch {
		case t.Status == magstripe.StatusOK:
			out = append(out, framed(i+1, t)...)
		case failed(t): // as the MagTek format does; the manuals show no error in this one
			out = append(out, "%;;"[i], 'E', es)
		default:
			continue
		}
		out = append(out, terminator...)
	}
	return d.text(idtPostamble, out)
}

// text appends a preamble or postamble: its length and its characters.
func (d *IDTechDevice) text(id byte, out []byte) []byte {
	v, _ := d.setting(id)
	if len(v) > 1 {
		return append(out, v[1:]...)
	}
	return out
}
