package foreign

import (
	"strings"
)

// content reads the text of an element up to its end tag: characters with entities,
// and CDATA sections as they are.
func (t *tags) content(name string) (string, error) {
	var out, plain strings.Builder
	flush := func() { out.WriteString(entities(plain.String())); plain.Reset() }
	end := "</" + name
	for out.Len()+plain.Len() < most {
		c, err := t.byte()
		if err != nil {
			return "", err
		}
		if c != '<' {
			plain.WriteByte(c)
			continue
		}
		ahead, _ := t.in.Peek(len(cdata) - 1)
		switch {
		case string(ahead) == cdata[1:]:
			t.in.Discard(len(cdata) - 1)
			flush()
			if err := t.section(&out); err != nil {
				return "", err
			}
		case strings.HasPrefix("<"+string(ahead), end):
			t.in.Discard(len(end) - 1)
			flush()
			return out.String(), t.attributes(&tag{attrs: map[string]string{}})
		case strings.HasPrefix(string(ahead), "log ") || strings.HasPrefix(string(ahead), "field ") || strings.HasPrefix(string(ahead), "/isomsg"):
			t.back()
			return "", errBroken
		default:
			plain.WriteByte(c)
		}
	}
	return "", errBroken
}

const cdata = "<![CDATA["

// section reads a CDATA section.
func (t *tags) section(out *strings.Builder) error {
	brackets := 0
	for size := 0; size < most; size++ {
		c, err := t.byte()
		if err != nil {
			return err
		}
		if c == '>' && brackets >= 2 {
			s := out.String()
			out.Reset()
			out.WriteString(s[:len(s)-2])
			return nil
		}
		if brackets++; c != ']' {
			brackets = 0
		}
		out.WriteByte(c)
	}
	return errBroken
}
