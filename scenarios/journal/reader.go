package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// mostLine bounds one line: a frame of 64 KiB in hexadecimal with its fields, or a
// scenario file.
const mostLine = 4 << 20

// LineError says what is wrong with a journal, and where.
type LineError struct {
	Line, Column int // from 1
	Err          error
}

// Error begins with line and column, for the file's name to stand before it.
func (e *LineError) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Entry is what one line of a journal holds: one of the four.
type Entry struct {
	Number int // of the line, from 1
	Frame  *Line
	World  *World
	Source *Source
	Step   *Step
}

// Reader reads a journal line by line and keeps none.
type Reader struct {
	Header Header
	in     *bufio.Reader
	number int
	cut    int
}

// NewReader reads the header of a journal.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{in: bufio.NewReaderSize(in, 1<<16)}
	line, err := r.line()
	if err == io.EOF {
		return nil, &LineError{1, 1, errors.New("the file is empty: a journal begins with a header line")}
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &r.Header); err != nil || r.Header.Format != FormatName {
		return nil, &LineError{1, 1, fmt.Errorf(`no journal: its first line has no "format":"%s"`, FormatName)}
	}
	switch v := r.Header.Version; {
	case v > Version:
		return nil, &LineError{1, 1, fmt.Errorf("this journal has version %d, and this program reads up to %d: use a later possim", v, Version)}
	case v < 1:
		return nil, &LineError{1, 1, fmt.Errorf("there is no version %d of the format", v)}
	}
	return r, nil
}

// Cut returns the number of a last line that was cut off, as a crash leaves it, and
// 0 where there is none. It is known once Next returned io.EOF.
func (r *Reader) Cut() int { return r.cut }

// Next returns the next line, or io.EOF behind the last; of a frame without the fields
// that it shows to people. Its other errors are
// *LineError; a last line that was cut off is none (see Cut).
func (r *Reader) Next() (Entry, error) {
	for {
		line, err := r.line()
		if err != nil {
			return Entry{}, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		e, err := parseLine(line)
		if err == nil {
			e.Number = r.number
			return e, nil
		}
		if line[len(line)-1] != '\n' {
			r.cut = r.number
			return Entry{}, io.EOF
		}
		column := 1
		var syntax *json.SyntaxError
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &syntax) {
			column = int(syntax.Offset)
		} else if errors.As(err, &wrong) {
			column, err = int(wrong.Offset), fmt.Errorf("%s: want %s, not a %s", wrong.Field, wrong.Type, wrong.Value)
		}
		return Entry{}, &LineError{r.number, max(column, 1), err}
	}
}

// line returns the next line with its line end; it is good until the next call.
func (r *Reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		whole := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) && len(whole) <= mostLine {
			line, err = r.in.ReadSlice('\n')
			whole = append(whole, line...)
		}
		line = whole
	}
	r.number++
	switch {
	case len(line) > mostLine:
		return nil, &LineError{r.number, 1, fmt.Errorf("a line of more than %d bytes is no line of a journal", mostLine)}
	case err != nil && err != io.EOF:
		return nil, err
	case len(line) == 0:
		return nil, io.EOF
	}
	return line, nil
}

// anyLine has the members of all four kinds of lines, so that each is read once.
type anyLine struct {
	Line
	At        *float64   `json:"t"` // hides that of a frame
	Fields    noValue    `json:"f"` // for people alone
	Direction *string    `json:"dir"`
	Verb      *string    `json:"step"`
	Number    int        `json:"line"`
	Column    int        `json:"column"`
	Scenario  *string    `json:"scenario"`
	File      string     `json:"file"`
	Seed      uint64     `json:"seed"`
	Start     *time.Time `json:"start"`
	Method    string     `json:"method"`
	Source    *string    `json:"source"`
	Text      string     `json:"text"`
}

// noValue is passed over.
type noValue struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (noValue) UnmarshalJSON([]byte) error { return nil }

// parseLine tells by its members what a line is.
func parseLine(line []byte) (e Entry, err error) {
	l := &anyLine{}
	if err := json.Unmarshal(line, l); err != nil {
		return e, err
	}
	if l.At != nil {
		l.T = *l.At
	}
	switch {
	case l.Direction != nil:
		l.Line.Direction = *l.Direction
		e.Frame = &l.Line
		return e, checkFrame(e.Frame, l.At)
	case l.Verb != nil:
		e.Step = &Step{l.T, *l.Verb, l.Number, l.Column}
	case l.Scenario != nil:
		e.World = &World{*l.Scenario, l.File, l.Number, l.Seed, time.Time{}, string(l.MAC), l.Method}
		if l.Start != nil {
			e.World.Start = *l.Start
		}
	case l.Source != nil:
		e.Source = &Source{*l.Source, l.Text}
	default:
		return e, errors.New(`neither a frame ("dir"), nor a scenario, a source or a step`)
	}
	return e, nil
}

func checkFrame(l *Line, at *float64) error {
	switch {
	case l.Direction != ">" && l.Direction != "<":
		return fmt.Errorf(`"dir": want ">" for what left the terminal or "<" for what reached it, not %q`, l.Direction)
	case at == nil || math.Abs(l.T) > 1e10:
		return errors.New(`"t": want the seconds since the start`)
	case l.Conn < 1 || l.Conn > math.MaxInt32:
		return errors.New(`"conn": want the number of the connection, from 1`)
	case l.Hex == nil:
		return nil
	case len(*l.Hex)%2 != 0 || len(*l.Hex) == 0:
		return fmt.Errorf(`"hex": %d digits make no bytes`, len(*l.Hex))
	}
	for i := range len(*l.Hex) {
		if nibble((*l.Hex)[i]) > 15 {
			return fmt.Errorf(`"hex": character %d is no hexadecimal digit`, i+1)
		}
	}
	return nil
}
