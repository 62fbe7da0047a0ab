package hsm

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"possim/reader/mac"
)

// method is how one version of key block protects its key (X9.143 5.3).
type method struct {
	under  Algorithm // of the protection key
	sizes  []int     // of the protection key
	block  int       // the payload is whole blocks of it, in bytes
	tag    int       // length of the MAC
	derive bool      // keys derived, and the MAC over the clear payload; else variants, MAC over the enciphered one
	ctr    bool      // version E: the payload is enciphered in counter mode and need not be whole blocks
}

func (h KeyBlock) method() (method, error) {
	switch h.Version {
	case 'A', 'C':
		return method{under: TDES, sizes: []int{16, 24}, block: 8, tag: 4}, nil
	case 'B':
		return method{under: TDES, sizes: []int{16, 24}, block: 8, tag: 8, derive: true}, nil
	case 'D':
		return method{under: AES, sizes: []int{16, 24, 32}, block: 16, tag: 16, derive: true}, nil
	case 'E': // ISO 20038
		return method{under: AES, sizes: []int{16, 24, 32}, block: 1, tag: 16, derive: true, ctr: true}, nil
	}
	return method{}, fmt.Errorf("key block: version %q is not known; want A, B, C, D or E", h.Version)
}

// What a key derived from the protection key is for (X9.143 table 2).
const (
	deriveEncryption    = 0
	deriveMAC           = 1
	deriveEncryptionCTR = 2
)

// keys returns the ciphers of the block's encryption and its MAC.
func (m method) keys(kbpk Key) (enc, auth cipher.Block, err error) {
	if err := kbpk.need("key block: protection key", m.under, m.sizes...); err != nil {
		return nil, nil, err
	}
	if !m.derive {
		enc, _ = mac.NewTDES(xorAll(kbpk.value.bytes(), 'E'))
		auth, _ = mac.NewTDES(xorAll(kbpk.value.bytes(), 'M'))
		return enc, auth, nil
	}
	use := uint16(deriveEncryption)
	if m.ctr {
		use = deriveEncryptionCTR
	}
	return deriveCMAC(kbpk, use), deriveCMAC(kbpk, deriveMAC), nil
}

// deriveCMAC makes a key as long as the protection key: CMACs over a counter, the
// use, a zero, the algorithm and the length in bits (X9.143 table 2; NIST SP 800-108).
func deriveCMAC(kbpk Key, use uint16) cipher.Block {
	code := map[Algorithm]map[int]uint16{TDES: {16: 0, 24: 1}, AES: {16: 2, 24: 3, 32: 4}}[kbpk.kind][kbpk.Size()]
	var out []byte
	for n := byte(1); len(out) < kbpk.Size(); n++ {
		data := binary.BigEndian.AppendUint16([]byte{n}, use)
		data = binary.BigEndian.AppendUint16(append(data, 0), code)
		data = binary.BigEndian.AppendUint16(data, uint16(8*kbpk.Size()))
		out = append(out, mac.CMAC(kbpk.cipher(), data)...)
	}
	if kbpk.kind == TDES {
		b, _ := mac.NewTDES(out[:kbpk.Size()])
		return b
	}
	b, _ := aes.NewCipher(out[:kbpk.Size()])
	return b
}

// crypt enciphers or deciphers the payload. The IV is the MAC, or of the versions
// with variants the start of the header.
func (m method) crypt(enc cipher.Block, iv, payload []byte, decrypt bool) []byte {
	out := make([]byte, len(payload))
	iv = iv[:enc.BlockSize()]
	switch {
	case m.ctr:
		cipher.NewCTR(enc, iv).XORKeyStream(out, payload)
	case decrypt:
		cipher.NewCBCDecrypter(enc, iv).CryptBlocks(out, payload)
	default:
		cipher.NewCBCEncrypter(enc, iv).CryptBlocks(out, payload)
	}
	return out
}

// authenticate computes the block's MAC over header and payload.
func (m method) authenticate(auth cipher.Block, header string, payload []byte) []byte {
	data := append([]byte(header), payload...)
	if m.derive {
		return mac.CMAC(auth, data)[:m.tag]
	}
	return mac.CBC(auth, data, mac.Zeros)[:m.tag]
}
