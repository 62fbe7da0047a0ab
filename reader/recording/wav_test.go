package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
)

// file builds RIFF files chunk by chunk.
type file struct{ b []byte }

func newFile() *file { return &file{[]byte("RIFF\x00\x00\x00\x00WAVE")} }

func (f *file) chunk(id string, size int, body ...byte) *file {
	f.b = append(f.b, id...)
	f.b = binary.LittleEndian.AppendUint32(f.b, uint32(size))
	f.b = append(f.b, body...)
	return f
}

func format(tag, channels, rate, bits int, more ...byte) []byte {
	le := binary.LittleEndian
	frame := channels * ((bits + 7) / 8)
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(bits))
	return append(b, more...)
}

// extensible is a WAVE_FORMAT_EXTENSIBLE format chunk: cbSize, valid bits, mask, GUID.
func extensible(sub, channels, rate, bits, valid int) []byte {
	le := binary.LittleEndian
	more := le.AppendUint16(nil, 22)
	more = le.AppendUint16(more, uint16(valid))
	more = le.AppendUint32(more, 3)
	more = le.AppendUint16(more, uint16(sub))
	more = append(more, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71)
	return format(tagExtensible, channels, rate, bits, more...)
}

func TestReadWAV(t *testing.T) {
	f32 := binary.LittleEndian.AppendUint32(nil, math.Float32bits(-0.5))
	f64 := binary.LittleEndian.AppendUint64(nil, math.Float64bits(-0.5))
	pcm16 := format(tagPCM, 1, 44100, 16)
	half := []byte{0, 0xC0} // -0.5
	for _, tt := range []struct {
		name string
		f    *file
		want []float64
	}{
		{"8 bits", newFile().chunk("fmt ", 16, format(tagPCM, 1, 22050, 8)...).chunk("data", 3, 64, 128, 255, 0), []float64{-0.5, 0, 127.0 / 128}},
		{"16 bits", newFile().chunk("fmt ", 16, pcm16...).chunk("data", 2, half...), []float64{-0.5}},
		{"24 bits", newFile().chunk("fmt ", 16, format(tagPCM, 1, 48000, 24)...).chunk("data", 3, 0, 0, 0xC0, 0), []float64{-0.5}},
		{"20 bits in 24", newFile().chunk("fmt ", 40, extensible(tagPCM, 1, 48000, 24, 20)...).chunk("data", 3, 0, 0, 0xC0, 0), []float64{-0.5}},
		{"32 bits", newFile().chunk("fmt ", 16, format(tagPCM, 1, 96000, 32)...).chunk("data", 4, 0, 0, 0, 0xC0), []float64{-0.5}},
		{"float 32", newFile().chunk("fmt ", 18, format(tagFloat, 1, 192000, 32, 0, 0)...).chunk("data", 4, f32...), []float64{-0.5}},
		{"float 64", newFile().chunk("fmt ", 18, format(tagFloat, 1, 192000, 64, 0, 0)...).chunk("data", 8, f64...), []float64{-0.5}},
		{"extensible float", newFile().chunk("fmt ", 40, extensible(tagFloat, 1, 44100, 32, 32)...).chunk("data", 4, f32...), []float64{-0.5}},
		{"odd chunk with pad", newFile().chunk("LIST", 3, 'a', 'b', 'c', 0).chunk("fmt ", 16, pcm16...).chunk("data", 2, half...), []float64{-0.5}},
		{"odd chunk without pad", newFile().chunk("junk", 3, 'a', 'b', 'c').chunk("fmt ", 16, pcm16...).chunk("data", 2, half...), []float64{-0.5}},
		{"bext and JUNK", newFile().chunk("bext", 4, 1, 2, 3, 4).chunk("JUNK", 0).chunk("fmt ", 16, pcm16...).chunk("fact", 4, 1, 0, 0, 0).chunk("data", 2, half...), []float64{-0.5}},
		{"format behind data", newFile().chunk("data", 2, half...).chunk("fmt ", 16, pcm16...), []float64{-0.5}},
		{"chunks behind data", newFile().chunk("fmt ", 16, pcm16...).chunk("data", 2, half...).chunk("LIST", 400), []float64{-0.5}},
		{"streamed, size 0", newFile().chunk("fmt ", 16, pcm16...).chunk("data", 0, append(half, half...)...), []float64{-0.5, -0.5}},
		{"streamed, size -1", newFile().chunk("fmt ", 16, pcm16...).chunk("data", -1, half...), []float64{-0.5}},
		{"cut off", newFile().chunk("fmt ", 16, pcm16...).chunk("data", 100, append(half, 7)...), []float64{-0.5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := ReadWAV("f.wav", bytes.NewReader(tt.f.b))
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Channels) != 1 || len(a.Channels[0]) != len(tt.want) {
				t.Fatalf("got %v, want %v", a.Channels, tt.want)
			}
			for i, want := range tt.want {
				if got := a.Channels[0][i]; got != want {
					t.Errorf("sample %d: %v, want %v", i, got, want)
				}
			}
		})
	}
}

