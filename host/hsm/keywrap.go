package hsm

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// AES key wrap (RFC 3394) and its form with padding (RFC 5649): deterministic, so a
// key at rest needs no randomness and the same key writes the same bytes.

var errUnwrap = errors.New("the wrapped key does not verify")

// The initial values of RFC 3394 2.2.3.1 and RFC 5649 3.
const (
	wrapIV    = 0xA6A6A6A6A6A6A6A6
	wrapPadIV = 0xA65959A6
)

// wrapPad wraps 1 byte or more under an AES key (RFC 5649 4.1).
func wrapPad(b cipher.Block, plain []byte) ([]byte, error) {
	if b == nil || len(plain) == 0 {
		return nil, errors.New("key wrap: no key, or nothing to wrap")
	}
	iv := uint64(wrapPadIV)<<32 | uint64(len(plain))
	padded := append([]byte(nil), plain...)
	for len(padded)%8 != 0 {
		padded = append(padded, 0)
	}
	if len(padded) == 8 {
		out := append(binary.BigEndian.AppendUint64(nil, iv), padded...)
		b.Encrypt(out, out)
		return out, nil
	}
	return wrap(b, iv, padded), nil
}

// unwrapPad is the way back (RFC 5649 4.2).
func unwrapPad(b cipher.Block, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 16 || len(wrapped)%8 != 0 {
		return nil, errUnwrap
	}
	var iv uint64
	var padded []byte
	if len(wrapped) == 16 {
		padded = decryptECB(b, wrapped)
		iv, padded = binary.BigEndian.Uint64(padded), padded[8:]
	} else {
		iv, padded = unwrap(b, wrapped)
	}
	n := int(uint32(iv))
	short := len(padded) - n // bytes of padding: 0 to 7, all zero
	ok := subtle.ConstantTimeEq(int32(iv>>32), int32(wrapPadIV-1<<32))
	if ok != 1 || n < 1 || short < 0 || short > 7 || subtle.ConstantTimeCompare(padded[n:], make([]byte, short)) != 1 {
		return nil, errUnwrap
	}
	return padded[:n], nil
}

// wrap is the W of RFC 3394 2.2.1, over two blocks of eight or more.
func wrap(b cipher.Block, iv uint64, plain []byte) []byte {
	out := append(make([]byte, 8, 8+len(plain)), plain...)
	buf := binary.BigEndian.AppendUint64(nil, iv)
	buf = append(buf, make([]byte, 8)...)
	n := len(plain) / 8
	for t := range 6 * n {
		r := out[8*(t%n+1):][:8]
		copy(buf[8:], r)
		b.Encrypt(buf, buf)
		copy(r, buf[8:])
		binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^uint64(t+1))
	}
	copy(out, buf[:8])
	return out
}

// unwrap returns the initial value, for the caller to check, and what was wrapped.
func unwrap(b cipher.Block, wrapped []byte) (uint64, []byte) {
	out := append([]byte(nil), wrapped[8:]...)
	buf := append([]byte(nil), wrapped[:8]...)
	buf = append(buf, make([]byte, 8)...)
	n := len(out) / 8
	for t := 6*n - 1; t >= 0; t-- {
		binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^uint64(t+1))
		r := out[8*(t%n):][:8]
		copy(buf[8:], r)
		b.Decrypt(buf, buf)
		copy(r, buf[8:])
	}
	return binary.BigEndian.Uint64(buf), out
}
