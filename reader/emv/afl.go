package emv

import "fmt"

// AFL is an Application File Locator (94): the records to read, and how many of each
// group take part in offline data authentication (EMV Book 3, 10.2).
type AFL []AFLEntry

// AFLEntry is a group of records of one file.
type AFLEntry struct {
	SFI         int // 1 to 30
	First, Last int // 1 to 255
	Signed      int // records from First on that are authenticated offline
}

// ParseAFL takes the value of 94. The problems that make a terminal terminate are
// errors: a length that is no multiple of four, an SFI of 0 or 31, a first record of
// 0, a last before the first, more signed records than there are.
func ParseAFL(b []byte) (AFL, error) {
	if len(b) == 0 || len(b)%4 != 0 {
		return nil, fmt.Errorf("AFL: %d bytes; want four a group, one group at least", len(b))
	}
	var a AFL
	for i := 0; i < len(b); i += 4 {
		e := AFLEntry{int(b[i] >> 3), int(b[i+1]), int(b[i+2]), int(b[i+3])}
		switch {
		case e.SFI == 0 || e.SFI == 31 || b[i]&7 != 0:
			return nil, fmt.Errorf("AFL group %d: file %02X; want an SFI of 1 to 30 in its high five bits", i/4+1, b[i])
		case e.First == 0 || e.Last < e.First:
			return nil, fmt.Errorf("AFL group %d: records %d to %d", i/4+1, e.First, e.Last)
		case e.Signed > e.Last-e.First+1:
			return nil, fmt.Errorf("AFL group %d: %d signed records of %d", i/4+1, e.Signed, e.Last-e.First+1)
		}
		a = append(a, e)
	}
	return a, nil
}

// Bytes returns the value of 94.
func (a AFL) Bytes() []byte {
	var b []byte
	for _, e := range a {
		b = append(b, byte(e.SFI<<3), byte(e.First), byte(e.Last), byte(e.Signed))
	}
	return b
}
