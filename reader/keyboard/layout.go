package keyboard

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Names returns the layouts that ParseLayout knows.
func Names() []string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.Name)
	}
	return names
}

// ParseLayout finds a layout by its name.
func ParseLayout(name string) (*Layout, error) {
	for i := range layouts {
		if layouts[i].Name == name {
			return &layouts[i], nil
		}
	}
	return nil, fmt.Errorf("there is no layout %q: known are %s", name, strings.Join(Names(), ", "))
}

// ForLocale finds the layout that most machines with a POSIX locale have, de for
// de_AT.UTF-8; nil where there is no telling.
func ForLocale(locale string) *Layout {
	locale, _, _ = strings.Cut(locale, ".")
	language, country, _ := strings.Cut(locale, "_")
	for _, name := range []string{strings.ToLower(country) + "-" + language, strings.ToLower(country), language} {
		if l, err := ParseLayout(name); err == nil {
			return l
		}
	}
	return nil
}

// mapping says what a reader meant by each character that came.
type mapping struct {
	layout *Layout
	means  map[rune]rune
	dead   map[rune]bool // those after which a space says nothing
	caps   bool
}

// marks are the dead keys' accents as Unicode combines them.
var marks = map[rune]rune{'\u0300': '`', '\u0301': '´', '\u0302': '^', '\u0303': '~', '\u0308': '¨', '\u030a': '˚', '\u030c': 'ˇ'}

// console are the characters that the Linux console, and the Compose tables of X11,
// write for an accent alone where others write the accent.
var console = map[rune]rune{'´': '\'', '¨': '"'}

// undo maps the characters that a layout made of a US keyboard's keys back.
func undo(l *Layout, caps bool) *mapping {
	m := &mapping{layout: l, caps: caps, means: map[rune]rune{' ': ' '}, dead: map[rune]bool{}}
	us := &layouts[0]
	m.rows(l.plain, us.plain)
	m.rows(l.shifted, us.shifted)
	for _, d := range l.dead {
		if other, is := console[d]; is && !onStripe(m.means[other]) {
			m.means[other] = m.means[d]
		}
	}
	return m
}

// spell maps a US keyboard's characters to those that a reader meant which was told to
// type for another layout, where its keys come as they are.
func spell(l *Layout, caps bool) *mapping {
	m := &mapping{layout: l, caps: caps, means: map[rune]rune{' ': ' '}, dead: map[rune]bool{}}
	us := &layouts[0]
	m.rows(us.plain, l.plain)
	m.rows(us.shifted, l.shifted)
	for typed, meant := range m.means {
		m.dead[typed] = strings.ContainsRune(l.dead, meant)
	}
	return m
}

// rows pairs the keys of two layouts. The first key that gives a character has it.
func (m *mapping) rows(typed, meant string) {
	keys := []rune(meant)
	for i, r := range []rune(typed) {
		if m.caps && unicode.IsLetter(r) { // Caps Lock swaps what is a letter
			r = swapCase(r)
		}
		if _, has := m.means[r]; !has && r != ' ' {
			m.means[r] = keys[i]
		}
	}
}

func swapCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

// onStripe reports whether track 1 can hold it: the widest alphabet of a card.
func onStripe(r rune) bool { return r >= ' ' && r <= '_' }

// read gives the characters that were meant. What the layout cannot have made is a
// DEL, which is in no track's alphabet.
func (m *mapping) read(line []rune) []byte {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		r := line[i]
		out = append(out, m.meaning(r)...)
		if m.dead[r] && i+1 < len(line) && line[i+1] == ' ' {
			i++
		}
	}
	return out
}

func (m *mapping) meaning(r rune) []byte {
	if meant, ok := m.means[r]; ok {
		return narrow(meant)
	}
	return m.composed(r)
}

func narrow(r rune) []byte {
	if r > '~' {
		return []byte{0x7F}
	}
	return []byte{byte(r)}
}

// composed takes a character apart that a dead key and the next key became: ² of ^ and
// 2, as X11's Compose tables have it, Â of ^ and A.
func (m *mapping) composed(r rune) []byte {
	if i := strings.IndexRune("⁰¹²³⁴⁵⁶⁷⁸⁹", r); i >= 0 && strings.ContainsRune(m.layout.dead, '^') {
		digit := rune('0' + len([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹"[:i])))
		return append(m.meaning('^'), m.meaning(digit)...)
	}
	parts := []rune(norm.NFD.String(string(r)))
	if len(parts) == 2 && strings.ContainsRune(m.layout.dead, marks[parts[1]]) {
		if _, ok := m.means[parts[0]]; ok {
			return append(m.meaning(marks[parts[1]]), m.meaning(parts[0])...)
		}
	}
	return []byte{0x7F}
}
