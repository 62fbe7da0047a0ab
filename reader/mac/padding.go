package mac

// Padding fills data up to whole blocks before it is authenticated.
type Padding int

// The padding methods of ISO/IEC 9797-1, 6.3.
const (
	// Zeros appends as few zero bytes as it takes, none to whole blocks.
	Zeros Padding = 1
	// OneAndZeros appends 80 and then zeros; it always appends something
	// (ISO/IEC 7816-4, EMV Book 2 A1.2.1).
	OneAndZeros Padding = 2
	// LengthFirst appends zeros and puts the length in bits, as one block, in front.
	LengthFirst Padding = 3
)

// Pad returns a copy of data filled to a multiple of size. Empty data becomes one
// block under every method. A method this package does not know pads as Zeros.
func (p Padding) Pad(data []byte, size int) []byte {
	out := make([]byte, 0, len(data)+2*size)
	if p == LengthFirst {
		bits := uint64(len(data)) * 8
		for i := size - 1; i >= 0; i-- {
			var b byte
			if i < 8 {
				b = byte(bits >> (8 * i))
			}
			out = append(out, b)
		}
	}
	out = append(out, data...)
	if p == OneAndZeros {
		out = append(out, 0x80)
	}
	for len(out)%size != 0 || len(out) == 0 {
		out = append(out, 0)
	}
	return out
}
