package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/moov-io/iso8583/padding"
)

// FromMoovJSON makes a dialect of the JSON that the specification builder of
// moov-io/iso8583 writes. A Composite is read as the one field that it is outside.
func FromMoovJSON(r io.Reader) (*Dialect, []Problem, error) { return fromMoovJSON("moov", r) }

type moovSpec struct {
	Name   string               `json:"name"`
	Fields map[string]moovField `json:"fields"`
}

type moovField struct {
	Type              string               `json:"type"`
	Length            int                  `json:"length"`
	Description       string               `json:"description"`
	Enc               string               `json:"enc"`
	Prefix            string               `json:"prefix"`
	Padding           *moovPadding         `json:"padding"`
	Subfields         map[string]moovField `json:"subfields"`
	Bitmap            *moovField           `json:"bitmap"`
	Tag               json.RawMessage      `json:"tag"`
	DisableAutoExpand bool                 `json:"disableAutoExpand"`
}

type moovPadding struct {
	Type string          `json:"type"`
	Pad  json.RawMessage `json:"pad"`
}

// fill is the character: as a text, or by its number as older versions wrote it.
func (p *moovPadding) fill() (rune, bool) {
	var text string
	if json.Unmarshal(p.Pad, &text) == nil {
		runes := []rune(text)
		return append(runes, 0)[0], len(runes) == 1
	}
	var number rune
	err := json.Unmarshal(p.Pad, &number)
	return number, err == nil && number > 0
}

func fromMoovJSON(name string, r io.Reader) (*Dialect, []Problem, error) {
	var spec moovSpec
	if err := json.NewDecoder(r).Decode(&spec); err != nil {
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, nil, fmt.Errorf("byte %d: not JSON: %w", wrong.Offset, err)
		}
		return nil, nil, fmt.Errorf("not a specification of moov-io/iso8583: %w", err)
	}
	if name == "moov" && spec.Name != "" {
		name = spec.Name
	}
	f := newForeigner(name)
	for key, x := range spec.Fields {
		number, err := strconv.Atoi(strings.TrimPrefix(key, "Field"))
		if err != nil {
			f.leave(-1, key, "a key that is no field number")
			continue
		}
		f.moov(number, x)
	}
	return f.finish()
}

// class is what a problem calls a field.
func (x moovField) class() string { return x.Type + " " + x.Enc + " " + x.Prefix }

func (f *foreigner) moov(number int, x moovField) {
	if number == 1 {
		f.moovBitmap(x)
		return
	}
	p := part{number: number, class: x.class(), name: x.Description, most: x.Length}
	reason := p.moovLength(x)
	if reason == "" {
		reason = p.moovContent(x)
	}
	if reason != "" {
		f.leave(number, x.class(), "%s", reason)
		return
	}
	p.moovPad(x)
	if len(x.Subfields) > 0 {
		f.note(number, x.class(), "its subfields are taken as one content")
	}
	f.add(p)
}

func (f *foreigner) moovBitmap(x moovField) {
	switch x.Enc {
	case "Binary":
		f.dialect.bits = text{}
	case "HexToASCII", "hexEncoder":
		f.dialect.bits = hexText{}
	default:
		f.leave(1, x.class(), "no bitmap that is known: want an encoding Binary or HexToASCII")
		return
	}
	if x.DisableAutoExpand {
		f.note(1, x.class(), "bit 1 announces a second bitmap all the same")
	}
}

var moovLengths = map[string]lengthCoding{
	"ascii": asciiDigits, "bcd": packedDigits, "binary": binaryBytes, "ebcdic": ebcdicDigits, "hex": hexDigitsOf,
}

// moovLength maps a prefix: "ASCII.LL".
func (p *part) moovLength(x moovField) (reason string) {
	family, ls, _ := strings.Cut(x.Prefix, ".")
	if strings.EqualFold(ls, "Fixed") {
		p.length = fixed{}
		return ""
	}
	as, known := moovLengths[strings.ToLower(family)]
	if !known || len(ls) == 0 || len(ls) > 6 || strings.Trim(ls, "L") != "" {
		return "a prefix that is not known"
	}
	p.length = counted{digits: len(ls), as: as, unit: 1}
	return ""
}

// moovContent maps an encoding, with the type beside it.
func (p *part) moovContent(x moovField) (reason string) {
	p.kind = 's'
	switch x.Type {
	case "Numeric":
		p.kind = 'n'
	case "Binary", "Hex":
		p.kind = 'b'
	case "Track1", "Track2", "Track3":
		p.kind = 'z'
	case "Composite":
		return p.moovComposite(x)
	case "String":
	default:
		return "a type that is not known"
	}
	_, fixedLength := p.length.(fixed)
	plain := coder(text{})
	if p.kind == 'n' {
		plain = digits{}
	}
	switch x.Enc {
	case "ASCII", "asciiEncoder":
		p.content = plain
	case "EBCDIC1047":
		p.content = ebcdic{plain}
	case "BCD", "LBCD":
		if p.kind == 'b' {
			return "bytes as BCD"
		}
		packed := bcd{right: x.Enc == "BCD", of: packedIn(!fixedLength)}
		switch p.kind {
		case 's':
			p.kind = 'n'
		case 'z':
			packed.of = trackData
		}
		p.content = packed
	case "Binary":
		p.content = text{}
	case "HexToASCII", "hexEncoder":
		p.content, p.kind = hexText{}, 'b'
	case "ASCIIToHex":
		if !slices.Contains(bytesByNature, p.number) {
			return "characters packed as hexadecimal digits"
		}
		p.content, p.kind = text{}, 'b'
	case "EBCDIC":
		return "EBCDIC of code page 037: only 1047 (EBCDIC1047) is known"
	default:
		return "an encoding that is not known"
	}
	return ""
}

// moovComposite takes a composite as the bytes that it is, or as digits where all
// that is in it is digits.
func (p *part) moovComposite(x moovField) (reason string) {
	p.content = text{}
	if x.Bitmap != nil || len(x.Tag) > 0 && strings.Contains(string(x.Tag), `"enc"`) {
		p.kind = 'b'
		return ""
	}
	packedDigits := len(x.Subfields) > 0
	for _, sub := range x.Subfields {
		packedDigits = packedDigits && (sub.Enc == "BCD" || sub.Enc == "LBCD") && strings.HasSuffix(sub.Prefix, "Fixed") && sub.Length%2 == 0
		if sub.Enc != "ASCII" {
			p.kind = 'b'
		}
	}
	if packedDigits { // moov counts the bytes of a composite
		p.kind, p.content, p.most = 'n', bcd{}, 2*p.most
		if c, ok := p.length.(counted); ok {
			c.pairs = true
			p.length = c
		}
	}
	return ""
}

// moovPad maps a padding.
func (p *part) moovPad(x moovField) {
	if x.Padding == nil {
		return
	}
	fill, ok := x.Padding.fill()
	switch {
	case !ok:
	case strings.EqualFold(x.Padding.Type, "Left") && fill == '0':
		p.pad = zerosBefore{}
	case strings.EqualFold(x.Padding.Type, "Left"):
		p.pad = padding.Left(fill)
	case strings.EqualFold(x.Padding.Type, "Right"):
		p.pad = padding.Right(fill)
	}
}
