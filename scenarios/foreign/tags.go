package foreign

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// tags finds the few tags of a log that mean something, and passes over all that
// stands between and around them: stack traces ("at Foo.<init>"), the time stamps
// of another logger before each line, comments. A jPOS log is no XML document, and
// what it holds is often not even well-formed.
type tags struct {
	in    *bufio.Reader
	line  int
	begin bool            // the next byte is the first of a line
	text  strings.Builder // since the last tag, as long as keep says so
	keep  bool
}

// A tag is <name a="b">, <name/> or </name>.
type tag struct {
	name   string
	line   int
	closes bool // </name>
	empty  bool // <name/>
	attrs  map[string]string
}

// meaningful are the tags that are read; every other < is text.
var meaningful = map[string]bool{"log": true, "isomsg": true, "field": true, "header": true, "hexdump": true, "fsdmsg": true,
	"exception": true, "iso-exception": true, "io-exception": true}

// transports are the elements of a log entry that hold a message on its way.
var transports = map[string]Side{
	"send": Sent, "sent": Sent, "outgoing": Sent, "out": Sent,
	"receive": Received, "received": Received, "incoming": Received, "in": Received,
	"request": Unknown, "response": Unknown,
}

var errBroken = errors.New("the tag is cut off")

func newTags(r io.Reader) *tags {
	return &tags{in: bufio.NewReaderSize(r, 64<<10), line: 1, begin: true}
}

// next returns the next tag that means something. errBroken is a tag without an end,
// after which next goes on.
func (t *tags) next() (tag, error) {
	for {
		c, err := t.byte()
		if err != nil {
			return tag{}, err
		}
		first := t.begin
		if t.begin = c == '\n'; c == '#' && first {
			if found, ok := t.headed(); ok {
				return found, nil
			}
		}
		if c != '<' {
			t.add(c)
			continue
		}
		begin := t.line
		switch name, closes, err := t.name(); {
		case err != nil:
			return tag{}, err
		case strings.HasPrefix(name, "!--"):
			if err := t.comment(); err != nil {
				return tag{}, err
			}
		case !meaningful[name] && !isTransport(name):
			t.write("<" + name)
		default:
			found := tag{name: name, line: begin, closes: closes, attrs: map[string]string{}}
			err := t.attributes(&found)
			return found, err
		}
	}
}

// heading2 is the name of a tag that is a heading of Markdown.
const heading2 = "##"

// headed reads a heading of an entry in Markdown: its time, realm and kind, and a
// mark where it has an exception.
func (t *tags) headed() (found tag, ok bool) {
	ahead, _ := t.in.Peek(mostHeading)
	text, _, _ := strings.Cut(string(ahead), "\n")
	words := strings.Fields(strings.TrimSuffix(strings.TrimRight(text, " \r"), "(*)"))
	if len(words) < 3 || words[0] != "#" { // the first # was read
		return tag{}, false
	}
	if _, is := logTime(words[1]); !is {
		return tag{}, false
	}
	t.in.Discard(len(text))
	last := len(words) - 1
	return tag{name: heading2, line: t.line, attrs: map[string]string{
		"at": words[1], "realm": strings.Join(words[2:max(last, 2)], " "), "kind": words[last],
	}}, true
}

// mostHeading is longer than a heading is.
const mostHeading = 1024

func isTransport(name string) bool {
	_, is := transports[name]
	return is
}

// byte reads one byte and counts lines.
func (t *tags) byte() (byte, error) {
	c, err := t.in.ReadByte()
	if c == '\n' && err == nil {
		t.line++
	}
	return c, err
}

// back gives the last byte, which is no end of a line, back.
func (t *tags) back() { t.in.UnreadByte() }

func (t *tags) add(c byte) {
	if t.keep && t.text.Len() < most {
		t.text.WriteByte(c)
	}
}

func (t *tags) write(s string) {
	for i := range len(s) {
		t.add(s[i])
	}
}

// take returns the text since the last call.
func (t *tags) take() string {
	s := t.text.String()
	t.text.Reset()
	return s
}

// mostName is longer than any name that means something.
const mostName = 32

// name reads what follows <.
func (t *tags) name() (name string, closes bool, err error) {
	var b strings.Builder
	for b.Len() < mostName {
		c, err := t.byte()
		if err != nil {
			return "", false, err
		}
		switch {
		case c == '/' && b.Len() == 0 && !closes:
			closes = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '!', c == '.', c == '[':
			b.WriteByte(c)
			if strings.HasPrefix(b.String(), "!--") {
				return b.String(), false, nil
			}
		default:
			if c == '\n' {
				t.line-- // it is read again
			}
			t.back()
			return b.String(), closes, nil
		}
	}
	return b.String(), closes, nil
}

// comment passes over <!-- ... -->, which in a log is at most a line.
func (t *tags) comment() error {
	dashes := 0
	for {
		c, err := t.byte()
		switch {
		case err != nil:
			return err
		case c == '\n', c == '>' && dashes >= 2:
			return nil
		case c == '-':
			dashes++
		default:
			dashes = 0
		}
	}
}

// attributes reads a tag to its end.
func (t *tags) attributes(found *tag) error {
	var key, value strings.Builder
	quote, size := byte(0), 0
	for {
		c, err := t.byte()
		if err != nil {
			return err
		}
		if size++; size > most {
			return errBroken
		}
		switch {
		case c == '<': // no attribute holds one: the line it stood on was never finished
			t.back()
			return errBroken
		case quote != 0 && c == quote:
			found.attrs[strings.ToLower(strings.Trim(key.String(), "= \t\r\n"))] = entities(value.String())
			key.Reset()
			value.Reset()
			quote = 0
		case quote != 0:
			value.WriteByte(c)
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return nil
		case c == '/':
			found.empty = true
		default:
			key.WriteByte(c)
		}
	}
}
