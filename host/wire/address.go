package wire

// Address is what tells whose message a frame is, on a connection that carries many
// terminals. What the frame does not have is "".
type Address struct {
	MTI  MTI
	STAN string // 11
	TID  string // 41
}

// Answers reports whether a, an answer's address, is that of an answer to req: the
// message type that answers it, and the terminal and number as far as both have them.
func (a Address) Answers(req Address) bool {
	return a.MTI == req.MTI.Answer() && agree(a.TID, req.TID) && agree(a.STAN, req.STAN)
}

func agree(a, b string) bool { return a == b || a == "" || b == "" }

// Address reads as much of a frame as says whose message it is: the message type and
// the fields up to 41. The fields behind it may be broken all the same. Its error is
// Decode's.
func (d *Dialect) Address(frame []byte) (Address, error) {
	a, err := d.address(frame, nil)
	if err == nil || d.others == nil {
		return a, err
	}
	if forms := d.readings(frame); forms != nil {
		if a, err := d.address(frame, forms); err == nil {
			return a, nil
		}
	}
	return a, err
}

func (d *Dialect) address(frame []byte, forms []Reading) (Address, error) {
	var m Message
	w := walker{d: d, frame: frame, forms: forms}
	if err := w.prelude(&m); err != nil {
		return Address{}, err
	}
	for {
		start := w.off
		number, c, err := w.next()
		if number == 0 || number > 41 {
			break
		}
		if err == nil && (number == 11 || number == 41) {
			err = m.set(number, macField(w.fields), c.value)
		}
		if err != nil {
			w.off = start
			return Address{MTI: m.MTI, STAN: m.STAN}, err
		}
	}
	return Address{MTI: m.MTI, STAN: m.STAN, TID: m.TID}, nil
}
