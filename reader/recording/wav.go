package recording

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Audio is sound in memory: samples of full scale 1, channel by channel.
type Audio struct {
	Rate     int // samples a second
	Channels [][]float64
}

// FormatError says where a file is not what it should be.
type FormatError struct {
	Name    string // of the file
	Offset  int    // of the byte
	Problem string
}

// Error returns file, byte and problem.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: byte %d: %s", e.Name, e.Offset, e.Problem)
}

// The limits of what is taken for a recording of a card.
const (
	maxBytes    = 1 << 30
	maxChannels = 32
	minRate     = 4000
	maxRate     = 1 << 20
)

// Format tags (RFC 2361).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagExtensible = 0xFFFE // the tag proper stands in the SubFormat GUID
)

// ReadWAV reads a RIFF WAVE file: PCM of 8 to 32 bits or IEEE float. Chunks it does
// not know are skipped. Where the data chunk's size is none (0 or 0xFFFFFFFF, as
// programs write that stream) or more than there is, all that follows is data.
func ReadWAV(name string, r io.Reader) (Audio, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return Audio{}, fmt.Errorf("%s: %w", name, err)
	}
	w := wav{name: name, b: b}
	if len(b) > maxBytes {
		return Audio{}, w.wrong(maxBytes, "the file goes on after 1 GiB: cut it to the swipes")
	}
	if len(b) < 12 || string(b[:4]) != "RIFF" && string(b[:4]) != "RF64" || string(b[8:12]) != "WAVE" {
		return Audio{}, w.wrong(0, "not a WAV file: it does not start with RIFF and WAVE")
	}
	if err := w.chunks(); err != nil {
		return Audio{}, err
	}
	return w.audio()
}

// wav is a file being read.
type wav struct {
	name string
	b    []byte

	tag      uint16
	channels int
	rate     int
	bytes    int // of a sample
	format   int // offset of the fmt chunk, 0 before it was seen
	data     []byte
	at       int // offset of data, 0 before it was seen
}

func (w *wav) wrong(offset int, format string, args ...any) error {
	return &FormatError{w.name, offset, fmt.Sprintf(format, args...)}
}

// chunks walks through the file until it has seen format and data.
func (w *wav) chunks() error {
	for at := 12; at+8 <= len(w.b) && (w.format == 0 || w.at == 0); {
		id, size := string(w.b[at:at+4]), int(binary.LittleEndian.Uint32(w.b[at+4:]))
		body := w.b[at+8:]
		switch {
		case id == "data":
			if size > len(body) || size == 0 && !chunkID(body) {
				size = len(body) // a streamed or a cut file
			}
			w.data, w.at = body[:size], at+8
		case size > len(body):
			return w.wrong(at, "chunk %q of %d bytes, but the file ends %d bytes behind its header", id, size, len(body))
		case id == "fmt ":
			if err := w.readFormat(at, body[:size]); err != nil {
				return err
			}
		}
		at += 8 + size
		if size%2 == 1 && (!chunkID(w.b[at:]) || chunkID(w.b[at+1:])) {
			at++ // the pad byte, which some programs forget
		}
	}
	return nil
}

// chunkID reports whether b starts as a chunk does, with four printable characters.
func chunkID(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	for _, c := range b[:4] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (w *wav) readFormat(at int, b []byte) error {
	if len(b) < 16 {
		return w.wrong(at, "fmt chunk of %d bytes, it needs 16", len(b))
	}
	le := binary.LittleEndian
	w.format = at
	w.tag = le.Uint16(b)
	w.channels = int(le.Uint16(b[2:]))
	w.rate = int(le.Uint32(b[4:]))
	block, bits := int(le.Uint16(b[12:])), int(le.Uint16(b[14:]))
	if w.tag == tagExtensible {
		if len(b) < 26 {
			return w.wrong(at, "extensible fmt chunk of %d bytes, it needs 40", len(b))
		}
		w.tag = le.Uint16(b[24:])
	}
	if w.channels < 1 || w.channels > maxChannels {
		return w.wrong(at+10, "%d channels, want 1 to %d", w.channels, maxChannels)
	}
	if w.rate < minRate || w.rate > maxRate {
		return w.wrong(at+12, "%d samples a second, want %d to %d", w.rate, minRate, maxRate)
	}
	// Samples of an odd number of bits stand left-aligned in whole bytes.
	w.bytes = (bits + 7) / 8
	if block > 0 && block%w.channels == 0 && block/w.channels > w.bytes {
		w.bytes = block / w.channels
	}
	if w.decoder() == nil {
		return w.wrong(at+8, "format %#04x with %d bits a sample; PCM of 8 to 32 bits and IEEE float are understood: convert it to 16-bit PCM", w.tag, bits)
	}
	return nil
}

// decoder returns what turns the bytes of a sample into a number, or nil.
func (w *wav) decoder() func(b []byte) float64 {
	le := binary.LittleEndian
	switch [2]int{int(w.tag), w.bytes} {
	case [2]int{tagPCM, 1}:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case [2]int{tagPCM, 2}:
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) / (1 << 15) }
	case [2]int{tagPCM, 3}:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case [2]int{tagPCM, 4}:
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) / (1 << 31) }
	case [2]int{tagFloat, 4}:
		return func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case [2]int{tagFloat, 8}:
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	}
	return nil
}

// loudest is the largest sample that can be computed with; a float file is
// meant to hold -1 to 1, and some hold 16-bit numbers.
const loudest = 1e6

// audio decodes the data. A frame that the file cuts off is left out.
func (w *wav) audio() (Audio, error) {
	if w.format == 0 {
		return Audio{}, w.wrong(len(w.b), "no fmt chunk")
	}
	if w.at == 0 {
		return Audio{}, w.wrong(len(w.b), "no data chunk")
	}
	frame := w.bytes * w.channels
	n := len(w.data) / frame
	if n == 0 {
		return Audio{}, w.wrong(w.at, "no samples")
	}
	decode := w.decoder()
	a := Audio{Rate: w.rate, Channels: make([][]float64, w.channels)}
	for c := range a.Channels {
		samples := make([]float64, n)
		for i := range samples {
			at := i*frame + c*w.bytes
			samples[i] = decode(w.data[at:])
			if !(math.Abs(samples[i]) <= loudest) { // true of what is no number, too
				return Audio{}, w.wrong(w.at+at, "sample %d is %v: a float sample is a number, about -1 to 1", i, samples[i])
			}
		}
		a.Channels[c] = samples
	}
	return a, nil
}
