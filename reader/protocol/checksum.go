package protocol

// lrc is the XOR of bytes: what manuals call LRC, BCC or CheckLRC.
func lrc(b []byte) byte {
	x := byte(0)
	for _, c := range b {
		x ^= c
	}
	return x
}

// crc16 is CRC-16 with the polynomial of CCITT, 1021h, most significant bit first:
// from 0 as ABECS 2.12 section 7.2 has it, from FFFFh as ViVOtech2 does.
func crc16(start uint16, b []byte) uint16 {
	for _, c := range b {
		start ^= uint16(c) << 8
		for range 8 {
			top := start & 0x8000
			start <<= 1
			if top != 0 {
				start ^= 0x1021
			}
		}
	}
	return start
}
