package wire

import "math/bits"

// Fields is a set of field numbers 1 to 128.
type Fields [2]uint64

// Has reports whether n is in the set.
func (f Fields) Has(n int) bool { return n >= 1 && n <= 128 && f[(n-1)/64]>>((n-1)%64)&1 == 1 }

// Add puts n into the set; numbers outside 1 to 128 are ignored.
func (f *Fields) Add(n int) {
	if n >= 1 && n <= 128 {
		f[(n-1)/64] |= 1 << ((n - 1) % 64)
	}
}

// Remove takes n out of the set.
func (f *Fields) Remove(n int) {
	if n >= 1 && n <= 128 {
		f[(n-1)/64] &^= 1 << ((n - 1) % 64)
	}
}

// first returns the smallest number in the set, 0 when it is empty.
func (f *Fields) first() int {
	if f[0] != 0 {
		return bits.TrailingZeros64(f[0]) + 1
	}
	if f[1] != 0 {
		return bits.TrailingZeros64(f[1]) + 65
	}
	return 0
}
