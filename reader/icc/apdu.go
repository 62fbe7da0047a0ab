package icc

// command is a command APDU taken apart (ISO/IEC 7816-3, 12.1), short lengths only, as
// EMV has them.
type command struct {
	cla, ins, p1, p2 byte
	data             []byte
	le               int    // 1 to 256; -1 when the terminal left it out
	raw              []byte // up to and with the data
}

// parseCommand takes the four cases: nothing, Le, data, data and Le. An extended or a
// wrong length is not ok.
func parseCommand(b []byte) (c command, good bool) {
	if len(b) < 4 {
		return c, false
	}
	c = command{cla: b[0], ins: b[1], p1: b[2], p2: b[3], le: -1, raw: b}
	switch {
	case len(b) == 4:
		return c, true
	case len(b) == 5:
		c.le, c.raw = expected(b[4]), b[:4]
		return c, true
	}
	lc := int(b[4])
	switch {
	case lc == 0:
		return c, false
	case len(b) == 5+lc:
	case len(b) == 6+lc:
		c.le = expected(b[5+lc])
	default:
		return c, false
	}
	c.raw = b[:5+lc]
	c.data = c.raw[5:]
	return c, true
}

// expected reads Le, of which 00 stands for 256.
func expected(le byte) int {
	if le == 0 {
		return 256
	}
	return int(le)
}

// p1p2 returns both parameters as one number.
func (c command) p1p2() uint16 { return uint16(c.p1)<<8 | uint16(c.p2) }
