package main

import (
	"fmt"
	"strings"

	"possim/reader"
	"possim/reader/magstripe"
)

// withBits adds what a decoder made out of each track, whole or not. What may be shown
// of it magstripe.Characters says; x and * stand for the rest.
func (p presentation) withBits(of reader.Presentation, unsafe bool) presentation {
	swipe, ok := of.(*reader.Swipe)
	if !ok {
		return p
	}
	for i, t := range swipe.Tracks {
		if t.Bits == "" {
			continue
		}
		c := t.Bits.Characters(0) // which track a fragment is on was perhaps a guess
		key := fmt.Sprint(i + 1)
		read := p.Tracks[key]
		if unsafe {
			read.Bits, read.Characters = c.Unsafe()
		} else {
			read.Bits, read.Characters = c.Masked()
		}
		if at, broke := c.Broke(); broke {
			read.Broke = &at
		}
		read.step = step(c)
		p.Tracks[key] = read
	}
	return p
}

// step says of which bits the characters are made.
func step(c magstripe.Characters) string {
	n, width, from := c.Found()
	if n == 0 {
		return "no characters among them"
	}
	return fmt.Sprintf("%d characters of %d bits from bit %d on", n, width, from)
}

// printBits writes what withBits added below a track's line.
func (t trackRead) printBits() string {
	if t.Bits == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n    %d bits: %s", len(t.Bits), t.step)
	if t.Broke != nil {
		fmt.Fprintf(&b, "; it breaks off at bit %d", *t.Broke)
	}
	fmt.Fprintf(&b, "\n    %s", t.Bits)
	if t.Characters != "" {
		fmt.Fprintf(&b, "\n    %s", t.Characters)
	}
	return b.String()
}
