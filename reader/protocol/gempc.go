package protocol

import "encoding/binary"

// The bytes of the GemPC Twin's serial protocol (LudovicRousseau/CCID,
// src/ccid_serial.c): frames of CCID, each with a check.
const (
	gemSync   = 0x03
	gemACK    = 0x06
	gemNAK    = 0x15
	gemSlot   = 0x50 // the next byte says whether there is a card
	gemOut    = 0x02
	gemIn     = 0x03
	gemHeader = 10  // of CCID, before its data
	gemMax    = 272 // of a CCID message: a short APDU with its answer
)

// The messages of CCID 1.1 that are used here, and what their eighth byte says.
const (
	ccidSetParameters   = 0x61
	ccidPowerOn         = 0x62
	ccidPowerOff        = 0x63
	ccidSlotStatus      = 0x65
	ccidEscape          = 0x6B
	ccidGetParameters   = 0x6C
	ccidResetParameters = 0x6D
	ccidXfrBlock        = 0x6F
	ccidAbort           = 0x72

	ccidData       = 0x80 // and from here on the reader's answers
	ccidStatus     = 0x81
	ccidParameters = 0x82
	ccidEscaped    = 0x83

	ccidInactive  = 0x01 // a card without power
	ccidAbsent    = 0x02
	ccidFailed    = 0x40
	ccidExtension = 0x80 // the card wants more time

	ccidMute        = 0xFE // of the ninth byte: the card does not answer
	ccidUnsupported = 0x00
	ccidBadLength   = 0x01
)

// ccidMessage builds a message: what stands in the three bytes behind the sequence
// number hangs on its kind.
func ccidMessage(kind, seq byte, three [3]byte, data []byte) []byte {
	m := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(data)))
	m = append(m, 0, seq)
	m = append(m, three[:]...)
	return append(m, data...)
}

// gemFrame frames a message.
func gemFrame(message []byte) []byte {
	f := append([]byte{gemSync, gemACK}, message...)
	return append(f, lrc(f))
}

// splitGemPC finds what a GemPC Twin sends: a frame, a movement of the card, or a byte
// that asks for time.
func splitGemPC(b []byte) (int, bool) {
	switch {
	case b[0] >= 0x80:
		return 1, true
	case b[0] != gemSync && b[0] != gemSlot:
		return 1, false
	case len(b) < 2:
		return 0, false
	case b[0] == gemSlot:
		if b[1] == gemOut || b[1] == gemIn {
			return 2, true
		}
		return 1, false
	}
	n, ok := splitGemFrame(b)
	if ok && lrc(b[:n]) != 0 {
		return 1, false
	}
	return n, ok
}

// splitGemFrame finds a frame, whatever its check.
func splitGemFrame(b []byte) (int, bool) {
	n := 3
	switch {
	case b[0] != gemSync:
		return 1, false
	case len(b) < 2:
		return 0, false
	case b[1] == gemNAK:
	case b[1] != gemACK:
		return 1, false
	case len(b) < 2+gemHeader:
		return 0, false
	default:
		size := binary.LittleEndian.Uint32(b[3:])
		if size > gemMax-gemHeader {
			return 1, false
		}
		n = 2 + gemHeader + int(size) + 1
	}
	if len(b) < n {
		return 0, false
	}
	return n, true
}
