package scenarios

import (
	"encoding/hex"
	"fmt"
	"slices"
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
		if content == "" {
			m.Clear(number)
		} else if m.Set(number, []byte(content)) != nil {
			return nil, false
		}
	}
	out, err := w.dialect.Encode(nil, &m, nil)
	return out, err == nil
}

// alterable is the fields a fault may alter.
var alterable = []int{3, 4, 11, 12, 13, 22, 25, 35, 37, 38, 39, 41, 42, 44, 48, 49, 52, 53, 54, 55, 59, 60, 61, 62, 63}

// inHex is those among them that are bytes.
var inHex = []int{52, 55, 62}

// altered reads the fields of an alter, {60: "22", 55: 9F26FF, 35: none}, as a message holds them.
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
		case slices.Contains(inHex, number):
			data, err := hex.DecodeString(content)
			if err != nil {
				p.fail(v, "field %d is bytes: write them in hexadecimal", number)
			}
			content = string(data)
		}
		out[number] = content
	})
	return out
}
