package wire

import (
	"fmt"

	"github.com/moov-io/iso8583/prefix"
)

// These are moov prefix.Prefixer values: how a field says how long it is. moov's
// own BCD lengths cost as its BCD does, and its ASCII lengths let "+07" pass.
var (
	_ prefix.Prefixer = fixed{}
	_ prefix.Prefixer = counted{}
)

// fixed fields have one length and do not say it.
type fixed struct{}

func (fixed) EncodeLength(size, n int) ([]byte, error) {
	if n != size {
		return nil, fmt.Errorf("it is %d long, and the field is always %d", n, size)
	}
	return nil, nil
}

func (fixed) DecodeLength(size int, _ []byte) (int, int, error) { return size, 0, nil }

func (fixed) Inspect() string { return "Binary.Fixed" }

// counted is two or three decimal digits before the content, LLVAR or LLLVAR.
type counted struct {
	digits int  // 2 or 3
	packed bool // BCD, LLL in two bytes; otherwise ASCII
	unit   int  // characters that one unit of content counts for: 2 for bytes sent as hex, otherwise 1
}

// The digits of all lengths, made once: a length is written several times a message.
var asciiLengths, bcdLengths = lengthTables()

func lengthTables() (ascii [1000][3]byte, packed [1000][2]byte) {
	for n := range ascii {
		h, t, u := byte(n/100), byte(n/10%10), byte(n%10)
		ascii[n] = [3]byte{'0' + h, '0' + t, '0' + u}
		packed[n] = [2]byte{h, t<<4 | u}
	}
	return ascii, packed
}

func (c counted) EncodeLength(most, n int) ([]byte, error) {
	if n > most {
		return nil, fmt.Errorf("it is %d long, and the field holds at most %d", n, most)
	}
	n *= c.unit
	if c.packed {
		return bcdLengths[n][3-c.digits:][:c.bytes()], nil
	}
	return asciiLengths[n][3-c.digits:], nil
}

// bytes is the size of the length itself.
func (c counted) bytes() int {
	if c.packed {
		return (c.digits + 1) / 2
	}
	return c.digits
}

func (c counted) DecodeLength(most int, data []byte) (int, int, error) {
	said, err := take(data, c.bytes())
	if err != nil {
		return 0, 0, err
	}
	n := 0
	for _, b := range said {
		scale, value := 10, int(b-'0')
		if c.packed {
			scale, value = 100, int(b>>4)*10+int(b&0xF)
		}
		if c.packed && (b>>4 > 9 || b&0xF > 9) || !c.packed && (b < '0' || b > '9') {
			return 0, 0, fmt.Errorf("its length %X is not a decimal number", said)
		}
		n = n*scale + value
	}
	if n%c.unit != 0 {
		return 0, 0, fmt.Errorf("its length %d is odd, and hexadecimal digits come in pairs", n)
	}
	if n /= c.unit; n > most {
		return 0, 0, fmt.Errorf("it says that it is %d long, and the field holds at most %d", n, most)
	}
	return n, len(said), nil
}

func (c counted) Inspect() string {
	coding := "ASCII"
	if c.packed {
		coding = "BCD"
	}
	return coding + "." + "LLL"[:c.digits]
}
