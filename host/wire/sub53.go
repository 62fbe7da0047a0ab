package wire

// Sub53 is what field 53 says, security control information (UnionPay): n16, of
// which the last 13 digits are zeros.
type Sub53 struct {
	PINFormat byte // 53.1: 0 no PIN, 1 format 0 without PAN, 2 format 0 with PAN
	Algorithm byte // 53.2: 0 single DES, 6 double length, 3 SM4 (one terminal maker's code, unconfirmed)
	Track     bool // 53.3: track data is enciphered
	rest      string
}

// ParseSub53 takes field 53 apart.
func ParseSub53(digits string) (Sub53, error) {
	c := cut(53, digits)
	s := Sub53{PINFormat: byte(c.number("PIN format", 1)), Algorithm: byte(c.number("algorithm", 1))}
	at := c.at
	track := c.number("track flag", 1)
	if track > 1 {
		c.fail("track flag", at, "want 0 or 1")
	}
	s.Track = track == 1
	if s.rest = c.digits("rest", 13); s.rest == zeros[:13] {
		s.rest = ""
	}
	if err := c.end(); err != nil {
		return Sub53{}, err
	}
	return s, nil
}

// String returns the digits of field 53.
func (s Sub53) String() string {
	digits := []byte{'0' + s.PINFormat%10, '0' + s.Algorithm%10, '0'}
	if s.Track {
		digits[2] = '1'
	}
	return string(digits) + orZeros(s.rest, 13)
}
