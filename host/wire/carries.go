package wire

// Carries reports whether the dialect has a field of that number: a terminal
// sends field 90 where there is one, and leaves it out of UnionPay's 64.
func (d *Dialect) Carries(number int) bool {
	_, ok := d.rows[number]
	return ok
}

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
