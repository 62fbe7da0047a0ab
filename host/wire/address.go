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

// Address reads as much of a frame as says whose message it is: the message type,
// fields 11 and 41, and where those begin. What is in the other fields may be broken
// all the same. Its error is Decode's.
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

func (d *Dialect) address(frame []byte, forms []Reading) (a Address, err error) {
	w := walk(d, frame, forms)
	defer w.rest()
	if err := w.open(); err != nil {
		return a, err
	}
	a.MTI = w.mti
	for number := w.fields.first(); number != 0 && number <= 41; number = w.fields.first() {
		if w.pass(number) {
			continue
		}
		_, c, err := w.next()
		if err != nil {
			return a, err
		}
		switch number {
		case 11:
			a.STAN = string(c.value)
		case 41:
			a.TID = string(c.value)
		}
	}
	return a, nil
}

// pass goes on behind a field whose content does not matter. One that others write in
// another form is read all the same: that it cannot be read is how that is known.
func (w *walker) pass(number int) bool {
	step := w.d.plan[number]
	if number == 11 || number == 41 || step == nil || w.d.others != nil && w.d.others[number] != nil {
		return false
	}
	size, err := step.extent(w.frame[w.off:])
	if err != nil {
		return false // and the walk says why
	}
	w.fields.Remove(number)
	w.off += size
	return true
}
