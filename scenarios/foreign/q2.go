package foreign

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Q2 reads the log of jPOS (q2.log, or what SimpleLogListener prints): the messages
// inside <send> and <receive>, with whatever stands around them, and messages that
// were dumped by themselves.
//
// A message in any other element of an entry, such as <info> or the <context> of a
// transaction manager, is one that <send> or <receive> has already told, and is
// passed over. A dump in hexadecimal counts where the message itself could not be
// unpacked.
func Q2(r io.Reader) Frames {
	in := bufio.NewReaderSize(r, 64<<10)
	if head, _ := in.Peek(512); isJSON(head) {
		return q2JSON(in)
	}
	return func(yield func(Frame, error) bool) {
		q := &q2{tags: newTags(in), yield: yield}
		q.run()
	}
}

type q2 struct {
	*tags
	yield  func(Frame, error) bool
	stop   bool
	entry  Frame  // what the open <log> says
	open   bool   // a <log> is open
	in     string // the open transport element
	since  int    // the line it began on
	nest   []*element
	dump   strings.Builder // hexadecimal inside the transport element
	had    bool            // it has had its message
	held   *Frame          // its message, until it ends
	failed bool            // an exception stands in it
	apart  int             // messages in other elements
	others int             // messages that are not of ISO 8583
}

// An element is an open isomsg.
type element struct {
	line   int
	id     int
	side   Side
	header []byte
	fields []Field
}

func (q *q2) run() {
	for !q.stop {
		found, err := q.next()
		switch {
		case errors.Is(err, errBroken):
			q.say(problem(strconv.Itoa(found.line), "<%s is cut off before its >", found.name))
			q.abandon()
		case err == io.EOF:
			q.end()
			return
		case err != nil:
			q.yield(Frame{}, err)
			return
		default:
			q.element(found)
		}
	}
}

// end says what the end of the log leaves unfinished.
func (q *q2) end() {
	q.dumped()
	if len(q.nest) > 0 {
		q.say(note(strconv.Itoa(q.nest[0].line), "the log ends inside this message: it is left out"))
	}
	if q.apart > 0 {
		q.say(note(strconv.Itoa(q.line), "%d messages stand in other elements than <send> and <receive>, which have them too: passed over", q.apart))
	}
	if q.others > 0 {
		q.say(note(strconv.Itoa(q.line), "%d messages are not of ISO 8583 (FSDMsg): passed over", q.others))
	}
}

func (q *q2) say(p *Problem) { q.stop = q.stop || !q.yield(Frame{}, p) }

// element takes a tag.
func (q *q2) element(t tag) {
	text := q.take()
	switch {
	case t.name == "log":
		q.log(t, text)
	case t.name == heading2:
		q.headed(t)
	case t.name == "fsdmsg":
		if !t.closes {
			q.others++
		}
	case strings.HasSuffix(t.name, "exception"):
		q.failed = true
	case t.name == "isomsg" && t.closes:
		q.close(t)
	case t.name == "isomsg":
		q.begin(t)
	case t.name == "field" && !t.closes:
		q.field(t)
	case t.name == "header" && !t.closes && !t.empty:
		q.header(t)
	case t.name == "hexdump":
		q.dump.WriteString(text)
	case isTransport(t.name) && len(q.nest) == 0:
		q.transport(t, text)
	}
}

// log begins or ends an entry.
func (q *q2) log(t tag, text string) {
	if len(q.nest) > 0 {
		q.say(problem(strconv.Itoa(q.nest[0].line), "the message has no end before line %d", t.line))
		q.abandon()
	}
	q.dumped()
	if t.closes && strings.Contains(text, "&lt;isomsg") {
		q.escaped(text)
	}
	q.entry, q.open, q.in, q.keep = Frame{}, !t.closes && !t.empty, "", false
	if !q.open {
		return
	}
	q.entry.Conn = t.attrs["realm"]
	for _, key := range []string{"at", "ts"} {
		if at, ok := logTime(t.attrs[key]); ok {
			q.entry.At = at
		}
	}
	for _, key := range []string{"tag", "kind"} { // jPOS 3: the message is text inside
		if side, is := transports[t.attrs[key]]; is {
			q.entry.Side, q.keep = side, true
		}
	}
}

// headed begins an entry as jPOS 3 writes it in Markdown:
//
//	## 2024-05-01T10:00:01.100 channel/10.0.0.1:9000 send
func (q *q2) headed(t tag) {
	q.log(t, "")
	q.in, q.since, q.had, q.failed = "", t.line, false, false
	q.entry.Conn, q.open = t.attrs["realm"], true
	if kind := t.attrs["kind"]; isTransport(kind) {
		q.in, q.keep = kind, true
	}
}

// escaped reads messages that stand in an entry as text.
func (q *q2) escaped(text string) {
	inner := &q2{tags: newTags(strings.NewReader(entities(text))), yield: q.yield, entry: q.entry, stop: q.stop}
	inner.line = q.line
	inner.run()
	q.stop = inner.stop
}

// transport begins or ends <send> or <receive>.
func (q *q2) transport(t tag, text string) {
	if t.closes || t.empty {
		q.dump.WriteString(text)
		q.dumped()
		return
	}
	q.in, q.since, q.had, q.failed, q.keep = t.name, t.line, false, false, true
	q.dump.Reset()
	q.take()
}

// dumped ends <send> or <receive>: where it had no message but a dump, the dump is it.
func (q *q2) dumped() {
	q.give()
	if q.in == "" {
		return
	}
	text := q.dump.String()
	q.dump.Reset()
	side, had := transports[q.in], q.had
	q.in, q.keep = "", false
	if had || q.stop {
		return
	}
	header, body, apart := strings.Cut(text, "--- data ---")
	if !apart {
		header, body = "", text
	}
	bytes := dumpIn(body)
	if len(bytes) == 0 {
		return
	}
	f := q.entry
	f.Place, f.Side, f.Header, f.Bytes = strconv.Itoa(q.since), side, dumpIn(header), bytes
	q.stop = q.stop || !q.yield(f, nil)
}
