package wire

import (
	"fmt"
	"time"
)

// Original identifies an earlier message. What is not known is empty.
type Original struct {
	MTI   MTI
	Batch string // n6
	STAN  string // n6
	Date  string // MMDD
	Time  string // hhmmss

	AuthMode    string // n2: how it was authorised
	Institution string // n11: who authorised it
}

// ParseOriginal61 reads field 61 of the UnionPay dialect: batch 6, STAN 6, date 4,
// authorisation mode 2 and institution 11 (61.1 to 61.5), of which the last three
// may be left out from the end.
func ParseOriginal61(digits string) (Original, error) {
	c := cut(61, digits)
	o := Original{Batch: c.digits("61.1 batch", 6), STAN: c.digits("61.2 STAN", 6)}
	if c.more() {
		at := c.at
		if o.Date = c.digits("61.3 date", 4); !monthAndDay(o.Date) {
			c.fail("61.3 date", at, "there is no such day")
		}
	}
	if c.more() {
		o.AuthMode = c.digits("61.4 authorisation mode", 2)
	}
	if c.more() { // n11, and shorter where an institution has fewer digits
		o.Institution = c.digits("61.5 institution", min(11, len(c.rest)))
	}
	if err := c.end(); err != nil {
		return Original{}, err
	}
	return o, nil
}

// monthAndDay reports whether MMDD is a day of some year, or zeros: not known.
func monthAndDay(mmdd string) bool {
	_, err := time.Parse("0102", mmdd) // of the year 0, a leap year
	return err == nil || mmdd == zeros[:4]
}

// Field61 writes field 61, up to the last part that is known.
func (o Original) Field61() string {
	s := orZeros(o.Batch, 6) + orZeros(o.STAN, 6)
	switch {
	case o.Institution != "":
		return s + orZeros(o.Date, 4) + orZeros(o.AuthMode, 2) + o.Institution
	case o.AuthMode != "":
		return s + orZeros(o.Date, 4) + o.AuthMode
	}
	return s + o.Date
}

// originalDataSize is MTI 4, STAN 6, transmission date and time 10, acquirer 11, forwarder 11.
const originalDataSize = 42

// ParseOriginal90 reads field 90, original data elements (ISO 8583:1987): MTI 4,
// STAN 6, date MMDD 4 and time hhmmss 6, acquirer 11, forwarder 11. Of these the
// institutions are left out: one acquirer is all there is here.
func ParseOriginal90(digits string) (Original, error) {
	if len(digits) != originalDataSize {
		return Original{}, fmt.Errorf("field 90 has %d digits: want %d", len(digits), originalDataSize)
	}
	return Original{MTI: MTI(digits[:4]), STAN: digits[4:10], Date: digits[10:14], Time: digits[14:20]}, nil
}

// Field90 writes field 90 with zeros for what is not known.
func (o Original) Field90() string {
	return orZeros(string(o.MTI), 4) + orZeros(o.STAN, 6) + orZeros(o.Date, 4) + orZeros(o.Time, 6) + zeros[:22]
}

const zeros = "0000000000000000000000"

func orZeros(digits string, size int) string {
	if digits == "" {
		return zeros[:size]
	}
	return digits
}

// Reversed returns what a reversal reverses: the message of field 90 where it is
// present, otherwise the one with the reversal's own STAN (RULES: repeats and
// reversals). The batch is that of 60.2 in either case.
func (m *Message) Reversed() (Original, error) {
	o := Original{Batch: m.Batch(), STAN: m.STAN}
	if m.OriginalData == "" {
		return o, nil
	}
	from90, err := ParseOriginal90(m.OriginalData)
	if err != nil {
		return Original{}, err
	}
	from90.Batch = o.Batch
	return from90, nil
}
