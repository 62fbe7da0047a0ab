package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frame on a stream is its length, two bytes big-endian that do not count
// themselves, and then the frame. A length of zero carries nothing: acquirers and
// balancers send it to keep a connection alive.
const (
	lengthSize = 2
	// MostBytes is the longest frame that two bytes of length can announce.
	MostBytes = 65535
	// UsualMost bounds a frame where the caller names no bound: four times what
	// the longest message of any dialect here needs.
	UsualMost = 8192
)

// Errors of the framing. After them the stream has no next frame.
var (
	ErrFrameTooLong = errors.New("the frame is too long")
	ErrCutOff       = errors.New("the stream ended inside a frame")
)

// AppendFrame appends frame with its length before it.
func AppendFrame(dst, frame []byte) ([]byte, error) {
	if len(frame) > MostBytes {
		return dst, fmt.Errorf("%w: %d bytes, and two bytes of length say at most %d", ErrFrameTooLong, len(frame), MostBytes)
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(frame))), frame...), nil
}

// WriteFrame writes one frame in one Write: in two it costs a fifth more.
func WriteFrame(w io.Writer, frame []byte) error {
	framed, err := AppendFrame(make([]byte, 0, lengthSize+len(frame)), frame)
	if err != nil {
		return err
	}
	_, err = w.Write(framed)
	return err
}

// ReadFrame reads the next frame of at most most bytes (0 means UsualMost),
// passing over keep-alives. The frame is the caller's. A stream that ends between
// frames gives io.EOF, one that ends inside a frame ErrCutOff. r is best buffered:
// the length and the frame are read apart.
func ReadFrame(r io.Reader, most int) ([]byte, error) {
	for {
		var length [lengthSize]byte
		if n, err := io.ReadFull(r, length[:]); err != nil {
			return nil, cutOff(err, n, lengthSize)
		}
		size := int(binary.BigEndian.Uint16(length[:]))
		if err := checkSize(size, most); err != nil {
			return nil, err
		}
		if size == 0 {
			continue
		}
		frame := make([]byte, size)
		if n, err := io.ReadFull(r, frame); err != nil {
			return nil, cutOff(noEOF(err), n, size)
		}
		return frame, nil
	}
}

// noEOF makes an end of stream before the first byte of a body an end inside a frame.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func cutOff(err error, got, want int) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %d of %d bytes came", ErrCutOff, got, want)
	}
	return err
}

func checkSize(size, most int) error {
	if most <= 0 {
		most = UsualMost
	}
	if size > most {
		return fmt.Errorf("%w: its length says %d bytes and at most %d are taken; is the other side sending a 2-byte big-endian length?", ErrFrameTooLong, size, most)
	}
	return nil
}
