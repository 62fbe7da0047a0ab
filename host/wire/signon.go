package wire

// The text of field 62 in a sign-on.
const sequenceNo = "Sequence No"

// ParseSequence reads field 62 of a sign-on: "Sequence No", two digits of length,
// then the terminal's licence and serial numbers. Some acquirers want something
// else there; that is an error here and no reason to refuse the sign-on.
func ParseSequence(data []byte) (serial string, err error) {
	c := cut(62, string(data))
	if c.text("Sequence No", len(sequenceNo)) != sequenceNo {
		c.fail("Sequence No", 0, "another text")
	}
	serial = c.text("serial", int(c.number("length", 2)))
	if err := c.end(); err != nil {
		return "", err
	}
	return serial, nil
}

// Sequence62 writes field 62 of a sign-on.
func Sequence62(serial string) ([]byte, error) {
	p := paster{field: 62, out: []byte(sequenceNo)}
	p.number("length", int64(len(serial)), 2)
	p.out = append(p.out, serial...)
	text, err := p.end()
	if err != nil {
		return nil, err
	}
	return []byte(text), nil
}
