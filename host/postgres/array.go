package postgres

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Types of PostgreSQL (pg_type.oid) that are used here.
const (
	oidBool, oidBytes, oidInt8, oidText                     = 16, 17, 20, 25
	oidBoolArray, oidBytesArray, oidTextArray, oidInt8Array = 1000, 1001, 1009, 1016
)

// array is a one-dimensional array in PostgreSQL's binary form: dimensions, whether there are NULLs,
// the type of its elements, length, lower bound, then each element behind its length. It is written
// by hand because all that is said of an authorisation goes through it.
type array struct {
	buf []byte
	n   uint32
}

const arrayHead = 20

// reset makes it an empty array of a type, keeping its memory.
func (a *array) reset(oid uint32) {
	a.n = 0
	a.buf = append(a.buf[:0], 0, 0, 0, 1, 0, 0, 0, 1)
	a.buf = binary.BigEndian.AppendUint32(a.buf, oid)
	a.buf = append(a.buf, 0, 0, 0, 0, 0, 0, 0, 1)
}

// bytes is the array as a parameter.
func (a *array) bytes() []byte {
	if a.n == 0 {
		return append(a.buf[:0], 0, 0, 0, 0, 0, 0, 0, 0, a.buf[8], a.buf[9], a.buf[10], a.buf[11])
	}
	binary.BigEndian.PutUint32(a.buf[12:], a.n)
	return a.buf
}

func (a *array) text(s string) {
	a.n++
	a.buf = append(binary.BigEndian.AppendUint32(a.buf, uint32(len(s))), s...)
}

// raw is bytes, or text that is bytes.
func (a *array) raw(b []byte) {
	a.n++
	a.buf = append(binary.BigEndian.AppendUint32(a.buf, uint32(len(b))), b...)
}

// textOrNull has NULL for "".
func (a *array) textOrNull(s string) {
	if s == "" {
		a.null()
		return
	}
	a.text(s)
}

func (a *array) int8(n int64) {
	a.n++
	a.buf = binary.BigEndian.AppendUint64(append(a.buf, 0, 0, 0, 8), uint64(n))
}

// int8OrNull has NULL for 0.
func (a *array) int8OrNull(n uint64) {
	if n == 0 {
		a.null()
		return
	}
	a.int8(int64(n))
}

func (a *array) bool(b bool) {
	a.n++
	a.buf = append(a.buf, 0, 0, 0, 1, 0)
	if b {
		a.buf[len(a.buf)-1] = 1
	}
}

func (a *array) null() {
	a.n++
	a.buf = append(a.buf, 0xff, 0xff, 0xff, 0xff)
}

var errAnswer = errors.New("the database gave an answer that cannot be read")

var errArray = errors.New("the database answered with an array that cannot be read")

// elements calls each with every element of an array, nil for NULL, and wants n of them.
func elements(b []byte, n int, each func(i int, e []byte) error) error {
	if len(b) < 12 {
		return errArray
	}
	got := 0
	if binary.BigEndian.Uint32(b) != 0 {
		if len(b) < arrayHead {
			return errArray
		}
		got = int(binary.BigEndian.Uint32(b[12:]))
	}
	if got != n {
		return fmt.Errorf("%w: %d elements, want %d", errArray, got, n)
	}
	b = b[min(len(b), arrayHead):]
	for i := range n {
		if len(b) < 4 {
			return errArray
		}
		size := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if size < 0 {
			if err := each(i, nil); err != nil {
				return err
			}
			continue
		}
		if int(size) > len(b) {
			return errArray
		}
		if err := each(i, b[:size:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

// number reads an int8.
func number(e []byte) (int64, error) {
	if len(e) != 8 {
		return 0, errArray
	}
	return int64(binary.BigEndian.Uint64(e)), nil
}
