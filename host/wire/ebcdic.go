package wire

import (
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// ebcdic is characters of IBM code page 1047, which mainframes send; content says
// what the characters are.
type ebcdic struct{ content coder }

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

func (e ebcdic) Encode(value []byte) ([]byte, error)            { return encode(e, value) }
func (e ebcdic) Decode(data []byte, n int) ([]byte, int, error) { return decode(e, data, n) }

func (e ebcdic) size(n int) int { return e.content.size(n) }

func (e ebcdic) write(dst, value []byte) ([]byte, error) {
	out, err := e.content.write(dst, value)
	if err != nil {
		return dst, err
	}
	copy(out[len(dst):], toEBCDIC(out[len(dst):]))
	return out, nil
}

func (e ebcdic) read(dst, data []byte, n int) ([]byte, int, error) {
	chars, err := take(data, e.size(n))
	if err != nil {
		return dst, 0, err
	}
	return e.content.read(dst, fromEBCDIC(chars), n)
}
