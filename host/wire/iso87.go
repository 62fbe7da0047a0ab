package wire

import (
	"sync"

	"github.com/moov-io/iso8583/prefix"
)

// ISO87ASCII returns the dialect iso87ascii, ISO 8583:1987 in characters, what
// jPOS calls ISO87A: MTI 4 digits, each bitmap 16 hexadecimal digits, lengths in
// decimal digits, bytes as hexadecimal digits that the length counts.
func ISO87ASCII() *Dialect { return iso87ASCII() }

// ISO87BCD returns the dialect iso87bcd, ISO 8583:1987 packed, what jPOS calls
// ISO87B: MTI, numbers and lengths BCD, bitmaps and binary fields bytes. A number
// of fixed length is right-aligned, one of varying length left-aligned.
func ISO87BCD() *Dialect { return iso87BCD() }

var (
	iso87ASCII = sync.OnceValue(func() *Dialect {
		return newDialect("iso87ascii", iso87, iso87Kinds, coding{
			digits: digits{}, bits: hexText{}, content: inCharacters, length: characterLength,
		})
	})
	// iso87Mixed is iso87ascii with its bitmaps and binary fields in bytes, which jPOS
	// calls ISO87A with a binary bitmap (ISO87APackagerBBitmap). Auto knows it.
	iso87Mixed = sync.OnceValue(func() *Dialect {
		return newDialect("iso87ascii", iso87, iso87Kinds, coding{
			digits: digits{}, bits: text{}, content: mixed, length: mixedLength,
		})
	})
	iso87BCD = sync.OnceValue(func() *Dialect {
		return newDialect("iso87bcd", iso87, iso87Kinds, coding{
			digits: bcd{right: true}, bits: text{}, content: packed, length: packedLength,
		})
	})
)

// inCharacters is how the ASCII dialect writes a field's content.
func inCharacters(r row) coder {
	switch r.kind {
	case 'n':
		return digits{}
	case 'x':
		return signed{digits{}}
	case 'b':
		return hexText{}
	}
	return text{}
}

func characterLength(r row) prefix.Prefixer {
	switch {
	case r.vary == 0:
		return fixed{}
	case r.kind == 'b':
		return counted{digits: r.vary, unit: 2}
	}
	return counted{digits: r.vary, unit: 1}
}

// mixed is inCharacters with bytes as they are.
func mixed(r row) coder {
	if r.kind == 'b' {
		return text{}
	}
	return inCharacters(r)
}

func mixedLength(r row) prefix.Prefixer {
	if r.vary == 0 {
		return fixed{}
	}
	return counted{digits: r.vary, unit: 1}
}

// packed is how ISO87B writes a field's content. Track 3 goes as characters
// there: jPOS has it as IFB_LLLCHAR.
func packed(r row) coder {
	switch {
	case r.kind == 'n':
		return bcd{right: r.vary == 0, of: packedIn(r.vary > 0)}
	case r.kind == 'x':
		return signed{bcd{right: true}}
	case r.kind == 'z' && r.vary == 2:
		return bcd{of: trackData}
	}
	return text{}
}

func packedLength(r row) prefix.Prefixer {
	if r.vary == 0 {
		return fixed{}
	}
	return counted{digits: r.vary, as: packedDigits, unit: 1}
}
