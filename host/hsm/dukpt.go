package hsm

import (
	"errors"
	"fmt"
	"strings"
)

// Usage is what a DUKPT working key is for. The values are the indicators of ANSI
// X9.24-3:2017 table 3; TDES DUKPT has a variant for some of them.
type Usage uint16

// The usages. A request goes from terminal to host.
const (
	UseKeyEncryption Usage = 0x0002 // AES only
	UsePIN           Usage = 0x1000
	UseMACRequest    Usage = 0x2000 // "MAC generation"; TDES: request, or both ways
	UseMACResponse   Usage = 0x2001 // "MAC verification"
	UseMACBoth       Usage = 0x2002
	UseDataRequest   Usage = 0x3000 // "data encryption, encrypt"; TDES: request, or both ways
	UseDataResponse  Usage = 0x3001 // "data encryption, decrypt"
	UseDataBoth      Usage = 0x3002
	UseDerivation    Usage = 0x8000 // AES only

	useInitialKey Usage = 0x8001
)

// String names the usage.
func (u Usage) String() string {
	switch u {
	case UseKeyEncryption:
		return "key encryption"
	case UsePIN:
		return "PIN encryption"
	case UseMACRequest:
		return "MAC of requests"
	case UseMACResponse:
		return "MAC of responses"
	case UseMACBoth:
		return "MAC both ways"
	case UseDataRequest:
		return "data of requests"
	case UseDataResponse:
		return "data of responses"
	case UseDataBoth:
		return "data both ways"
	case UseDerivation:
		return "key derivation"
	}
	return fmt.Sprintf("usage %04X", uint16(u))
}

// KeyType is the kind of working key to derive.
type KeyType struct {
	Algorithm Algorithm
	Size      int // bytes
}

// The kinds AES DUKPT derives; TDES DUKPT knows TDES2 alone.
var (
	TDES2   = KeyType{TDES, 16}
	TDES3   = KeyType{TDES, 24}
	AES128  = KeyType{AES, 16}
	AES192  = KeyType{AES, 24}
	AES256  = KeyType{AES, 32}
	HMAC128 = KeyType{HMAC, 16}
	HMAC192 = KeyType{HMAC, 24}
	HMAC256 = KeyType{HMAC, 32}
)

// InitialKey derives a device's initial key (IK, once IPEK) from the base
// derivation key: a double-length TDES key with a key serial number of 10 bytes, an
// AES key with one of 12. The host does this; a terminal is injected with the result.
func InitialKey(bdk Key, ksn KSN) (Key, error) {
	if err := ksn.check(); err != nil {
		return Key{}, err
	}
	if len(ksn) == 10 {
		if err := bdk.need("DUKPT: BDK", TDES, 16); err != nil {
			return Key{}, err
		}
		return tdesInitialKey(bdk, ksn)
	}
	if err := bdk.need("DUKPT: BDK", AES); err != nil {
		return Key{}, err
	}
	return aesDerive(bdk, useInitialKey, KeyType{AES, bdk.Size()}, [8]byte(ksn[:8]))
}

// ParseDUKPTKey takes a base or an initial key in hexadecimal: of TDES 32 digits, and of
// AES aes: and 32, 48 or 64. The error shows nothing of it.
func ParseDUKPTKey(s string) (Key, error) {
	if digits, isAES := strings.CutPrefix(s, "aes:"); isAES {
		return ParseKey(AES, digits)
	}
	k, err := ParseKey(TDES, s)
	if err == nil && k.Size() != 16 {
		return Key{}, fmt.Errorf("a TDES key of %d hex digits; DUKPT has keys of 32, and AES keys have aes: before them", 2*k.Size())
	}
	return k, err
}

// TransactionKey derives the key of one transaction from the initial key: the
// "future key" of X9.24-1, the "intermediate derivation key" of X9.24-3. Nobody
// enciphers with it; WorkingKey takes it from there. It answers for a count with
// too many bits set too: whether a terminal may use it is for KSN.Next to say.
func TransactionKey(ik Key, ksn KSN) (Key, error) {
	if err := usable(ik, ksn); err != nil {
		return Key{}, err
	}
	if len(ksn) == 10 {
		return tdesTransactionKey(ik, ksn)
	}
	return aesTransactionKey(ik, ksn)
}

// WorkingKey derives the key a transaction enciphers or authenticates with, from
// the initial key. TDES DUKPT makes TDES2 keys; of AES DUKPT a kind may be asked
// for that is not stronger than the initial key.
func WorkingKey(ik Key, ksn KSN, u Usage, want KeyType) (Key, error) {
	k, err := TransactionKey(ik, ksn)
	if err != nil {
		return Key{}, err
	}
	if len(ksn) == 10 {
		if want != TDES2 {
			return Key{}, errors.New("DUKPT: TDES DUKPT makes double-length TDES keys only")
		}
		return tdesVariant(k, u)
	}
	return aesWorkingKey(k, ksn, u, want)
}

// usable checks an initial key against the key serial number it goes with.
func usable(ik Key, ksn KSN) error {
	if err := ksn.check(); err != nil {
		return err
	}
	if ksn.Counter() == 0 {
		return errors.New("DUKPT: the counter is 0: that is the initial key, and no transaction uses it")
	}
	if len(ksn) == 10 {
		return ik.need("DUKPT: initial key", TDES, 16)
	}
	return ik.need("DUKPT: initial key", AES)
}
