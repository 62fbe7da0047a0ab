package wire

// Carries reports whether the dialect has a field of that number: a terminal
// sends field 90 where there is one, and leaves it out of UnionPay's 64.
func (d *Dialect) Carries(number int) bool {
	_, ok := d.rows[number]
	return ok
}
