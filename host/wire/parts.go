package wire

import (
	"fmt"
	"strconv"
)

// A PartError says which part of a field's content is wrong, and never what stood
// there.
type PartError struct {
	Field int    // field number
	Part  string // what the part is called: "debit count"
	At    int    // characters or bytes of the field's content before the part
	Err   error
}

// Error tells field, part, place and reason.
func (e *PartError) Error() string {
	return fmt.Sprintf("field %d, %s (at %d): %v", e.Field, e.Part, e.At, e.Err)
}

// Unwrap returns the reason.
func (e *PartError) Unwrap() error { return e.Err }

// A cutter takes a field of parts apart, one after another. The first part that is
// wrong is its error, and all that follow are empty.
type cutter struct {
	field int
	rest  string
	at    int
	err   error
}

func cut(field int, content string) *cutter { return &cutter{field: field, rest: content} }

// fail keeps the first error.
func (c *cutter) fail(part string, at int, format string, args ...any) {
	if c.err == nil {
		c.err = &PartError{Field: c.field, Part: part, At: at, Err: fmt.Errorf(format, args...)}
	}
}

// text takes the next n characters.
func (c *cutter) text(part string, n int) string {
	if c.err != nil {
		return ""
	}
	if len(c.rest) < n {
		c.fail(part, c.at, "want %d characters, and %d are left", n, len(c.rest))
		return ""
	}
	value := c.rest[:n]
	c.rest, c.at = c.rest[n:], c.at+n
	return value
}

// digits takes the next n characters, which are digits.
func (c *cutter) digits(part string, n int) string {
	at := c.at
	value := c.text(part, n)
	if err := onlyDigits([]byte(value)); err != nil {
		c.fail(part, at, "want %d digits: %w", n, err)
		return ""
	}
	return value
}

// number takes n digits, at most 18, and returns what they count.
func (c *cutter) number(part string, n int) int64 {
	value, _ := strconv.ParseInt(c.digits(part, n), 10, 64) // digits, or empty beside an error
	return value
}

// more reports whether something is left to take.
func (c *cutter) more() bool { return c.err == nil && c.rest != "" }

// end is the error, or that something is left over.
func (c *cutter) end() error {
	if c.more() {
		c.fail("end", c.at, "%d characters too many", len(c.rest))
	}
	return c.err
}

// A paster puts parts together; like a cutter it keeps the first error.
type paster struct {
	field int
	out   []byte
	err   error
}

// text appends a part of exactly n characters.
func (p *paster) text(part, value string, n int) {
	if len(value) != n {
		p.fail(part, "it is %d characters long and must be %d", len(value), n)
	}
	p.out = append(p.out, value...)
}

// digits appends a part of exactly n digits.
func (p *paster) digits(part, value string, n int) {
	if err := onlyDigits([]byte(value)); err != nil {
		p.fail(part, "%w", err)
	}
	p.text(part, value, n)
}

// number appends a number as n digits.
func (p *paster) number(part string, value int64, n int) {
	digits := fmt.Sprintf("%0*d", n, value)
	if value < 0 || len(digits) > n {
		p.fail(part, "it does not fit into %d digits", n)
	}
	p.out = append(p.out, digits...)
}

func (p *paster) fail(part, format string, args ...any) {
	if p.err == nil {
		p.err = &PartError{Field: p.field, Part: part, At: len(p.out), Err: fmt.Errorf(format, args...)}
	}
}

// end returns what was put together.
func (p *paster) end() (string, error) {
	if p.err != nil {
		return "", p.err
	}
	return string(p.out), nil
}
