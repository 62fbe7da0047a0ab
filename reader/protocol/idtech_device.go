package protocol

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// idtPause is how long a command may pause; the manuals say nothing of it.
const idtPause = time.Second

// IDTechDevice is an ID TECH MiniMag, or a SecureMag at security level 1: it sends
// lines of text, and takes settings (02 S id len data 03 LRC, 02 R id 03 LRC). It obeys
// those of what is sent: reading on and off, which tracks, sentinels, separator,
// terminator, what stands before and behind; the others it keeps and reports. Arming in
// buffered mode is from the manual of a related reader (MS246, section 7.7).
type IDTechDevice struct {
	Binary bool // send the binary frame

	in       []byte
	last     time.Duration
	settings map[byte][]byte
	buffered bool // P armed it: a swipe waits for Q
	armed    bool
	held     []byte
}

// idtFactory is what settings are before anybody sets them: the tables of the MiniMag
// RS-232 and SecureMag manuals and of the maker's knowledge base. Readers leave the factory
// with 1 for idtOptions; here tracks that failed are told as well, or nobody would know.
var idtFactory = map[byte][]byte{
	0x11: []byte("2"), idtTracks: []byte("0"), 0x14: []byte("1"), idtSeparator: {cr}, idtOptions: []byte("5"),
	idtReading: []byte("1"), idtDirection: []byte("1"), idtTerminator: {cr}, 0x24: []byte("0"),
	idtPrefix: {}, idtPrefix + 1: {}, idtPrefix + 2: {}, idtSuffix: {}, idtSuffix + 1: {}, idtSuffix + 2: {},
	0x41: []byte("5"), 0x42: []byte("0"), 0x43: []byte("0"), 0x44: []byte("0"), 0x45: []byte("0"), 0x47: {0x11}, 0x48: {0x13}, // of the line
	0x7B: []byte("0"), 0x7E: []byte("1"), idtPreamble: {}, idtPostamble: {},
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
	case c == idtVersion, c == idtCopyright, c == idtReset:
		return 4
	case c == idtSet && id == idtDefaults && len(d.in) >= 4 && d.in[3] == etx:
		return 5
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
	case idtCopyright:
		return idtAnswer([]byte("possim: an emulated card reader"))
	case idtReset: // what was set stays
		d.buffered, d.armed, d.held = false, false, nil
		return []byte{ack}
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
	if len(idtFactory[id]) == 1 && len(arg) != 3 {
		return []byte{nak}
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
	var lines [][]byte
	for i, t := range s.Tracks {
		if line := d.line(i, t); line != nil {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return nil
	}
	separator, _ := d.setting(idtSeparator)
	terminator, _ := d.setting(idtTerminator)
	out := append(d.text(idtPreamble, nil), bytes.Join(lines, unlessZero(separator))...)
	return d.text(idtPostamble, append(out, unlessZero(terminator)...))
}

// unlessZero is a character that is sent, but for 00, which means none.
func unlessZero(b []byte) []byte {
	if len(b) == 1 && b[0] == 0 {
		return nil
	}
	return b
}

// idtSelected are the tracks of each choice of idtTracks, a bit each.
var idtSelected = [...]byte{7, 1, 2, 3, 4, 5, 6, 7, 3, 6}

// line is what is sent of track i, counted from 0; nil is nothing. One that failed is E
// between sentinels, as the MagTek format has it; the manuals do not show it.
func (d *IDTechDevice) line(i int, t reader.Track) []byte {
	options, _ := d.setting(idtOptions)
	selected, _ := d.setting(idtTracks)
	if n := int(selected[0] - '0'); n < len(idtSelected) && idtSelected[n]>>i&1 == 0 {
		return nil
	}
	sentinels, numberOnly, tell := options[0]&1 != 0, options[0]&2 != 0, options[0]&4 != 0
	text := "E"
	switch {
	case t.Status == magstripe.StatusOK:
		text = t.Data.Reveal()
	case !failed(t) || !tell:
		return nil
	}
	if i == 1 && numberOnly {
		text, _, _ = strings.Cut(text, "=")
	}
	if sentinels {
		text = "%;;"[i:i+1] + text + "?"
	}
	out := append(d.text(idtPrefix+byte(i), nil), text...)
	return d.text(idtSuffix+byte(i), out)
}

// text appends a preamble or postamble: its length and its characters.
func (d *IDTechDevice) text(id byte, out []byte) []byte {
	v, _ := d.setting(id)
	if len(v) > 1 {
		return append(out, v[1:]...)
	}
	return out
}
