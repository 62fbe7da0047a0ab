package wire

import (
	"possim/host/money"
	"possim/reader/card"
)

// Message is one transaction message with named fields, the same in every
// dialect. Numbers and text are the characters of the field, without padding of
// the encoding (a fixed n6 field is always six digits); binary fields are bytes.
//
// A field is present when Has says so or when it is not its zero value: an
// amount of 0 that was sent must reach the rule that refuses it, so Decode marks
// everything it saw. What this struct does not name (Rest), and what an encoding
// may vary without changing meaning (TPDU, header, pad nibbles), survives Decode
// and Encode byte for byte.
type Message struct {
	TPDU   []byte // 5 bytes, or nil where the dialect has none
	Header []byte // 6 bytes, or nil
	MTI    MTI
	Has    Fields

	PAN            card.PAN       // 2
	ProcessingCode string         // 3, n6
	Amount         int64          // 4, minor units
	STAN           string         // 11, n6
	Time           string         // 12, hhmmss
	Date           string         // 13, MMDD
	Expiry         string         // 14, YYMM
	SettlementDate string         // 15, MMDD
	EntryMode      string         // 22, n3
	CardSequence   string         // 23, n3
	Condition      string         // 25, n2
	PINCapture     string         // 26, n2
	Acquirer       string         // 32
	Track2         card.TrackData // 35, with '=' as separator
	Track3         card.TrackData // 36
	RRN            string         // 37, an12
	AuthCode       string         // 38, an6
	Code           Code           // 39
	TID            string         // 41, ans8
	MID            string         // 42, ans15
	Additional     string         // 44
	Private48      string         // 48
	Currency       money.Currency // 49
	PINBlock       Secret         // 52
	Security       string         // 53, n16
	Balance        string         // 54
	Chip           []byte         // 55, BER-TLV
	QR             string         // 59
	Private60      string         // 60: 60.1 type, 60.2 batch, 60.3 network code, ...
	Original       string         // 61: batch, trace, date of the original
	Private62      []byte         // 62
	Private63      string         // 63
	MAC            []byte         // 64 (or 128)
	NetworkCode    string         // 70, n3
	OriginalData   string         // 90, n42: MTI, STAN, date and time, acquirer, forwarder of the original

	Rest []Field // fields without a name here, in order
	Pads []Pad   // pad nibbles that differ from the dialect's own, in order

	Readings []Reading // fields in another form than the dialect's own, in order
}

// Field is a field that Message does not name. Its value is like those it names,
// digits and text as characters and binary fields as bytes, so that it survives a
// change of dialect; what it means is unknown, so it is never printed.
type Field struct {
	Number int
	Value  Secret
}

// Pad is the half byte that fills an odd number of BCD digits, where it is not
// the one the dialect itself would write.
type Pad struct {
	Field  int
	Nibble byte
}
