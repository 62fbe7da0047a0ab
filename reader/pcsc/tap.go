package pcsc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// contactless reports whether an ATR is one that a contactless reader makes up: 3B 8N 80
// 01, N historical bytes and their check (PC/SC part 3, 3.1.3.2.3). A contact card that
// offers T=0 and T=1 and nothing else in its ATR would look the same.
func contactless(atr []byte) bool {
	return len(atr) > 4 && atr[0] == 0x3B && atr[1]&0xF0 == 0x80 && atr[2] == 0x80 && atr[3] == 0x01 &&
		len(atr) == 5+int(atr[1]&0x0F)
}

// getUID is PC/SC's pseudo-APDU GET DATA for the UID: the reader answers it, not the card
// (PC/SC part 3, 3.2.2.1.3).
var getUID = []byte{0xFF, 0xCA, 0x00, 0x00, 0x00}

// uid asks the reader for the card's UID. A reader that does not say it gives none. A ctx
// that ends takes the card, however the answer went: nobody knows what it did.
func (c *connected) uid(ctx context.Context) ([]byte, error) {
	answer, err := c.Transmit(ctx, getUID)
	switch n := len(answer) - 2; {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrRemoved), errors.Is(err, ErrReset):
		return nil, err
	case err != nil || n < 4 || n > 10 || answer[n] != 0x90 || answer[n+1] != 0x00:
		return nil, nil
	default:
		return answer[:n:n], nil
	}
}

// storageName is where the ATR of a storage card says which: the historical bytes are a
// category of 80, an initial access data object 4F of 12 bytes, the RID of the PC/SC
// workgroup, the standard (SS), the card's name (NN NN) and four bytes kept for later.
var storageName = []byte{0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06}

// storageNames are the card names of PC/SC part 3's supplement, those met most.
var storageNames = map[uint16]string{
	0x0001: "MIFARE Classic 1K", 0x0002: "MIFARE Classic 4K", 0x0003: "MIFARE Ultralight", 0x0026: "MIFARE Mini",
	0x0036: "MIFARE Plus SL1 2K", 0x0037: "MIFARE Plus SL1 4K", 0x0038: "MIFARE Plus SL2 2K", 0x0039: "MIFARE Plus SL2 4K",
	0x003A: "MIFARE Ultralight C", 0x003B: "FeliCa", 0x0014: "ICODE SLI", 0x0030: "Topaz", 0x002F: "Jewel",
	0xF004: "Topaz or Jewel", 0xF011: "FeliCa 212K", 0xF012: "FeliCa 424K",
}

// storageStandards are the standards of a storage card's air interface (the SS byte).
var storageStandards = map[byte]string{
	0x01: "ISO/IEC 14443 A part 1", 0x02: "ISO/IEC 14443 A part 2", 0x03: "ISO/IEC 14443 A part 3",
	0x05: "ISO/IEC 14443 B part 1", 0x06: "ISO/IEC 14443 B part 2", 0x07: "ISO/IEC 14443 B part 3",
	0x09: "ISO/IEC 15693 part 1", 0x0A: "ISO/IEC 15693 part 2", 0x0B: "ISO/IEC 15693 part 3", 0x0C: "ISO/IEC 15693 part 4",
	0x11: "FeliCa",
}

// Storage reports whether an ATR is that of a card that only stores: one that knows no
// commands but the reader's pseudo-APDUs.
func Storage(atr []byte) bool {
	return contactless(atr) && bytes.HasPrefix(atr[4:], storageName) && len(atr) >= 4+len(storageName)+3
}

// CardType says what a contactless card is, as far as its ATR tells: which storage card,
// or that it is one with a processor. It is "" for a contact card. The names are from
// memory of PC/SC part 3's supplement.
func CardType(atr []byte) string {
	if !contactless(atr) {
		return ""
	}
	if !Storage(atr) {
		return "processor card (ISO/IEC 14443-4)"
	}
	rest := atr[4+len(storageName):]
	name := binary.BigEndian.Uint16(rest[1:])
	text := storageNames[name]
	if text == "" {
		text = fmt.Sprintf("storage card %04X", name)
	}
	if standard := storageStandards[rest[0]]; standard != "" {
		text += " (" + standard + ")"
	}
	return text
}
