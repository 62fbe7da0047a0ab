package foreign

import (
	"encoding/hex"
	"io"
	"strconv"
	"strings"
)

// begin opens a message, or one inside another.
func (q *q2) begin(t tag) {
	e := &element{line: t.line, fields: []Field{}}
	e.id, _ = strconv.Atoi(t.attrs["id"])
	switch t.attrs["direction"] {
	case "incoming":
		e.side = Received
	case "outgoing":
		e.side = Sent
	}
	if len(q.nest) > 0 && t.attrs["id"] == "" {
		q.say(problem(strconv.Itoa(q.nest[0].line), "the message has no end before line %d", t.line))
		q.abandon()
	}
	q.nest = append(q.nest, e)
	if t.empty {
		q.close(t)
	}
}

// close ends the innermost message.
func (q *q2) close(t tag) {
	if len(q.nest) == 0 {
		return // of one that began before the log did
	}
	last := len(q.nest) - 1
	e := q.nest[last]
	q.nest = q.nest[:last]
	if last > 0 {
		outer := q.nest[last-1]
		outer.fields = append(outer.fields, Field{Number: e.id, Parts: e.fields, Line: e.line})
		return
	}
	if q.open && q.in == "" {
		q.apart++
		return
	}
	q.had = true
	f := q.entry
	f.Place, f.Header, f.Fields = strconv.Itoa(e.line), e.header, e.fields
	if side := transports[q.in]; side != Unknown {
		f.Side = side
	} else if e.side != Unknown {
		f.Side = e.side
	}
	if q.in != "" && f.Side == Sent { // whether it could be sent stands before or behind it
		q.give()
		q.held = &f
		return
	}
	q.stop = q.stop || !q.yield(f, nil)
}

// give gives out the message of a <send>, unless an exception says that it was not
// sent.
func (q *q2) give() {
	f := q.held
	q.held = nil
	switch {
	case f == nil || q.stop:
	case q.failed:
		q.say(note(f.Place, "an exception stands beside the message in its <send>: it was not sent, and is left out"))
	default:
		q.stop = !q.yield(*f, nil)
	}
}

// abandon forgets the message that is open.
func (q *q2) abandon() { q.nest = nil }

// mostNumber is more than any packager numbers its fields.
const mostNumber = 999

// field reads a field: value="..." or <field>...</field>.
func (q *q2) field(t tag) {
	value, given := t.attrs["value"]
	if !t.empty {
		text, err := q.content("field")
		if err == io.EOF {
			return // end says so
		}
		if err != nil {
			q.say(problem(strconv.Itoa(t.line), "<field> has no end"))
			q.abandon()
			return
		}
		if !given {
			value = text
		}
	}
	if len(q.nest) == 0 {
		return // the log begins inside a message
	}
	number, err := strconv.Atoi(t.attrs["id"])
	if err != nil || number < 0 { // id="bitmap", id="-1": the bitmap, which follows from the rest
		return
	}
	if number > mostNumber { // it may be content
		q.say(problem(strconv.Itoa(t.line), "there is no field of such a number"))
		q.abandon()
		return
	}
	e := q.nest[len(q.nest)-1]
	e.fields = append(e.fields, Field{Number: number, Text: value, Binary: t.attrs["type"] == "binary", Line: t.line, Tag: t.attrs["tag"] + t.attrs["token"]})
}

// header reads what came before the message type, in hexadecimal.
func (q *q2) header(t tag) {
	text, err := q.content("header")
	if err != nil || len(q.nest) == 0 {
		return
	}
	e := q.nest[len(q.nest)-1]
	if e.header, err = hex.DecodeString(strings.Join(strings.Fields(text), "")); err != nil {
		e.header = []byte(text)
	}
}
