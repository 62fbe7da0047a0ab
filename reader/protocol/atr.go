package protocol

// atr is what an Answer To Reset says of the transmission (ISO/IEC 7816-3, 8.2).
type atr struct {
	inverse  bool
	protocol byte // the first that is offered: 0 is T=0, 1 is T=1
	fidi     byte // Fi and Di in force without a negotiation
	guard    byte // TC1
	wi       byte // TC2, waiting time of T=0
	ifsc     byte // TA3, what the card takes in one block of T=1
	waits    byte // TB3, waiting times of T=1
}

// parseATR reads an ATR as far as it goes; what is missing has its default.
func parseATR(b []byte) atr {
	a := atr{fidi: 0x11, wi: 10, ifsc: 32, waits: 0x4D}
	if len(b) < 2 {
		return a
	}
	a.inverse = b[0] == 0x3F
	y, at := b[1]>>4, 2
	var protocol byte
	for level := 1; y != 0; level++ {
		var group [4]byte // TA TB TC TD
		for i := range group {
			if y>>i&1 == 0 {
				continue
			}
			if at >= len(b) {
				return a
			}
			group[i], at = b[at], at+1
		}
		a.take(level, protocol, y, group)
		if y>>3&1 == 0 {
			break
		}
		y, protocol = group[3]>>4, group[3]&0x0F
		if level == 1 {
			a.protocol = protocol
		}
	}
	return a
}

// take reads the interface bytes of one level; y says which of them there are.
func (a *atr) take(level int, protocol, y byte, group [4]byte) {
	has := func(i int) bool { return y>>i&1 == 1 }
	switch {
	case level == 1 && has(2):
		a.guard = group[2]
	case level == 2 && has(2):
		a.wi = group[2]
	case level >= 3 && protocol == 1:
		if has(0) && group[0] > 0 && group[0] <= t1Max {
			a.ifsc = group[0]
		}
		if has(1) {
			a.waits = group[1]
		}
	}
}

// parameters is the data of CCID's SetParameters for the card (CCID 1.1, 6.1.7).
func (a atr) parameters() []byte {
	coding := byte(0)
	if a.inverse {
		coding = 0x02
	}
	if a.protocol == 0 {
		return []byte{a.fidi, coding, a.guard, a.wi, 0}
	}
	return []byte{a.fidi, 0x10 | coding, a.guard, a.waits, 0, a.ifsc, 0}
}
