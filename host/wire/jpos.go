package wire

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// FromJPOS makes a dialect of the XML that jPOS's GenericPackager takes:
// isofield elements with id, length, name, class and pad. An isofieldpackager is
// read as the one field that it is outside; what it holds inside is content.
func FromJPOS(r io.Reader) (*Dialect, []Problem, error) { return fromJPOS("jpos", r) }

type isoPackager struct {
	XMLName      xml.Name   `xml:"isopackager"`
	HeaderLength int        `xml:"headerLength,attr"`
	Fields       []isoField `xml:",any"`
}

type isoField struct {
	XMLName xml.Name
	ID      int    `xml:"id,attr"`
	Length  int    `xml:"length,attr"`
	Name    string `xml:"name,attr"`
	Class   string `xml:"class,attr"`
	Pad     string `xml:"pad,attr"`
}

func fromJPOS(name string, r io.Reader) (*Dialect, []Problem, error) {
	var packager isoPackager
	dec := xml.NewDecoder(r)
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // names alone are not ASCII
	if err := dec.Decode(&packager); err != nil {
		line, column := dec.InputPos()
		return nil, nil, fmt.Errorf("%d:%d: not a jPOS packager: %w", line, column, err)
	}
	f := newForeigner(name)
	for _, x := range packager.Fields {
		switch x.XMLName.Local {
		case "isofield", "isofieldpackager":
			f.jpos(x)
		default:
			f.leave(-1, x.XMLName.Local, "an element that is no isofield")
		}
	}
	f.dialect.header = max(0, packager.HeaderLength)
	return f.finish()
}

// jpos maps one isofield.
func (f *foreigner) jpos(x isoField) {
	class := x.Class[strings.LastIndex(x.Class, ".")+1:]
	if x.ID == 1 {
		f.jposBitmap(x, class)
		return
	}
	p, reason := jposClass(class, x)
	if reason != "" {
		f.leave(x.ID, x.Class, "%s", reason)
		return
	}
	p.number, p.class, p.name, p.most = x.ID, x.Class, x.Name, x.Length
	if (x.ID == 35 || x.ID == 36) && p.kind == 'n' { // '=' is no digit
		switch c := p.content.(type) {
		case bcd:
			c.of = trackData
			p.content, p.kind = c, 'z'
		case digits:
			p.content, p.kind = text{}, 'z'
		case ebcdic:
			p.content, p.kind = ebcdic{text{}}, 'z'
		}
	}
	if x.XMLName.Local == "isofieldpackager" {
		f.note(x.ID, x.Class, "its subfields are taken as one content")
	}
	f.add(p)
}

func (f *foreigner) jposBitmap(x isoField, class string) {
	switch class {
	case "IFB_BITMAP":
		f.dialect.bits = text{}
	case "IFA_BITMAP":
		f.dialect.bits = hexText{}
	case "IFE_BITMAP":
		f.dialect.bits = ebcdic{hexText{}}
	default:
		f.leave(1, x.Class, "no bitmap that is known: want IFA_BITMAP, IFB_BITMAP or IFE_BITMAP")
		return
	}
	if x.Length > 16 {
		f.note(1, x.Class, "two bitmaps are read, and a length of %d means three", x.Length)
	}
}

// jposClass reads a class name: IF, whether length and content are ASCII, binary or
// EBCDIC, F where half bytes are filled with F, an L for each digit of the length, H
// where the length is binary, and what the content is.
func jposClass(class string, x isoField) (p part, reason string) {
	family, rest, ok := strings.Cut(class, "_")
	if !ok || !strings.HasPrefix(family, "IF") {
		return part{}, "a class that is no IF*_*"
	}
	filled := strings.HasPrefix(rest, "F")
	rest = strings.TrimPrefix(rest, "F")
	word := strings.TrimLeft(rest, "L")
	ls := len(rest) - len(word)
	binaryLength := ls > 0 && (strings.HasPrefix(word, "H") && word != "HEX")
	if binaryLength {
		word = strings.TrimPrefix(word, "H")
	}
	lengths, contents := jposCodings(family)
	if contents == "" || ls > 6 || filled && (family != "IFB" || word == "BINARY") {
		return part{}, "a class that is not known"
	}
	c := counted{digits: ls, as: lengths, unit: 1}
	if binaryLength {
		c.as, c.digits = binaryBytes, ls-1
	}
	p, c, ok = jposContent(word, contents, x, c, filled)
	if !ok || ls > 0 && c.digits == 0 {
		return part{}, "a class that is not known"
	}
	if p.length = c; ls == 0 {
		p.length = fixed{}
	}
	return p, ""
}

// jposCodings: how a family of classes writes lengths, and its content: characters
// in ASCII, binary or EBCDIC.
func jposCodings(family string) (lengthCoding, string) {
	switch family {
	case "IF", "IFA":
		return asciiDigits, "ascii"
	case "IFB":
		return packedDigits, "binary"
	case "IFE":
		return ebcdicDigits, "ebcdic"
	case "IFEA":
		return ebcdicDigits, "ascii"
	case "IFAE":
		return asciiDigits, "ebcdic"
	case "IFEB":
		return ebcdicDigits, "binary"
	}
	return 0, ""
}

// jposContent maps the last word of a class.
func jposContent(word, contents string, x isoField, c counted, filled bool) (p part, length counted, ok bool) {
	left := x.Pad == "true" // the spare half byte comes first
	packedNumber := bcd{right: left, of: packedIn(c.digits > 0)}
	if filled {
		packedNumber.fill = 0xF
	}
	in := func(e coder) coder {
		if contents == "ebcdic" {
			return ebcdic{e}
		}
		return e
	}
	switch {
	case word == "NUMERIC" || word == "NUM":
		p = part{kind: 'n', content: in(digits{}), pad: zerosBefore{}}
		if contents == "binary" {
			p.content = packedNumber
		}
		if c.as == ebcdicDigits && contents == "binary" { // IFEB_LLNUM counts bytes and fills with F
			c.pairs, packedNumber.fill = true, 0xF
			p.content = packedNumber
		}
	case word == "BNUM":
		p = part{kind: 'n', content: packedNumber}
	case word == "CHAR":
		p = part{kind: 's', content: in(text{}), pad: spacesBehind{}}
	case word == "ECHAR":
		p = part{kind: 's', content: ebcdic{text{}}, pad: spacesBehind{}}
	case word == "AMOUNT" && c.digits == 0:
		p = part{kind: 'x', content: signed{in(digits{})}}
		if contents == "binary" {
			p.content = signed{packedNumber}
		}
		return p, c, contents != "ebcdic" // the sign would be a character of EBCDIC
	case word == "ABINARY":
		p = part{kind: 'b', content: hexText{}}
	case word == "BINARY" && c.digits == 0:
		p = part{kind: 'b', content: in(hexText{})}
		if contents == "binary" {
			p.content = text{}
		}
	case word == "BINARY":
		p = part{kind: 'b', content: text{}}
	case word == "HEX" && contents == "binary":
		p = part{kind: 'b', content: text{}}
		if c.digits > 0 {
			c.unit = 2 // its length counts half bytes
		}
	default:
		return part{}, c, false
	}
	return p, c, true
}
