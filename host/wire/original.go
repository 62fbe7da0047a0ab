package wire

import "fmt"

// Original identifies an earlier message. What is not known is empty.
type Original struct {
	MTI   MTI
	Batch string // n6
	STAN  string // n6
	Date  string // MMDD
	Time  string // hhmmss
}

// ParseOriginal61 reads field 61 of the UnionPay dialect: batch 6, STAN 6, date 4
// (61.1 to 61.3), of which the last may be left out.
func ParseOriginal61(digits string) (Original, error) {
	if len(digits) < 12 {
		return Original{}, fmt.Errorf("field 61 has %d digits: want batch (6), STAN (6) and maybe date (4)", len(digits))
	}
	o := Original{Batch: digits[:6], STAN: digits[6:12]}
	if len(digits) >= 16 {
		o.Date = digits[12:16]
	}
	return o, nil
}

// Field61 writes field 61.
func (o Original) Field61() string { return orZeros(o.Batch, 6) + orZeros(o.STAN, 6) + o.Date }

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
