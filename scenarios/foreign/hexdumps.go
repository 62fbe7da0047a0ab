package foreign

import (
	"encoding/hex"
	"strconv"

	"github.com/gopacket/gopacket"
)

// dumped takes a line of a dump; ok is false when it is none.
func (h *hexlog) dumped(text string) (ok bool) {
	d, ok := parseDumpLine(text)
	if !ok {
		return h.columned(text)
	}
	if next, is := h.follow[d.indent]; is && h.dump.lines > 0 && d.indent != h.dump.indent && next == d.offsets[0] && !h.column {
		h.flush() // the other side of a stream goes on
	}
	if !h.column && h.dump.add(d) {
		h.started()
		return true
	}
	h.flush()
	if next := h.follow[d.indent]; d.offsets[0] == next {
		h.dump.base = next // a stream's offsets go on from message to message
	}
	if !h.dump.add(d) {
		h.dump = dump{}
		return false
	}
	h.dump.indent = d.indent
	h.started()
	return true
}

// columned takes a line of a dump without offsets.
func (h *hexlog) columned(text string) bool {
	bytes, ok := parseColumns(text)
	if !ok {
		return false
	}
	if h.dump.lines > 0 && (!h.column || h.dump.last != usual) {
		h.flush()
	}
	h.column = true
	h.dump.add(dumped{offsets: [3]int{len(h.dump.bytes), -1, -1}, bytes: bytes})
	h.started()
	return true
}

// prefixed takes a line of a dump behind what a logger writes before it. Digits that
// are a message are none.
func (h *hexlog) prefixed(text string) bool {
	d, before, ok := prefixedDump(text, h.dump.base+len(h.dump.bytes))
	if !ok && h.dump.lines > 0 {
		d, before, ok = prefixedDump(text, 0)
	}
	if !ok || h.column {
		return false
	}
	if _, digits, _ := hexRun(text); digits != "" {
		if bytes, err := hex.DecodeString(digits); err == nil {
			if _, is := h.tell.Message(bytes); is {
				return false
			}
		}
	}
	if !h.dump.add(d) {
		h.flush()
		h.dump.add(d)
	}
	if over := parseHeading(before); h.dump.lines == 1 && over.says() {
		h.head = h.head.over(over)
	}
	h.started()
	return true
}

// started keeps what stood over the first line of a dump.
func (h *hexlog) started() {
	if h.dump.lines == 1 {
		h.begin, h.at = h.line, h.head
		h.head = heading{At: h.head.At}
	}
}

// flush ends a dump or wrapped lines.
func (h *hexlog) flush() {
	if h.dump.lines > 0 {
		indent, base, words := h.dump.indent, h.dump.base, h.dump.words
		bytes := h.dump.end()
		h.follow[indent] = base + len(bytes)
		h.column = false
		if len(bytes) >= shortest && !h.whole(bytes) && !(words && (h.whole(unswapped(bytes)) || h.whole(unswapped(bytes)[:len(bytes)-1]))) {
			h.say(problem(strconv.Itoa(h.begin), "a dump of %d bytes that is no message%s", len(bytes), h.packets.like(bytes)))
		}
	}
	lines := h.wrapped
	h.wrapped = nil
	h.unwrap(lines)
}

// whole takes what a dump holds: a message, several behind one another with their
// lengths, or a packet.
func (h *hexlog) whole(bytes []byte) bool {
	if frame, ok := h.tell.Message(bytes); ok {
		h.emit(h.begin, h.at, frame)
		return true
	}
	if link, ok := linkOf(bytes); ok {
		h.packets.packet(bytes, gopacket.CaptureInfo{Timestamp: h.at.At, CaptureLength: len(bytes), Length: len(bytes)}, link)
		h.stop = h.stop || h.packets.stop
		return true
	}
	several := stream{tell: h.tell}
	var frames [][]byte
	several.add(bytes, func(frame []byte) { frames = append(frames, frame) })
	if several.bad > 0 || len(several.buf) > 0 {
		return false
	}
	for _, frame := range frames {
		h.emit(h.begin, h.at, frame)
	}
	return len(frames) > 0
}
