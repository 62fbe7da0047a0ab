package hsm

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"possim/reader/mac"
)

// WorkingKeys are what a sign-on brings (0810, F62): TPK for PINs, TAK for MACs
// and, where tracks are enciphered, TDK. UnionPay calls them PIK, MAK and TDK.
type WorkingKeys struct {
	TPK, TAK Key
	TDK      Key // the zero Key when the exchange brings none
}

// Layout is how F62 of a sign-on answer carries working keys under the TMK: each
// key in a field of the same width, then the first four bytes of its check value.
type Layout struct{ width, keys int }

// The layouts by their length in bytes. 60.3 asks for the first three; the other
// two are accepted by terminals for triple-length keys, which is an inference from
// their width: no public message carries one.
var (
	Single         = Layout{8, 2}  // 24: 60.3 = 001
	Double         = Layout{16, 2} // 40: 60.3 = 003
	DoubleAndTrack = Layout{16, 3} // 60: 60.3 = 004
	Triple         = Layout{24, 2} // 56
	TripleAndTrack = Layout{24, 3} // 84
)

const kcvBytes = 4 // of each key in F62

// ErrKCV is wrapped by the error of a key whose check value is not the one sent.
var ErrKCV = errors.New("the check value does not match")

// LayoutFor returns the layout a sign-on asks for by its 60.3.
func LayoutFor(code string) (Layout, error) {
	switch code {
	case "001":
		return Single, nil
	case "003":
		return Double, nil
	case "004":
		return DoubleAndTrack, nil
	}
	return Layout{}, errors.New("working keys: 60.3 asks for no layout known here; want 001, 003 or 004")
}

// Size returns the length of F62 in bytes.
func (l Layout) Size() int { return l.keys * (l.width + kcvBytes) }

// Make draws keys of this layout: TPK and TDK fill their fields, TAK is single
// length (its field's rest is zeros), as UnionPay's own sign-ons send it.
func (l Layout) Make(random io.Reader) (WorkingKeys, error) {
	var w WorkingKeys
	sizes := []int{l.width, 8, l.width}
	for i, k := range w.fields()[:l.keys] {
		made, err := MakeKey(TDES, sizes[i], random)
		if err != nil {
			return WorkingKeys{}, fmt.Errorf("%s: %w", keyNames[i], err)
		}
		*k = made
	}
	return w, nil
}

// Build is the host's side: F62 with the keys under the TMK (ECB) and their check
// values. A key shorter than its field is followed by zeros in clear, which is how
// a single-length TAK travels in a field of sixteen bytes.
func (l Layout) Build(tmk Key, w WorkingKeys) ([]byte, error) {
	if err := tmk.need("working keys: TMK", TDES); err != nil {
		return nil, err
	}
	if l.keys == 2 && !w.TDK.Zero() {
		return nil, fmt.Errorf("working keys: a TDK has no place in %d bytes; sign on with 60.3 = 004", l.Size())
	}
	out := make([]byte, 0, l.Size())
	for i, k := range w.fields()[:l.keys] {
		if err := k.need("working keys: "+keyNames[i], TDES); err != nil {
			return nil, err
		}
		if k.Size() > l.width {
			return nil, fmt.Errorf("working keys: %s has %d bytes; its field holds %d", keyNames[i], k.Size(), l.width)
		}
		out = append(out, encryptECB(tmk.cipher(), k.value.bytes())...)
		out = append(out, make([]byte, l.width-k.Size())...)
		out = append(out, k.KCV(kcvBytes)...)
	}
	return out, nil
}

// OpenWorkingKeys is the terminal's side: it takes F62 apart by its length,
// deciphers each key under the TMK and checks its check value. One that does not
// match refuses all of them with an error that names the key and wraps ErrKCV.
func OpenWorkingKeys(tmk Key, block []byte) (WorkingKeys, error) {
	if err := tmk.need("working keys: TMK", TDES); err != nil {
		return WorkingKeys{}, err
	}
	l, err := layoutOf(block)
	if err != nil {
		return WorkingKeys{}, err
	}
	var w WorkingKeys
	for i, k := range w.fields()[:l.keys] {
		field := block[i*(l.width+kcvBytes):][:l.width+kcvBytes]
		if *k, err = openField(tmk, field[:l.width], field[l.width:]); err != nil {
			return WorkingKeys{}, fmt.Errorf("working keys: %s: %w; sign on again, and compare the TMK if it persists", keyNames[i], err)
		}
	}
	return w, nil
}

func layoutOf(block []byte) (Layout, error) {
	for _, l := range []Layout{Single, Double, DoubleAndTrack, Triple, TripleAndTrack} {
		if l.Size() == len(block) {
			return l, nil
		}
	}
	return Layout{}, fmt.Errorf("working keys: F62 has %d bytes; want 24, 40, 60, 56 or 84", len(block))
}

// openField deciphers one key. Zeros at the end of a field, in clear, mean a
// shorter key. (Newland's reading, that they repeat the first half, comes to the
// same: K1 K1 is single DES.)
func openField(tmk Key, wrapped, kcv []byte) (Key, error) {
	n := len(wrapped)
	for n > 0 && bytes.Equal(wrapped[n-8:n], make([]byte, 8)) {
		n -= 8
	}
	if n == 0 {
		return Key{}, errors.New("the field is all zeros")
	}
	k, err := NewKey(TDES, decryptECB(tmk.cipher(), wrapped[:n]))
	if err != nil {
		return Key{}, err
	}
	if !mac.Equal(k.KCV(kcvBytes), kcv) {
		return Key{}, ErrKCV
	}
	return k, nil
}

var keyNames = [...]string{"TPK", "TAK", "TDK"}

// fields returns the keys in the order F62 carries them.
func (w *WorkingKeys) fields() []*Key { return []*Key{&w.TPK, &w.TAK, &w.TDK} }
