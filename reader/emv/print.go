package emv

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"possim/reader/card"
)

// Text returns the value as upper-case hex, with what must not be seen masked: a
// number shows its first six and last four digits, everything else of a cardholder
// as many asterisks as it has bytes.
func (o TLV) Text() string { return o.text(card.PAN.String) }

// RevealTest returns what Text does, and the number and the tracks of a public test
// card (card.IsTest) in clear: what --unsafe may show. A PIN stays masked.
func (o TLV) RevealTest() string {
	pan, ok := o.pan()
	if ok && card.IsTest(pan) {
		return hexText(o.content())
	}
	return o.Text()
}

func (o TLV) text(show func(card.PAN) string) string {
	if o.Tag.Constructed() { // content that was never taken apart: who knows what is in it
		return strings.Repeat("*", len(o.content()))
	}
	if !o.Tag.Secret() {
		return hexText(o.content())
	}
	pan, ok := o.pan()
	if !ok {
		return strings.Repeat("*", len(o.content()))
	}
	if o.Tag == TagPAN {
		return show(pan)
	}
	return show(pan) + strings.Repeat("*", max(0, 2*len(o.Value)-len(pan)))
}

// pan returns the number that a data object carries as digits.
func (o TLV) pan() (card.PAN, bool) {
	digits := hexText(o.Value)
	switch o.Tag {
	case TagPAN:
		digits = strings.TrimRight(digits, "F")
	case TagTrack2Equivalent, TagCVMLimit:
		n := strings.IndexByte(digits, 'D')
		if n < 0 {
			return "", false
		}
		digits = digits[:n]
	default:
		return "", false
	}
	pan, err := card.ParsePAN(digits)
	return pan, err == nil
}

func hexText(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// String returns tag and masked value: "9F02 000000001234", "70{5A 622202******0015}".
func (o TLV) String() string {
	if o.Tag.Constructed() && len(o.List) > 0 {
		return o.Tag.String() + "{" + o.List.String() + "}"
	}
	return strings.TrimSpace(o.Tag.String() + " " + o.Text())
}

// Format implements fmt.Formatter so that no verb, %x and %#v included, shows what
// is masked.
func (o TLV) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, o.String()) }

// String returns the objects as TLV.String does, with a blank between them.
func (l List) String() string {
	parts := make([]string, len(l))
	for i, o := range l {
		parts[i] = o.String()
	}
	return strings.Join(parts, " ")
}

// Format implements fmt.Formatter so that no verb shows what is masked.
func (l List) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, l.String()) }

// MarshalJSON implements json.Marshaler: an object from tag to masked value, in the
// order of the list, a template as an object of its own.
func (l List) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, o := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := o.MarshalJSON()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", o.Tag.String(), value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON implements json.Marshaler with the masked value.
func (o TLV) MarshalJSON() ([]byte, error) {
	if o.Tag.Constructed() && len(o.List) > 0 {
		return o.List.MarshalJSON()
	}
	return json.Marshal(o.Text())
}

// MarshalYAML implements yaml.Marshaler.
func (o TLV) MarshalYAML() (any, error) { return o.String(), nil }

// MarshalYAML implements yaml.Marshaler.
func (l List) MarshalYAML() (any, error) { return l.String(), nil }

// Describe returns the objects one a line, named, spelled out and indented: what a
// person reads.
func (l List) Describe() string {
	var b strings.Builder
	l.describe(&b, "")
	return b.String()
}

func (l List) describe(b *strings.Builder, indent string) {
	for _, o := range l {
		name := o.Tag.Name()
		if name == "" {
			name = "(unknown)"
		}
		if o.Tag.Constructed() && len(o.List) > 0 {
			fmt.Fprintf(b, "%s%-4s %s\n", indent, o.Tag, name)
			o.List.describe(b, indent+"  ")
			continue
		}
		fmt.Fprintf(b, "%s%-4s %s: %s\n", indent, o.Tag, name, o.Text())
		for _, line := range o.Meaning() {
			fmt.Fprintf(b, "%s       %s\n", indent, line)
		}
	}
}
