package recording

import (
	"errors"
	"io"
	"strings"

	"possim/reader/magstripe"
)

// OpenBits is OpenFlux for a bits file.
func OpenBits(name string, r io.Reader, track int) (*Reader, error) {
	swipes, err := readText(name, r, track, bits)
	if err != nil {
		return nil, err
	}
	return &Reader{decode: func() []magstripe.Report {
		var reports []magstripe.Report
		for _, s := range swipes {
			reports = append(reports, magstripe.DecodeBitLists(s.lists, s.tracks))
		}
		return reports
	}}, nil
}

// bits reads one field of a bits file. Its errors do not quote it: it is a card.
func bits(field string) ([]byte, error) {
	if hex, ok := strings.CutPrefix(strings.ToLower(field), "0x"); ok {
		return hexBits(hex)
	}
	out := make([]byte, len(field))
	for i := range len(field) {
		if out[i] = field[i] - '0'; out[i] > 1 {
			return nil, atOffset{i, errors.New("want 0 and 1, or hexadecimal digits behind 0x")}
		}
	}
	return out, nil
}

func hexBits(hex string) ([]byte, error) {
	var out []byte
	for i := range len(hex) {
		v := strings.IndexByte("0123456789abcdef", hex[i])
		if v < 0 {
			return nil, atOffset{i + 2, errors.New("want hexadecimal digits behind 0x")}
		}
		out = append(out, byte(v>>3&1), byte(v>>2&1), byte(v>>1&1), byte(v&1))
	}
	if len(out) == 0 {
		return nil, errors.New("no digits behind 0x")
	}
	return out, nil
}
