package recording

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// TextError says where a text file is not what it should be.
type TextError struct {
	Name         string // of the file
	Line, Column int    // from 1
	Problem      string
}

// Error returns file, line, column and problem.
func (e *TextError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Problem)
}

// The limits of what is taken for a recording of swipes.
const (
	maxLine   = 1 << 20 // bytes
	maxValues = 1 << 16 // of one track; a card has under 1,500 flux reversals on one
	maxText   = 1 << 22 // values in all
)

// listed is one swipe of a text file: a list a track, and which track that is, 0 unknown.
type listed[T any] struct {
	lists  [][]T
	tracks []int
}

// atOffset is an error some bytes into a field.
type atOffset struct {
	offset int
	error
}

// text is a file being read.
type text[T any] struct {
	name   string
	track  int // of a swipe that does not say
	parse  func(field string) ([]T, error)
	line   int
	swipes []listed[T]
	open   bool // the last swipe goes on
	values int
}

// readText reads a text file whose fields parse gives values for.
func readText[T any](name string, r io.Reader, track int, parse func(string) ([]T, error)) ([]listed[T], error) {
	t := &text[T]{name: name, track: track, parse: parse}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	for scan.Scan() {
		t.line++
		if err := t.add(scan.Text()); err != nil {
			return nil, err
		}
	}
	switch err := scan.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		t.line++
		return nil, t.wrong(maxLine, fmt.Sprintf("a line of more than %d bytes: is it text?", maxLine))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case t.values == 0:
		t.line = max(1, t.line)
		return nil, t.wrong(0, "the file ends and there is nothing in it but comments")
	}
	return t.swipes, nil
}

func (t *text[T]) wrong(offset int, problem string) error {
	return &TextError{t.name, t.line, offset + 1, problem}
}

// add takes one line.
func (t *text[T]) add(line string) error {
	content, _, commented := strings.Cut(line, "#")
	if strings.TrimSpace(content) == "" {
		t.open = t.open && commented // a comment by itself ends nothing
		return nil
	}
	if number, ok := strings.CutPrefix(strings.TrimSpace(content), "track"); ok {
		return t.begin(strings.TrimSpace(number), strings.Index(line, "track"))
	}
	for at := 0; at < len(content); {
		n := strings.IndexAny(content[at:], " \t,;\r")
		if n < 0 {
			n = len(content) - at
		}
		if n > 0 {
			if err := t.field(content[at:at+n], at); err != nil {
				return err
			}
		}
		at += n + 1
	}
	return nil
}

// begin is a line that says which track follows.
func (t *text[T]) begin(number string, at int) error {
	if len(number) != 1 || number[0] < '1' || number[0] > '3' {
		return t.wrong(at, "want track 1, track 2 or track 3")
	}
	t.list(int(number[0] - '0'))
	s := &t.swipes[len(t.swipes)-1]
	for _, n := range s.tracks[:len(s.tracks)-1] {
		if n == s.tracks[len(s.tracks)-1] {
			return t.wrong(at, fmt.Sprintf("track %d a second time: an empty line begins another swipe", n))
		}
	}
	return nil
}

// list opens a track, and a swipe where none is open.
func (t *text[T]) list(track int) {
	if !t.open {
		t.swipes = append(t.swipes, listed[T]{})
	}
	t.open = true
	s := &t.swipes[len(t.swipes)-1]
	s.lists, s.tracks = append(s.lists, nil), append(s.tracks, track)
}

// field takes one field of a line, at an offset.
func (t *text[T]) field(field string, at int) error {
	values, err := t.parse(field)
	if err != nil {
		var inside atOffset
		if errors.As(err, &inside) {
			at += inside.offset
		}
		return t.wrong(at, err.Error())
	}
	if !t.open {
		t.list(t.track)
	}
	s := &t.swipes[len(t.swipes)-1]
	last := &s.lists[len(s.lists)-1]
	*last = append(*last, values...)
	t.values += len(values)
	if len(*last) > maxValues || t.values > maxText {
		return t.wrong(at, "more than any card holds: an empty line parts one swipe from the next")
	}
	return nil
}
