package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// InputError says where a text stops being a message in any form, and never what
// stood around it.
type InputError struct {
	Line, Column int // from 1
	Err          error
}

// Error tells place and reason.
func (e *InputError) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }

// Unwrap returns the reason.
func (e *InputError) Unwrap() error { return e.Err }

// ParseInput takes the bytes of one message out of what a person gave: hexadecimal
// digits with white space, colons or 0x between them, a dump as xxd and hexdump -C
// write it, base64, or the bytes themselves. form is "hex", "hex dump", "base64" or
// "binary". A message that breaks off is known by how it begins.
//
// A message of iso87ascii may be nothing but hexadecimal digits: it is taken for
// hexadecimal unless only the characters themselves make a whole message.
func ParseInput(data []byte) (message []byte, form string, err error) {
	text := bytes.TrimSpace(data)
	if len(text) == 0 {
		return nil, "", &InputError{1, 1, errNothing}
	}
	if bytes.ContainsFunc(data, notTyped) {
		return data, "binary", nil
	}
	if dump, ok := parseDump(string(text)); ok {
		return dump, "hex dump", nil
	}
	digits, problem := hexDigits(data)
	if problem == nil {
		if !reads(digits) && reads(text) {
			return text, "binary", nil
		}
		return digits, "hex", nil
	}
	if reads(text) {
		return text, "binary", nil
	}
	decoded, ok := fromBase64(string(text))
	switch {
	case ok && (reads(decoded) || begins(decoded) && mostlyOther(text)):
		return decoded, "base64", nil
	case begins(text):
		return text, "binary", nil
	}
	return nil, "", problem
}

var errNothing = errors.New("nothing there: want a message in hexadecimal, base64 or as it is")

// notTyped tells what no text of ours holds.
func notTyped(r rune) bool { return r > '~' || r < ' ' && r != '\n' && r != '\r' && r != '\t' }

// reads reports whether some dialect reads message to its last byte.
func reads(message []byte) bool {
	for _, c := range candidates() {
		if c.try(message).err == nil {
			return true
		}
	}
	return false
}

// begins reports whether some dialect reads a field of message at least: a message
// that breaks off later is one all the same.
func begins(message []byte) bool {
	for _, c := range candidates() {
		if g := c.try(message); g.fields > 0 && g.err.Field != PartMTI {
			return true
		}
	}
	return false
}

// mostlyOther reports whether more than a third of a text is no hexadecimal digit,
// as two thirds of base64 are: it is no hexadecimal with a slip in it.
func mostlyOther(text []byte) bool {
	other := 0
	for _, c := range text {
		if hexNibble(c) == noNibble {
			other++
		}
	}
	return 3*other > len(text)
}

// hexDigits reads hexadecimal.
func hexDigits(text []byte) ([]byte, error) {
	var digits []byte
	line, column := 1, 0
	for i, c := range text {
		column++
		switch {
		case c == '\n':
			line, column = line+1, 0
		case strings.IndexByte(" \t\r:-", c) >= 0:
		case (c == 'x' || c == 'X') && i > 0 && text[i-1] == '0' && len(digits)%2 == 1:
			digits = digits[:len(digits)-1] // of 0x
		case hexNibble(c) == noNibble:
			return nil, &InputError{line, column, fmt.Errorf("%q is not a hexadecimal digit", c)}
		default:
			digits = append(digits, c)
		}
	}
	if len(digits) == 0 {
		return nil, &InputError{1, 1, errNothing}
	}
	if n := len(digits); n%2 == 1 {
		return nil, &InputError{line, column + 1, fmt.Errorf("an odd number of hexadecimal digits (%d): one is missing", n)}
	}
	out := make([]byte, len(digits)/2)
	_, err := hex.Decode(out, digits)
	return out, err
}

// A line of xxd ("00000010: 6006 0100  `...") or hexdump -C ("00000010  60 06  |`.|").
var dumpLine = regexp.MustCompile(`^([0-9a-fA-F]{6,8})(?::|  )\s*((?:[0-9a-fA-F]{2,4} ?| )*[0-9a-fA-F]{2})(?:\s{2,}.*|\s*\|.*\|)?$`)

// parseDump reads a dump, whose offsets must go on from line to line.
func parseDump(text string) (out []byte, ok bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		var offset int
		if n, _ := fmt.Sscanf(line, "%x", &offset); n == 1 && offset == len(out) && len(out) > 0 && len(strings.TrimSpace(line)) <= 8 {
			continue // hexdump's last line
		}
		parts := dumpLine.FindStringSubmatch(line)
		if parts == nil {
			return nil, false
		}
		if n, _ := fmt.Sscanf(parts[1], "%x", &offset); n != 1 || offset != len(out) {
			return nil, false
		}
		bytes, err := hex.DecodeString(strings.ReplaceAll(parts[2], " ", ""))
		if err != nil {
			return nil, false
		}
		out = append(out, bytes...)
	}
	return out, len(out) > 0
}

func fromBase64(text string) ([]byte, bool) {
	text = strings.Join(strings.Fields(text), "")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	return decoded, err == nil && len(decoded) > 0
}
