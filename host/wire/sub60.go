package wire

// Sub60 is what field 60 says. A message may leave off any number of its last
// parts: 8, 11, 12 to 14 and 17 digits are all in use.
type Sub60 struct {
	Type           string // 60.1, n2: 22 purchase, 00 management
	Batch          string // 60.2, n6
	Network        string // 60.3, n3: 000 financial, 301 echo
	ReadCapability string // 60.4, n1: 2 stripe only, 5 contact chip, 6 contactless too
	ICCondition    string // 60.5, n1: 2 when the chip was tried and failed
	PartialDebit   string // 60.6, n1
	Account        string // 60.7, n3
}

// parts lists the parts and their sizes in order.
func (s *Sub60) parts() ([7]*string, [7]int) {
	return [7]*string{&s.Type, &s.Batch, &s.Network, &s.ReadCapability, &s.ICCondition, &s.PartialDebit, &s.Account},
		[7]int{2, 6, 3, 1, 1, 1, 3}
}

// ParseSub60 takes field 60 apart. A part that is cut off is left empty, and so is
// all that follows it.
func ParseSub60(digits string) Sub60 {
	var s Sub60
	cut := func(n int) (part string) {
		if len(digits) < n {
			digits = ""
			return ""
		}
		part, digits = digits[:n], digits[n:]
		return part
	}
	s.Type, s.Batch, s.Network = cut(2), cut(6), cut(3)
	s.ReadCapability, s.ICCondition, s.PartialDebit = cut(1), cut(1), cut(1)
	s.Account = cut(3)
	return s
}

// String returns the digits of field 60, up to the first part that is left out.
func (s Sub60) String() string {
	var room [17]byte
	digits := room[:0]
	parts, sizes := s.parts()
	for i, part := range parts {
		if len(*part) != sizes[i] {
			break
		}
		digits = append(digits, *part...)
	}
	return string(digits)
}

// Sub60 returns what m's field 60 says.
func (m *Message) Sub60() Sub60 { return ParseSub60(m.Private60) }

// Batch returns the batch number, 60.2, or "".
func (m *Message) Batch() string {
	if len(m.Private60) < 8 {
		return ""
	}
	return m.Private60[2:8]
}
