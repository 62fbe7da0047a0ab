package protocol

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

// GemPCKind is what a GemPC Twin sends.
type GemPCKind uint8

// What a GemPC Twin sends.
const (
	GemPCMessage  GemPCKind = iota // a CCID message
	GemPCNAK                       // the last frame is to be sent again
	GemPCInserted                  // a card was put in
	GemPCRemoved                   // and taken out
	GemPCTime                      // it needs more time
)

// GemPCEvent is one of them. Message is the CCID message of a GemPCMessage.
type GemPCEvent struct {
	Kind    GemPCKind
	Message []byte
}

// GemPC reads what a GemPC Twin sends, the serial smart-card reader. It is the frame
// alone: what the CCID messages mean is for who talks to the card. The reader echoes
// each command before it answers; the echo comes as a message like any other.
type GemPC struct {
	scanner scanner
	events  []GemPCEvent
}

// Feed takes the next bytes and returns what they completed.
func (g *GemPC) Feed(in []byte) []GemPCEvent {
	g.init()
	g.scanner.feed(in, g.take)
	return g.told()
}

// Flush gives up a frame that broke off.
func (g *GemPC) Flush() []GemPCEvent {
	g.init()
	g.scanner.flush(g.take)
	return g.told()
}

func (g *GemPC) init() {
	if g.scanner.split == nil {
		g.scanner = scanner{limit: gemMax + 3, split: splitGemPC}
	}
}

func (g *GemPC) told() []GemPCEvent {
	e := g.events
	g.events = nil
	return e
}

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
	case b[1] == gemNAK:
		return splitChecked(b, 2)
	case b[1] != gemACK:
		return 1, false
	case len(b) < 2+gemHeader:
		return 0, false
	}
	n := uint32(b[3]) | uint32(b[4])<<8 | uint32(b[5])<<16 | uint32(b[6])<<24
	if n > gemMax-gemHeader {
		return 1, false
	}
	return splitChecked(b, 2+gemHeader+int(n))
}

// splitChecked wants the XOR of the first n bytes behind them.
func splitChecked(b []byte, n int) (int, bool) {
	switch {
	case len(b) <= n:
		return 0, false
	case lrc(b[:n]) != b[n]:
		return 1, false
	}
	return n + 1, true
}

func (g *GemPC) take(frame []byte) {
	e := GemPCEvent{Kind: GemPCTime}
	switch {
	case frame[0] == gemSlot && frame[1] == gemIn:
		e.Kind = GemPCInserted
	case frame[0] == gemSlot:
		e.Kind = GemPCRemoved
	case frame[0] == gemSync && frame[1] == gemNAK:
		e.Kind = GemPCNAK
	case frame[0] == gemSync:
		e.Kind, e.Message = GemPCMessage, append([]byte(nil), frame[2:len(frame)-1]...)
	}
	g.events = append(g.events, e)
}

// Encode appends the frame of an event, as the reader, or for a message or a NAK its
// client, sends it.
func (e GemPCEvent) Encode(dst []byte) []byte {
	var frame []byte
	switch e.Kind {
	case GemPCInserted:
		return append(dst, gemSlot, gemIn)
	case GemPCRemoved:
		return append(dst, gemSlot, gemOut)
	case GemPCTime:
		return append(dst, 0x80)
	case GemPCNAK:
		frame = []byte{gemSync, gemNAK}
	default:
		frame = append([]byte{gemSync, gemACK}, e.Message...)
	}
	return append(append(dst, frame...), lrc(frame))
}
