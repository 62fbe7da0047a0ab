package emv

import (
	"fmt"
	"strings"
)

// Meaning spells a value out where the books give its parts names: bits, rules, entries
// of a DOL, a cryptogram's kind; and printable text of a value that is text. It is nil
// for any other, for what is masked, and for a value that is not as the books have it.
func (o TLV) Meaning() []string {
	if read, ok := meanings[o.Tag]; ok {
		return read(o.Value)
	}
	if o.Tag.Secret() || o.Tag.Constructed() {
		return nil
	}
	switch o.Tag.Format() {
	case TagsAndLength:
		return dolMeaning(o.Value)
	case Alphabetic, Alphanumeric, AlphaSpecial:
		return textMeaning(o.Value)
	}
	return nil
}

var meanings = map[Tag]func([]byte) []string{
	TagTVR:                    named(ParseTVR),
	TagTSI:                    named(ParseTSI),
	TagAIP:                    named(ParseAIP),
	TagAUC:                    named(ParseAUC),
	TagTerminalCapabilities:   named(ParseCapabilities),
	TagAdditionalCapabilities: named(ParseMoreCapabilities),
	TagTTQ:                    named(ParseTTQ),
	TagCTQ:                    named(ParseCTQ),
	TagIACDefault:             named(ParseTVR),
	TagIACDenial:              named(ParseTVR),
	TagIACOnline:              named(ParseTVR),
	TagCVMList:                cvmMeaning,
	TagCVMResults:             cvmResultMeaning,
	TagCID:                    cidMeaning,
	TagAFL:                    aflMeaning,
}

// named makes a reader of a value of bits.
func named[V interface{ Names() []string }](parse func([]byte) (V, error)) func([]byte) []string {
	return func(b []byte) []string {
		v, err := parse(b)
		if err != nil {
			return nil
		}
		return v.Names()
	}
}

func cvmMeaning(b []byte) []string {
	l, err := ParseCVMList(b)
	if err != nil {
		return nil
	}
	out := []string{fmt.Sprintf("X %d, Y %d", l.X, l.Y)}
	for _, r := range l.Rules {
		out = append(out, r.String())
	}
	return out
}

func cvmResultMeaning(b []byte) []string {
	v, err := ParseCVMResults(b)
	if err != nil {
		return nil
	}
	return []string{v.String()}
}

func cidMeaning(b []byte) []string {
	if len(b) != 1 {
		return nil
	}
	return []string{CID(b[0]).String()}
}

func aflMeaning(b []byte) []string {
	a, err := ParseAFL(b)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range a {
		out = append(out, fmt.Sprintf("file %d, records %d to %d, %d signed", e.SFI, e.First, e.Last, e.Signed))
	}
	return out
}

func dolMeaning(b []byte) []string {
	d, err := ParseDOL(b)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range d {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s", e.Tag, e.Length, e.Tag.Name())))
	}
	return out
}

// textMeaning quotes ASCII; other characters need the card's code table (9F11).
func textMeaning(b []byte) []string {
	for _, c := range b {
		if c < 0x20 || c > 0x7E {
			return nil
		}
	}
	if len(b) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%q", b)}
}
