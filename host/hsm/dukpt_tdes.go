package hsm

import (
	"crypto/des"
	"encoding/binary"
	"fmt"
)

// c0 is the mask between the two halves of X9.24-1's derivations (A.2, A.6).
var c0 = []byte{0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0}

// tdesInitialKey enciphers the first eight bytes of the key serial number, counter
// cleared, under the BDK and under the BDK masked (ANSI X9.24-1:2009 A.6).
func tdesInitialKey(bdk Key, ksn KSN) (Key, error) {
	id := ksn.With(0)[:8]
	masked, err := NewKey(TDES, xorAll(bdk.value.bytes(), c0...))
	if err != nil {
		return Key{}, err
	}
	return NewKey(TDES, append(encryptECB(bdk.cipher(), id), encryptECB(masked.cipher(), id)...))
}

// tdesTransactionKey walks the bits of the counter from the left; each one set
// gives the next key (ANSI X9.24-1:2009 A.3, "derive the current key").
func tdesTransactionKey(ik Key, ksn KSN) (Key, error) {
	key := ik.Reveal()
	register := binary.BigEndian.Uint64(ksn.With(0)[2:])
	for bit := uint32(1 << 20); bit != 0; bit >>= 1 {
		if ksn.Counter()&bit == 0 {
			continue
		}
		register |= uint64(bit)
		right := oneWay(key, register)
		left := oneWay(xorAll(key, c0...), register)
		key = append(left, right...)
	}
	return NewKey(TDES, key)
}

// oneWay is the non-reversible key generation process (ANSI X9.24-1:2009 A.2): the
// register, XORed with the right half of the key before and after single DES under
// the left.
func oneWay(key []byte, register uint64) []byte {
	out := binary.BigEndian.AppendUint64(nil, register)
	out = xorAll(out, key[8:]...)
	left, _ := des.NewCipher(key[:8])
	left.Encrypt(out, out)
	return xorAll(out, key[8:]...)
}

// tdesVariant masks one byte of each half (ANSI X9.24-1:2009 table A-1). A data key
// is then enciphered with itself, so that it gives nothing away of its neighbours
// (A.4.1).
func tdesVariant(k Key, u Usage) (Key, error) {
	at := map[Usage]int{
		UsePIN: 7, UseMACRequest: 6, UseMACBoth: 6, UseMACResponse: 4,
		UseDataRequest: 5, UseDataBoth: 5, UseDataResponse: 3,
	}
	i, ok := at[u]
	if !ok {
		return Key{}, fmt.Errorf("DUKPT: TDES DUKPT has no key for %v", u)
	}
	mask := make([]byte, 8)
	mask[i] = 0xFF
	v, err := NewKey(TDES, xorAll(k.value.bytes(), mask...))
	if err != nil || u&0xF000 != UseDataRequest {
		return v, err
	}
	return NewKey(TDES, encryptECB(v.cipher(), v.value.bytes()))
}