func TestReadWAVErrors(t *testing.T) {
	pcm16 := format(tagPCM, 1, 44100, 16)
	for _, tt := range []struct {
		name   string
		f      *file
		offset int
		says   string
	}{
		{"empty", &file{}, 0, "not a WAV"},
		{"something else", &file{[]byte("ID3\x04 is an MP3 file")}, 0, "not a WAV"},
		{"nothing in it", newFile(), 12, "no fmt chunk"},
		{"no data", newFile().chunk("fmt ", 16, pcm16...), 36, "no data chunk"},
		{"a sample that is no number", newFile().chunk("fmt ", 16, format(tagFloat, 1, 44100, 32)...).chunk("data", 8, 0, 0, 0, 0, 0, 0, 0xC0, 0x7F), 48, "sample 1 is NaN"},
		{"an infinite sample", newFile().chunk("fmt ", 16, format(tagFloat, 1, 44100, 32)...).chunk("data", 4, 0, 0, 0x80, 0x7F), 44, "sample 0 is +Inf"},
		{"no samples", newFile().chunk("fmt ", 16, pcm16...).chunk("data", 0), 44, "no samples"},
		{"short format", newFile().chunk("fmt ", 4, 1, 2, 3, 4), 12, "needs 16"},
		{"chunk beyond the end", newFile().chunk("LIST", 100, 1, 2), 12, "ends 2 bytes"},
		{"no channels", newFile().chunk("fmt ", 16, format(tagPCM, 0, 44100, 16)...), 22, "0 channels"},
		{"no rate", newFile().chunk("fmt ", 16, format(tagPCM, 1, 0, 16)...), 24, "0 samples a second"},
		{"mu-law", newFile().chunk("fmt ", 16, format(7, 1, 8000, 8)...), 20, "0x0007"},
		{"40 bits", newFile().chunk("fmt ", 16, format(tagPCM, 1, 8000, 40)...), 20, "40 bits"},
		{"short extensible", newFile().chunk("fmt ", 16, format(tagExtensible, 1, 8000, 16)...), 12, "needs 40"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadWAV("f.wav", bytes.NewReader(tt.f.b))
			var wrong *FormatError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a FormatError", err)
			}
			if wrong.Offset != tt.offset || !strings.Contains(wrong.Problem, tt.says) || !strings.HasPrefix(err.Error(), "f.wav: byte ") {
				t.Errorf("got %v, want byte %d and %q", err, tt.offset, tt.says)
			}
		})
	}
}

func TestWriteWAV(t *testing.T) {
	a := Audio{Rate: 48000, Channels: [][]float64{{0, 0.5, -1, 2}, {0.25}}}
	var b bytes.Buffer
	if err := WriteWAV(&b, a); err != nil {
		t.Fatal(err)
	}
	if got, want := b.Len(), 44+16; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	if got := binary.LittleEndian.Uint32(b.Bytes()[4:]); int(got) != b.Len()-8 {
		t.Errorf("RIFF size %d of a file of %d bytes", got, b.Len())
	}
	got, err := ReadWAV("f.wav", &b)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{{0, 0.5, -1, 1}, {0.25, 0, 0, 0}}
	for c := range want {
		for i := range want[c] {
			if d := got.Channels[c][i] - want[c][i]; math.Abs(d) > 1e-4 {
				t.Errorf("channel %d, sample %d: off by %v", c, i, d)
			}
		}
	}
	if err := WriteWAV(&b, Audio{Rate: 48000}); err == nil {
		t.Error("a WAV of no channels was written")
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(newFile().chunk("fmt ", 16, format(tagPCM, 1, 44100, 16)...).chunk("data", 4, 1, 2, 3, 4).b)
	f.Add(newFile().chunk("LIST", 3, 1, 2, 3).chunk("fmt ", 40, extensible(tagFloat, 2, 8000, 32, 32)...).chunk("data", 0, make([]byte, 64)...).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<14 {
			return // a long recording of noise takes its time
		}
		a, err := ReadWAV("f.wav", bytes.NewReader(b))
		if err != nil {
			return
		}
		if len(a.Channels) == 0 || len(a.Channels[0]) == 0 {
			t.Fatal("neither samples nor an error")
		}
		r, err := Open("f.wav", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		drain(t, r)
	})
}
