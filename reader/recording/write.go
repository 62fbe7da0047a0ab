package recording

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// WriteWAV writes samples of full scale 1 as 16-bit PCM. Shorter channels end in
// silence; what is louder than full scale is clipped.
func WriteWAV(w io.Writer, a Audio) error {
	const bytes = 2
	length := 0
	for _, c := range a.Channels {
		length = max(length, len(c))
	}
	frame := len(a.Channels) * bytes
	if frame == 0 || len(a.Channels) > maxChannels || a.Rate < minRate || a.Rate > maxRate {
		return fmt.Errorf("a WAV of %d channels at %d samples a second cannot be written: want 1 to %d at %d to %d",
			len(a.Channels), a.Rate, maxChannels, minRate, maxRate)
	}
	size := length * frame
	if size > maxBytes-44 {
		return fmt.Errorf("a WAV of %d bytes is more than can be read again: record less", size)
	}
	le := binary.LittleEndian
	h := append(make([]byte, 0, 44), "RIFF"...)
	h = le.AppendUint32(h, uint32(36+size))
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, tagPCM)
	h = le.AppendUint16(h, uint16(len(a.Channels)))
	h = le.AppendUint32(h, uint32(a.Rate))
	h = le.AppendUint32(h, uint32(a.Rate*frame))
	h = le.AppendUint16(h, uint16(frame))
	h = le.AppendUint16(h, 8*bytes)
	h = append(h, "data"...)
	h = le.AppendUint32(h, uint32(size))
	out := bufio.NewWriter(w)
	out.Write(h) // bufio keeps the first error for Flush
	var sample [bytes]byte
	for i := range length {
		for _, c := range a.Channels {
			v := 0.0
			if i < len(c) {
				v = math.Round(max(-1, min(1, c[i])) * 32767)
			}
			le.PutUint16(sample[:], uint16(int16(v)))
			out.Write(sample[:])
		}
	}
	return out.Flush()
}
