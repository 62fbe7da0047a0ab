package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// mostAnswer is the longest answer to a question: an amount, or a PIN.
const mostAnswer = 16

// answer is a line typed at a terminal that shows nothing by itself, because a
// keyboard: reader may type a card there at any moment. It shows the keys of which
// answers are made, and nothing of a line that has others: that is a swipe.
type answer struct {
	text  []byte
	alien bool // something no answer has
}

// keyed waits for an answer, shown on the screen unless it is secret.
func (t *till) keyed(ctx context.Context, secret bool) (string, error) {
	var a answer
	for {
		p, err := t.typing().next(ctx, 0)
		if err != nil {
			return "", err
		}
		a.alien = a.alien || !answers(p.bytes)
		for i, key := range p.bytes {
			switch {
			case key == '\r', key == '\n':
				fmt.Fprintln(t.stderr)
				t.typing().left = piece{bytes: p.bytes[i+1:], at: p.at}
				if a.alien {
					return "", errNotAnAnswer
				}
				return strings.TrimSpace(string(a.text)), nil
			case key == endOfText:
				return "", io.EOF
			}
			if show := a.key(key); !secret {
				fmt.Fprint(t.stderr, show)
			}
		}
	}
}

// errNotAnAnswer is a card where an answer was wanted.
var errNotAnAnswer = errors.New("that was no answer: a card is swiped when the question is answered")

// answers reports whether a piece is made of what answers are made of, up to its end.
func answers(p []byte) bool {
	for _, key := range p {
		switch {
		case key == '\r', key == '\n':
			return true
		case key >= '0' && key <= '9', key == '.', key == 0x7F, key == '\b', key == endOfText:
		case strings.IndexByte("cCnN ", key) >= 0:
		default:
			return false
		}
	}
	return true
}

// key takes a key, and returns what the screen shows of it.
func (a *answer) key(key byte) string {
	switch {
	case a.alien:
		return ""
	case key == 0x7F, key == '\b':
		if len(a.text) == 0 {
			return ""
		}
		a.text = a.text[:len(a.text)-1]
		return "\b \b"
	case len(a.text) == mostAnswer:
		a.alien = true
		return ""
	}
	a.text = append(a.text, key)
	return string(key)
}
