package keyboard

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// What an input device says (linux/input.h, linux/input-event-codes.h).
const (
	evSyn      = 0
	evKey      = 1
	synDropped = 3 // the kernel's buffer ran over

	keyTab        = 15
	keyEnter      = 28
	keyLeftCtrl   = 29
	keyLeftShift  = 42
	keyC          = 46
	keyRightShift = 54
	keyLeftAlt    = 56
	keySpace      = 57
	keypadEnter   = 96
	keyRightCtrl  = 97

	released = 0
	pressed  = 1 // 2 is a key that repeats
)

// eventSize is struct input_event's: two longs of time, a type, a code and a value.
const eventSize = 2*bits.UintSize/8 + 8

// rowCodes are the codes of the first key of each row of a Layout, whose others follow.
// ` and \ stand apart from their rows.
var rowCodes = []struct {
	first uint16
	count int
}{{2, 12}, {16, 12}, {30, 11}, {44, 10}}

const (
	keyGrave     = 41
	keyBackslash = 43
)

// keypad are the keys of the number block that type the same everywhere.
var keypad = map[uint16]rune{55: '*', 71: '7', 72: '8', 73: '9', 74: '-', 75: '4', 76: '5', 77: '6', 78: '+', 79: '1', 80: '2', 81: '3', 82: '0', 83: '.', 98: '/'}

// keyChars are the characters of a US keyboard's keys, without and with Shift.
var keyChars = usKeys()

func usKeys() map[uint16][2]rune {
	keys := map[uint16][2]rune{keySpace: {' ', ' '}, keyEnter: {'\r', '\r'}, keypadEnter: {'\r', '\r'}, keyTab: {'\t', '\t'}}
	for code, r := range keypad {
		keys[code] = [2]rune{r, r}
	}
	plain, shifted := []rune(layouts[0].plain), []rune(layouts[0].shifted)
	at := 0
	add := func(code uint16) {
		keys[code] = [2]rune{plain[at], shifted[at]}
		at++
	}
	add(keyGrave)
	for n, row := range rowCodes {
		for i := range row.count {
			add(row.first + uint16(i))
		}
		if n == 2 {
			add(keyBackslash)
		}
		at++ // the space between two rows
	}
	return keys
}

// events turns the bytes of an input device into characters of a US keyboard. Some
// readers type a character by its code: Alt held, and digits of the number block.
// Caps Lock is not looked at: a reader that minds it presses keys accordingly, and a
// line of lower case is read as what no stripe holds.
type events struct {
	held    []byte
	shift   [2]bool
	ctrl    bool
	alt     bool
	code    int  // typed while Alt is held
	dropped bool // events were lost since last looked at
	ctrlC   bool // Ctrl-C was pressed, which no reader does
}

// feed takes bytes, cut anywhere.
func (e *events) feed(b []byte) []Typed {
	e.held = append(e.held, b...)
	var out []Typed
	for len(e.held) >= eventSize {
		out = e.event(e.held[:eventSize], out)
		e.held = e.held[eventSize:]
	}
	return out
}

func (e *events) event(b []byte, out []Typed) []Typed {
	kind := binary.NativeEndian.Uint16(b[eventSize-8:])
	code := binary.NativeEndian.Uint16(b[eventSize-6:])
	value := binary.NativeEndian.Uint32(b[eventSize-4:])
	switch {
	case kind == evSyn && code == synDropped:
		e.dropped = true
	case kind == evKey && value <= pressed:
		out = e.key(code, value == pressed, eventTime(b), out)
	}
	return out
}

func eventTime(b []byte) time.Time {
	if bits.UintSize == 64 {
		return time.Unix(int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:]))*1000)
	}
	return time.Unix(int64(binary.NativeEndian.Uint32(b)), int64(binary.NativeEndian.Uint32(b[4:]))*1000)
}

func (e *events) key(code uint16, down bool, at time.Time, out []Typed) []Typed {
	switch code {
	case keyLeftShift:
		e.shift[0] = down
	case keyRightShift:
		e.shift[1] = down
	case keyLeftCtrl, keyRightCtrl:
		e.ctrl = down
	case keyLeftAlt:
		if e.alt = down; !down && e.code > 0 {
			out = append(out, Typed{rune(e.code & 0xFF), at})
		}
		e.code = 0
	default:
		if down {
			out = e.press(code, at, out)
		}
	}
	return out
}

func (e *events) press(code uint16, at time.Time, out []Typed) []Typed {
	digit := keypad[code]
	switch {
	case e.ctrl && code == keyC:
		e.ctrlC = true
	case e.alt && digit >= '0' && digit <= '9':
		e.code = (e.code*10 + int(digit-'0')) % 1000
	default:
		level := 0
		if e.shift[0] || e.shift[1] {
			level = 1
		}
		if r := keyChars[code][level]; r != 0 {
			out = append(out, Typed{r, at})
		}
	}
	return out
}
