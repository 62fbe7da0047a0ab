package protocol

import (
	"possim/reader"
	"possim/reader/magstripe"
)

// ASCIIFormat is how a reader of the plain ASCII protocol is set. The zero value
// is MagTek's factory setting, Rev A: tracks and CR.
type ASCIIFormat struct {
	STX    bool // before the message
	ESC    bool // before the first track
	NoCR   bool // leave out the CR after the last track
	LF     bool // after the CR
	ETX    bool // at the very end
	RevB   bool // a track without start sentinel is left out; Rev A sends E for it
	Track3 byte // its start sentinel, '+' unless set
}

// Encode appends the message for a swipe to dst. A swipe of which every track is
// blank makes such a reader say nothing, and Encode appends nothing.
func (f ASCIIFormat) Encode(dst []byte, s *reader.Swipe) []byte {
	var body []byte
	for i, t := range s.Tracks {
		data := "E"
		switch {
		case t.Status == magstripe.StatusBlank, t.Status == magstripe.StatusNoStart && f.RevB:
			continue
		case t.Status == magstripe.StatusOK:
			data = t.Data.Reveal()
		}
		body = append(body, f.sentinel(i))
		body = append(body, data...)
		body = append(body, es)
	}
	if body == nil {
		return dst
	}
	dst = appendIf(dst, f.STX, stx)
	dst = appendIf(dst, f.ESC, esc)
	dst = append(dst, body...)
	dst = appendIf(dst, !f.NoCR, cr)
	dst = appendIf(dst, f.LF, lf)
	return appendIf(dst, f.ETX, etx)
}

func (f ASCIIFormat) sentinel(i int) byte {
	if i == 2 && f.Track3 != 0 {
		return f.Track3
	}
	return "%;+"[i]
}

func appendIf(dst []byte, yes bool, b byte) []byte {
	if yes {
		return append(dst, b)
	}
	return dst
}
