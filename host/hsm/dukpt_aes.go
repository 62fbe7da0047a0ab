package hsm

import (
	"encoding/binary"
	"fmt"
)

// aesDerive is the one function AES DUKPT is made of (ANSI X9.24-3:2017 6.3): as
// many blocks of derivation data as the key is long, enciphered under the key
// before it.
//
//	byte 0     version, 01
//	     1     which block of the key, from 01
//	     2-3   usage
//	     4-5   algorithm
//	     6-7   length of the key in bits
//	     8-15  initial key ID, or its right half and the counter
func aesDerive(from Key, u Usage, want KeyType, id [8]byte) (Key, error) {
	code, err := want.dukptCode()
	if err != nil {
		return Key{}, err
	}
	var data [16]byte
	data[0] = 1
	binary.BigEndian.PutUint16(data[2:], uint16(u))
	binary.BigEndian.PutUint16(data[4:], code)
	binary.BigEndian.PutUint16(data[6:], uint16(8*want.Size))
	copy(data[8:], id[:])
	var out []byte
	for len(out) < want.Size {
		data[1]++
		out = append(out, encryptECB(from.cipher(), data[:])...)
	}
	return NewKey(want.Algorithm, out[:want.Size])
}

// aesTransactionKey walks the bits of the counter from the left (6.3.3).
func aesTransactionKey(ik Key, ksn KSN) (Key, error) {
	key, walked := ik, uint32(0)
	for bit := uint32(1 << 31); bit != 0; bit >>= 1 {
		if ksn.Counter()&bit == 0 {
			continue
		}
		walked |= bit
		var err error
		if key, err = aesDerive(key, UseDerivation, KeyType{AES, ik.Size()}, deriveID(ksn, walked)); err != nil {
			return Key{}, err
		}
	}
	return key, nil
}

func aesWorkingKey(k Key, ksn KSN, u Usage, want KeyType) (Key, error) {
	if !u.aes() {
		return Key{}, fmt.Errorf("DUKPT: there is no key for %v", u)
	}
	if want.strength() > 8*k.Size() {
		return Key{}, fmt.Errorf("DUKPT: a %v key of %d bits is stronger than the AES-%d key it would come from (X9.24-3)",
			want.Algorithm, 8*want.Size, 8*k.Size())
	}
	return aesDerive(k, u, want, deriveID(ksn, ksn.Counter()))
}

// UpdateKey derives the key a new initial key is sent under to a device already in
// the field: the key encryption key of the count FFFFFFFF, which no transaction
// uses (ANSI X9.24-3:2017, "DUKPT update key"). AES DUKPT alone has one.
func UpdateKey(ik Key, ksn KSN, want KeyType) (Key, error) {
	if len(ksn) != 12 {
		return Key{}, fmt.Errorf("DUKPT: update key: a key serial number of %d bytes; AES DUKPT has 12", len(ksn))
	}
	return WorkingKey(ik, ksn.With(0xFFFFFFFF), UseKeyEncryption, want)
}

// deriveID is the right half of the initial key ID and a count.
func deriveID(ksn KSN, counter uint32) [8]byte {
	return [8]byte(binary.BigEndian.AppendUint32(append([]byte(nil), ksn[4:8]...), counter))
}

// aes reports whether AES DUKPT knows the usage.
func (u Usage) aes() bool {
	switch u {
	case UseKeyEncryption, UsePIN, UseMACRequest, UseMACResponse, UseMACBoth,
		UseDataRequest, UseDataResponse, UseDataBoth, UseDerivation:
		return true
	}
	return false
}

// dukptCode is the algorithm indicator of derivation data (X9.24-3:2017 table 2).
func (t KeyType) dukptCode() (uint16, error) {
	switch t {
	case TDES2:
		return 0, nil
	case TDES3:
		return 1, nil
	case AES128:
		return 2, nil
	case AES192:
		return 3, nil
	case AES256:
		return 4, nil
	case HMAC128, HMAC192, HMAC256:
		return 5, nil
	}
	return 0, fmt.Errorf("DUKPT: no %v key of %d bytes is derived", t.Algorithm, t.Size)
}

// strength is the length in bits that counts when keys are compared: two and three
// keys of TDES come to 80 and 112 bits (NIST SP 800-57).
func (t KeyType) strength() int {
	if t.Algorithm == TDES {
		return 112
	}
	return 8 * t.Size
}
