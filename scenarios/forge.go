package scenarios

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/host/wire"
)

// forge changes the MAC of a frame, the last of its fields, and leaves the frame
// readable where a MAC is written as hexadecimal digits.
func (w *world) forge(frame []byte) ([]byte, bool) {
	var m wire.Message
	if _, err := w.dialect.Decode(frame, &m); err != nil || len(m.MAC) == 0 {
		return nil, false
	}
	out := slices.Clone(frame)
	last := &out[len(out)-1]
	if *last == '0' {
		*last = '1'
	} else {
		*last = '0'
	}
	return out, true
}

// alter writes other content into fields of a frame, and leaves its MAC as it was.
func (w *world) alter(frame []byte, fields map[int]string) ([]byte, bool) {
	var m wire.Message
	if _, err := w.dialect.Decode(frame, &m); err != nil {
		return nil, false
	}
	for number, content := range fields {
		m.Clear(number)
		if content == "" {
			continue
		}
		put(&m, number, content)
	}
	out, err := w.dialect.Encode(nil, &m, nil)
	return out, err == nil
}

// put writes a field; whether its content fits was looked at when the file was read.
func put(m *wire.Message, number int, content string) {
	if data := bytesOf(m, number); data != nil {
		*data, _ = hex.DecodeString(content)
	} else if number == 4 {
		m.Amount, _ = strconv.ParseInt(content, 10, 64)
	} else {
		*textOf(m, number) = content
	}
}

// alterable is the fields a fault may alter.
var alterable = []int{3, 4, 11, 12, 13, 22, 25, 35, 37, 38, 39, 41, 42, 44, 48, 49, 52, 53, 54, 55, 59, 60, 61, 62, 63}

// textOf is where a message keeps a field that is text.
func textOf(m *wire.Message, number int) *string {
	return map[int]*string{
		3: &m.ProcessingCode, 11: &m.STAN, 12: &m.Time, 13: &m.Date, 22: &m.EntryMode, 25: &m.Condition,
		35: (*string)(&m.Track2), 37: &m.RRN, 38: &m.AuthCode, 39: (*string)(&m.Code), 41: &m.TID, 42: &m.MID,
		44: &m.Additional, 48: &m.Private48, 49: (*string)(&m.Currency), 53: &m.Security, 54: &m.Balance, 59: &m.QR, 60: &m.Private60,
		61: &m.Original, 63: &m.Private63,
	}[number]
}

// bytesOf is where it keeps one that is bytes.
func bytesOf(m *wire.Message, number int) *[]byte {
	switch number {
	case 52:
		return (*[]byte)(&m.PINBlock)
	case 55:
		return &m.Chip
	case 62:
		return &m.Private62
	}
	return nil
}

// altered reads the fields of an alter: {60: "22", 55: 9F26FF, 35: none}.
func (p *parser) altered(n *yaml.Node) map[int]string {
	out := map[int]string{}
	p.pairs(n, "alter", func(k, v *yaml.Node) {
		number := p.count(k, "a field number", 2, 128)
		content := p.text(v, "a field")
		switch {
		case !slices.Contains(alterable, number):
			p.fail(k, "field %d cannot be altered: it is one of %s", number, strings.Trim(strings.ReplaceAll(fmt.Sprint(alterable), " ", ", "), "[]"))
		case content == "none":
			out[number] = ""
			return
		case number == 4:
			content = p.digits(v, "field 4", 12, 12)
		case bytesOf(&wire.Message{}, number) != nil:
			if _, err := hex.DecodeString(content); err != nil {
				p.fail(v, "field %d is bytes: write them in hexadecimal", number)
			}
		}
		out[number] = content
	})
	return out
}
