package wire

// Carries reports whether the dialect can read and write a field of that number.
// UnionPay's own messages end at field 64; its dialect carries more, for acquirers
// whose messages do not.
func (d *Dialect) Carries(number int) bool {
	_, ok := d.rows[number]
	return ok
}

// Most returns how many digits, characters or bytes a field holds at most, 0 for one
// that the dialect does not carry.
func (d *Dialect) Most(number int) int { return d.rows[number].most }

// Fit takes out of m what somebody else's specification (Load) has no field for,
// so that what remains can be sent. The dialects of this package leave nothing
// out: there a field without a place is an error of whoever set it.
func (d *Dialect) Fit(m *Message) {
	if d.spec != nil { // ours
		return
	}
	fields := m.present()
	for number := fields.first(); number != 0; number = fields.first() {
		fields.Remove(number)
		if number != 1 && !d.Carries(number) {
			m.Clear(number)
		}
	}
}
