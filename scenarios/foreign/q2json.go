package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// record is an entry as jPOS 3 writes it in JSON (LogEvt): its time, realm and kind,
// and what it holds, of which a message is text in one member or another.
type record struct {
	TS      string            `json:"ts"`
	Realm   string            `json:"realm"`
	Tag     string            `json:"tag"`
	Kind    string            `json:"kind"`
	Tags    map[string]string `json:"tags"`
	Evt     json.RawMessage   `json:"evt"`
	Payload json.RawMessage   `json:"payload"`
}

// isJSON reports whether a log of jPOS is one of records in JSON.
func isJSON(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n\ufeff"), []byte("{"))
}

// q2JSON reads records in JSON, on one line each or on several.
func q2JSON(in *bufio.Reader) Frames {
	return func(yield func(Frame, error) bool) {
		stop := false
		var object []byte
		line, begin, depth := 0, 0, 0
		for !stop {
			text, err := readLine(in)
			line++
			if depth == 0 {
				object, begin = object[:0], line
			}
			object, depth = append(object, text...), depth+braces(text)
			switch {
			case depth <= 0 && bytes.Contains(object, []byte("isomsg")):
				stop = !record1(object, begin, yield)
				depth = 0
			case depth <= 0:
				depth = 0
			case len(object) > most:
				stop = !yield(Frame{}, problem(strconv.Itoa(begin), "a record of more than a million characters is none of a log"))
				depth = 0
			}
			if err == io.EOF {
				if depth > 0 && !stop {
					yield(Frame{}, note(strconv.Itoa(begin), "the log ends inside this record: it is left out"))
				}
				return
			}
			if err != nil {
				yield(Frame{}, problem(strconv.Itoa(line), "%w", err))
				return
			}
		}
	}
}

// braces counts how many more objects a line opens than it closes. Strings stand on
// one line.
func braces(text string) (n int) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '{' && !quoted:
			n++
		case c == '}' && !quoted:
			n--
		}
	}
	return n
}

// record1 reads one record and gives out its messages.
func record1(object []byte, line int, yield func(Frame, error) bool) bool {
	var r record
	if err := json.Unmarshal(object, &r); err != nil {
		return yield(Frame{}, problem(strconv.Itoa(line), "no record of jPOS in JSON")) // err may hold content
	}
	side, carries := transports[r.Tag+r.Kind]
	if !carries {
		return true
	}
	var all any
	_ = json.Unmarshal(append(r.Evt, r.Payload...), &all) // it was read once
	f := Frame{Conn: r.Realm + r.Tags["realm"] + r.Tags["channel"], Side: side}
	f.At, _ = logTime(r.TS)
	for _, text := range texts(all) {
		if !strings.Contains(text, "<isomsg") {
			continue
		}
		inner := &q2{tags: newTags(strings.NewReader(text)), yield: yield, entry: f}
		inner.line = line
		inner.run()
		if inner.stop {
			return false
		}
	}
	return true
}

// texts lists the strings in a JSON value.
func texts(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}
