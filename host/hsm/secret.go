package hsm

import (
	"crypto/cipher"
	"crypto/subtle"
)

// secret holds the bytes of a key or a PIN, and the cipher made of a key, two
// pointers away. fmt cannot call the methods of a Key that stands in an unexported
// field of someone's struct; it then shows what the first pointer points to when the
// verb does not suit it, but of the second only the address. And == and
// reflect.DeepEqual go on working.
type secret struct{ in *sealed }

type sealed struct {
	b     []byte
	block cipher.Block // nil for a PIN and an HMAC key
}

// conceal takes a copy of b.
func conceal(b []byte) *secret { return &secret{&sealed{b: append([]byte(nil), b...)}} }

// bytes returns the secret itself; nobody may write to it.
func (s *secret) bytes() []byte {
	if s == nil {
		return nil
	}
	return s.in.b
}

// cipher returns the cipher of a key, nil when there is none.
func (s *secret) cipher() cipher.Block {
	if s == nil {
		return nil
	}
	return s.in.block
}

// equal compares in constant time. Two absent secrets are the same.
func (s *secret) equal(o *secret) bool {
	return subtle.ConstantTimeCompare(s.bytes(), o.bytes()) == 1
}
