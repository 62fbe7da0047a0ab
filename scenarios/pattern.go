package scenarios

import (
	"strings"
)

// pattern is a text to compare with: as it is, contained (~), or bound ($name).
type pattern struct {
	text string
	mode byte // 0, '~' or '$'
}

func newPattern(s string) pattern {
	if len(s) > 1 && (s[0] == '~' || s[0] == '$') {
		return pattern{s[1:], s[0]}
	}
	return pattern{text: s}
}

// match compares; a $name takes what it meets first and must meet it again.
func (p pattern) match(got string, vars map[string]string) bool {
	switch p.mode {
	case '~':
		return strings.Contains(got, p.text)
	case '$':
		bound, known := vars[p.text]
		if !known && got != "" {
			vars[p.text] = got
		}
		return got != "" && (!known || bound == got)
	}
	return got == p.text
}

// String shows the pattern as written; a bound name with its value.
func (p pattern) String() string {
	if p.mode == 0 {
		return p.text
	}
	return string(p.mode) + p.text
}

// explain shows a bound name with its value.
func (p pattern) explain(vars map[string]string) string {
	if bound, known := vars[p.text]; p.mode == '$' && known {
		return p.String() + " (" + bound + ")"
	}
	return p.String()
}
