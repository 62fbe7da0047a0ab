package wire

// Salvage fills m with what can be read of a frame that Decode refused, past the
// fields whose content is wrong but whose extent is known: enough to say whose
// message it was and to answer it with a format error. What it fills in is not to
// be acted upon.
func (d *Dialect) Salvage(frame []byte, m *Message) {
	*m = Message{}
	w := walker{d: d, frame: frame}
	if w.prelude(m) != nil {
		return
	}
	mac := macField(w.fields)
	for {
		number, c, err := w.next()
		if number == 0 {
			return
		}
		if err != nil && !w.skip(number) {
			return
		}
		if err == nil {
			_ = m.set(number, mac, c.value) // a value that does not fit is left out, as its field is
		}
	}
}

// skip passes over a field whose content is wrong; false where its extent is not
// known or lies beyond the frame.
func (w *walker) skip(number int) bool {
	step, _ := w.step(number)
	if step == nil {
		return false
	}
	size, err := step.extent(w.frame[w.off:])
	if err != nil {
		return false
	}
	w.fields.Remove(number)
	w.off += size
	return true
}
