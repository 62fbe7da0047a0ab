package foreign

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Hex reads messages in hexadecimal out of a text: dumps (xxd, hexdump -C, tcpdump
// -X, Wireshark's, jPOS's), lines of digits, wrapped or not, with a time, an arrow or
// a word before them ("> 6000...", "10:15:02.120 recv: 30 32 ..."), and the logs of
// isosim, whose dumps stand inside msg="..." and whose history is JSON. Dumps of
// whole packets are put together as Pcap does.
//
// A line that has no hexadecimal is the heading of what comes next: when it was, and
// who sent it. What stands beside is passed over.
func Hex(r io.Reader, port int, tell *Tell) Frames {
	return func(yield func(Frame, error) bool) {
		h := &hexlog{tell: tell, yield: yield, follow: map[string]int{}}
		h.packets = packets{port: port, tell: tell, yield: h.packeted, conns: map[string]*connection{}}
		h.run(bufio.NewReaderSize(r, 64<<10))
	}
}

type hexlog struct {
	tell    *Tell
	yield   func(Frame, error) bool
	stop    bool
	line    int
	head    heading
	dump    dump
	begin   int     // the line that the dump, or the wrapped lines, began on
	at      heading // what stood over it
	wrapped []string
	packets packets
	follow  map[string]int // of a stream, by how far its lines stand in: the offset of what comes next
	column  bool           // the dump has no offsets
	key     string         // of the line, or of one before it, in an export of Wireshark's
	tshark  bool           // it is one
}

func (h *hexlog) say(p *Problem) { h.stop = h.stop || !h.yield(Frame{}, p) }

func (h *hexlog) run(in *bufio.Reader) {
	for !h.stop {
		text, err := readLine(in)
		if text != "" || err == nil {
			h.line++
			h.take(strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\r\n"))
		}
		switch {
		case err == io.EOF:
			h.flush()
			if h.packets.number > 0 && !h.stop {
				h.packets.end()
			}
			return
		case errors.Is(err, errLong):
			h.say(problem(strconv.Itoa(h.line), "%w", err))
		case err != nil:
			h.yield(Frame{}, err)
			return
		}
	}
}

var errLong = errors.New("a line of more than a million characters is none of a log")

// readLine returns the next line. Of one that is too long the rest is passed over.
func readLine(in *bufio.Reader) (string, error) {
	var whole []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(whole) <= most {
			whole = append(whole, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case len(whole) > most:
			return "", errLong
		}
		return string(whole), err
	}
}

// take reads one line, which may hold several that were escaped (logrus writes \n
// inside msg="...").
func (h *hexlog) take(text string) {
	if h.dumped(text) {
		return
	}
	h.named(text)
	text, source := plainHex(text)
	over := parseHeading(text)
	if !strings.Contains(text, `\n`) {
		if !h.prefixed(text) {
			h.one(text, over, source)
		}
		return
	}
	for i, part := range strings.Split(text, `\n`) {
		part = strings.ReplaceAll(part, `\t`, "\t")
		if i > 0 {
			over = heading{}
		}
		if !h.dumped(part) {
			h.one(part, over, false)
		}
	}
	h.flush()
}

// one reads one line that is none of a dump.
func (h *hexlog) one(text string, over heading, source bool) {
	if h.dump.ends(text) {
		return // hexdump's last line
	}
	if strings.TrimSpace(text) == "*" && h.dump.lines > 0 {
		h.dump.starred = true
		return
	}
	before, digits, after := hexRun(text)
	if rest := strings.ReplaceAll(strings.TrimSpace(text), " ", ""); (len(h.wrapped) > 0 || source) && digits == "" && rest != "" && len(rest)%2 == 0 && onlyHex(rest) {
		before, digits, after = "", rest, "" // the end of wrapped lines
	}
	bare := digits != "" && strings.TrimSpace(before) == "" && strings.TrimSpace(after) == ""
	if !bare || h.dump.lines > 0 {
		h.flush()
	}
	switch {
	case history(text, h):
	case bare:
		if len(h.wrapped) == 0 {
			h.begin, h.at = h.line, h.head
			h.head = heading{At: h.head.At}
		}
		h.wrapped = append(h.wrapped, digits)
		if h.width() > most {
			h.flush()
		}
	case digits != "":
		h.inline(text, before, digits, after, over)
	case strings.TrimSpace(text) != "":
		h.heading(text, over)
	}
}

func onlyHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// decoded is what digits stand for, as far as they do.
func decoded(digits string) []byte {
	bytes, _ := hex.DecodeString(digits)
	return bytes
}

func (h *hexlog) width() (n int) {
	for _, w := range h.wrapped {
		n += len(w)
	}
	return n
}

// heading takes a line without hexadecimal; a message in characters is one too.
func (h *hexlog) heading(text string, over heading) {
	rest := strings.TrimSpace(text[over.size:])
	if at := base24().FindStringIndex(text); at != nil {
		rest = text[at[0]:]
	}
	if frame, ok := h.characters(rest); ok {
		h.emit(h.line, h.head.over(over), frame)
		return
	}
	if over.says() {
		h.head = h.head.over(over)
	}
}

// characters reads a message of iso87ascii that stands in a line as it is.
func (h *hexlog) characters(text string) ([]byte, bool) {
	if d, _ := h.tell.Dialect(); len(text) < 4+16 || d != nil && d.Name() != "iso87ascii" {
		return nil, false
	}
	return h.tell.Message([]byte(text))
}

// payloadKey names what a packet carries in Wireshark's exports (JSON, PDML), which
// show it again as what lies inside.
const payloadKey = "tcp.payload"

var exportKey = late(`"([A-Za-z0-9_.]+)"\s*:|\bname="([A-Za-z0-9_.]+)"`)

// named keeps the name that an export gives to what stands behind it.
func (h *hexlog) named(text string) {
	if m := exportKey().FindStringSubmatch(text); m != nil {
		h.key = m[1] + m[2]
		h.tshark = h.tshark || strings.HasPrefix(h.key, payloadKey)
	}
}

// cutOff is how a program says that it has left out the rest of a message.
var cutOff = late(`(?i)^\s*(?:\.\.\.|…|\W*(?:truncated|cut|\d+ more))`)

// inline takes a line with hexadecimal and something else.
func (h *hexlog) inline(text, before, digits, after string, over heading) {
	if repeats(before) || h.tshark && !strings.Contains(h.key, payloadKey) {
		return
	}
	if bytes, err := hex.DecodeString(digits); err == nil {
		if frame, ok := h.tell.Message(bytes); ok {
			h.emit(h.line, h.head.over(over), frame)
			return
		}
	}
	if frame, ok := h.characters(strings.TrimSpace(text[min(over.size, len(text)):])); ok {
		h.emit(h.line, h.head.over(over), frame)
		return
	}
	if over.Side != Unknown && (strings.Trim(after, " \t\"],;.)") == "" || cutOff().MatchString(after)) && len(digits) >= 2*shortest {
		h.say(problem(strconv.Itoa(h.line), "%d hexadecimal digits that are no message%s", len(digits), h.packets.like(decoded(digits))))
		return
	}
	if over.says() {
		h.head = h.head.over(over)
	}
}

// unwrap reads lines of digits, as many at a time as make a message.
func (h *hexlog) unwrap(lines []string) {
	for i := 0; i < len(lines) && !h.stop; {
		n := 0
		for n = 1; i+n <= len(lines); n++ {
			joined := strings.Join(lines[i:i+n], "")
			bytes, err := hex.DecodeString(joined)
			if err != nil {
				continue
			}
			frame, ok := h.tell.Message(bytes)
			if !ok {
				frame, ok = h.tell.Message([]byte(joined)) // characters that pass for hexadecimal
			}
			if ok {
				h.emit(h.begin+i, h.at, frame)
				break
			}
			if len(joined) > 4*usualMessage {
				n = len(lines)
			}
		}
		if i+n > len(lines) {
			h.say(problem(strconv.Itoa(h.begin+i), "%d hexadecimal digits that are no message%s", len(lines[i]), h.packets.like(decoded(lines[i]))))
			return
		}
		i += n
	}
}

func (h *hexlog) emit(line int, over heading, frame []byte) {
	h.head = heading{At: over.At}
	h.stop = h.stop || !h.yield(Frame{Place: strconv.Itoa(line), At: over.At, Conn: over.Conn, Side: over.Side, Bytes: frame}, nil)
}

// packeted passes on what dumped packets carried, under the line that they began on.
func (h *hexlog) packeted(f Frame, err error) bool { return h.yield(f, err) }
