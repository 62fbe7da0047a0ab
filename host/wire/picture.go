package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"possim/host/money"

	"github.com/mattn/go-runewidth"
)

// MarshalJSON writes what possim decode --json promises: numbers and text as text,
// bytes as upper-case hexadecimal, field 55 as an object of tags, and error where
// the frame broke. Fields and tags keep the frame's order.
func (p Picture) MarshalJSON() ([]byte, error) {
	top := object{}
	top.put("dialect", p.Dialect)
	top.put("length", p.Length)
	for _, part := range []struct{ key, value string }{
		{"tpdu", p.TPDU}, {"header", p.Header}, {"mti", p.MTI}, {"bitmap", p.Bitmap},
	} {
		if part.value != "" {
			top.put(part.key, part.value)
		}
	}
	fields := object{}
	for _, f := range p.Fields {
		if f.Tags == nil {
			fields.put(strconv.Itoa(f.Number), f.Value)
			continue
		}
		tags := object{}
		for _, t := range f.Tags {
			tags.put(t.Tag, t.Value)
		}
		fields.put(strconv.Itoa(f.Number), tags)
	}
	top.put("fields", fields)
	p.beside(&top)
	if p.Err != nil {
		broken := object{}
		broken.put("offset", p.Err.Offset)
		broken.put("field", p.Err.Label())
		broken.put("message", p.Err.reason())
		top.put("error", broken)
	}
	return top.MarshalJSON()
}

// beside adds what is known of the fields beyond their values.
func (p Picture) beside(top *object) {
	if p.Kind != "" {
		top.put("kind", p.Kind)
	}
	parts := object{}
	for _, f := range p.Fields {
		if len(f.Parts) > 0 {
			parts.put(strconv.Itoa(f.Number), partsJSON(f.Parts))
		}
	}
	if len(parts.keys) > 0 {
		top.put("parts", parts)
	}
	if len(p.Notes) > 0 {
		top.put("notes", p.Notes)
	}
}

// partsJSON lists parts as objects with part, name, value, means and parts, each
// where there is one.
func partsJSON(parts []ShownPart) []object {
	list := make([]object, len(parts))
	for i, p := range parts {
		for _, text := range []struct{ key, value string }{{"part", p.Label}, {"name", p.Name}, {"value", p.Value}, {"means", p.Means}} {
			if text.value != "" {
				list[i].put(text.key, text.value)
			}
		}
		if len(p.Parts) > 0 {
			list[i].put("parts", partsJSON(p.Parts))
		}
	}
	return list
}

// object is a JSON object that keeps the order of its members. A key that comes
// again keeps its first place and adds its value to a list there, so that none is
// lost and the object stays readable for every parser.
type object struct {
	keys   []string
	values map[string]any
}

func (o *object) put(key string, value any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	switch old, seen := o.values[key]; list := old.(type) {
	case nil:
		if !seen {
			o.keys = append(o.keys, key)
		}
		o.values[key] = value
	case []any:
		o.values[key] = append(list, value)
	default:
		o.values[key] = []any{old, value}
	}
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, key := range o.keys {
		if i > 0 {
			out = append(out, ',')
		}
		value, err := json.Marshal(o.values[key])
		if err != nil {
			return nil, err
		}
		out = append(strconv.AppendQuote(out, key), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

// String lays the picture out for people: a line a part, field or tag.
func (p Picture) String() string {
	var b strings.Builder
	line := func(label, name, value string) {
		fmt.Fprintf(&b, "%6s  %s  %s\n", label, runewidth.FillRight(name, nameWidth), printable(value))
	}
	line("", "dialect", p.Dialect)
	line("", "length", strconv.Itoa(p.Length))
	for _, part := range []struct{ name, value string }{
		{"TPDU", p.TPDU}, {"header", p.Header}, {"message type", strings.TrimSpace(p.MTI + " " + string(p.Kind))}, {"bitmap", p.Bitmap},
	} {
		if part.value != "" {
			line("", part.name, part.value)
		}
	}
	for _, f := range p.Fields {
		line(strconv.Itoa(f.Number), f.Name+" "+f.Chinese, f.readable())
		showParts(f.Parts, "  ", line)
		if n := len(f.Tags); n > 0 && f.Tags[n-1].Tag == "?" {
			line("", "  ?", f.Tags[n-1].Value)
		}
	}
	for _, note := range p.Notes {
		line("", "note", note)
	}
	if p.Err != nil {
		fmt.Fprintf(&b, "malformed: %s\n", printable(p.Err.Error()))
	}
	return b.String()
}

// showParts lays parts out below their field, each level further in.
func showParts(parts []ShownPart, indent string, line func(label, name, value string)) {
	for _, p := range parts {
		value := p.Value
		if p.Means != "" {
			value = strings.TrimSpace(value + " (" + p.Means + ")")
		}
		line("", strings.TrimRight(indent+p.Label+" "+p.Name, " "), value)
		showParts(p.Parts, indent+"  ", line)
	}
}

// nameWidth is where the values begin: most names are shorter.
const nameWidth = 56

// readable adds to an amount what it comes to, and to a code what it means.
func (f Shown) readable() string {
	if f.Means != "" {
		return f.Value + " (" + f.Means + ")"
	}
	if minor, err := strconv.ParseInt(f.Value, 10, 64); f.Number == 4 && err == nil {
		return f.Value + " (" + money.Format(minor) + ")"
	}
	return f.Value
}

// printable replaces what could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}
