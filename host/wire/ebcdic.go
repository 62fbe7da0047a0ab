package wire

import (
	"sync"

	"github.com/moov-io/iso8583/encoding"
	"golang.org/x/text/encoding/charmap"
)

// ebcdic is characters of IBM code page 1047, which mainframes send; content says
// what the characters are.
type ebcdic struct{ content encoding.Encoder }

// Every byte of code page 1047 is one of Latin-1, and the other way round.
var ebcdicTables = sync.OnceValue(func() *struct{ from, to [256]byte } {
	t := new(struct{ from, to [256]byte })
	for i := range 256 {
		r := charmap.CodePage1047.DecodeByte(byte(i))
		t.from[i], t.to[byte(r)] = byte(r), byte(i)
	}
	return t
})

func fromEBCDIC(data []byte) []byte { return mapped(data, &ebcdicTables().from) }
func toEBCDIC(data []byte) []byte   { return mapped(data, &ebcdicTables().to) }

func mapped(data []byte, table *[256]byte) []byte {
	out := make([]byte, len(data))
	for i, b := range data {
		out[i] = table[b]
	}
	return out
}

func (e ebcdic) Encode(value []byte) ([]byte, error) {
	chars, err := e.content.Encode(value)
	if err != nil {
		return nil, err
	}
	return toEBCDIC(chars), nil
}

func (e ebcdic) Decode(data []byte, n int) ([]byte, int, error) {
	size := n
	if _, pairs := e.content.(hexText); pairs {
		size = 2 * n
	}
	chars, err := take(data, size)
	if err != nil {
		return nil, 0, err
	}
	return e.content.Decode(fromEBCDIC(chars), n)
}
