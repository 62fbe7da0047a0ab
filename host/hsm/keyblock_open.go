package hsm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"possim/reader/mac"
)

// OpenKeyBlock imports a key: it verifies the block under the protection key and
// returns the key with its header. Whether the header allows what the key is wanted
// for is the caller's to say (a TMK is K0 or K1). The error of a block that does not
// verify wraps ErrKeyBlock; none shows any of the key.
func OpenKeyBlock(kbpk Key, block string) (Key, KeyBlock, error) {
	h, at, err := splitKeyBlock(block)
	if err != nil {
		return Key{}, KeyBlock{}, err
	}
	m, err := h.method()
	if err != nil {
		return Key{}, KeyBlock{}, err
	}
	enc, auth, err := m.keys(kbpk)
	if err != nil {
		return Key{}, KeyBlock{}, err
	}
	body, err := unhexBlock(block, at)
	if err != nil {
		return Key{}, KeyBlock{}, err
	}
	n := len(body) - m.tag
	if n < max(m.block, 3) || n%m.block != 0 {
		return Key{}, KeyBlock{}, fmt.Errorf("key block: %d bytes after the header; want whole blocks of %d and a MAC of %d", len(body), m.block, m.tag)
	}
	payload, tag := body[:n], body[n:]
	header := block[:at]
	var clear []byte
	if m.derive {
		clear = m.crypt(enc, tag, payload, true)
		payload = clear
	} else {
		clear = m.crypt(enc, []byte(header), payload, true)
	}
	if !mac.Equal(m.authenticate(auth, header, payload), tag) {
		return Key{}, KeyBlock{}, ErrKeyBlock
	}
	k, err := h.unpack(clear)
	return k, h, err
}

// unpack takes the key out of an opened payload: its length in bits, the key, padding.
func (h KeyBlock) unpack(clear []byte) (Key, error) {
	bitLength := int(binary.BigEndian.Uint16(clear))
	if bitLength%8 != 0 || bitLength/8 > len(clear)-2 {
		return Key{}, errors.New("key block: the length inside is not that of a key in it")
	}
	a, err := h.keyAlgorithm()
	if err != nil {
		return Key{}, err
	}
	return NewKey(a, clear[2:2+bitLength/8])
}

// Seal exports a key under the protection key with this header. The padding, drawn
// from random, hides its length: a TDES key is filled up to 24 bytes and an AES key
// to 32, as X9.143 recommends. Optional blocks are filled to whole cipher blocks
// with a PB block. Reserved and KeyVersion default to "00", Algorithm to the key's.
func (h KeyBlock) Seal(kbpk, k Key, random io.Reader) (string, error) {
	h, err := h.complete(k)
	if err != nil {
		return "", err
	}
	m, err := h.method()
	if err != nil {
		return "", err
	}
	enc, auth, err := m.keys(kbpk)
	if err != nil {
		return "", err
	}
	if a, err := h.keyAlgorithm(); err != nil || a != k.kind {
		return "", fmt.Errorf("key block: algorithm %q does not go with this key (%v)", h.Algorithm, k.kind)
	}
	h.pad(max(enc.BlockSize(), 8))
	clear, err := m.pack(k, random)
	if err != nil {
		return "", err
	}
	total := len(h.format(0)) + 2*(len(clear)+m.tag)
	if total > 9999 {
		return "", fmt.Errorf("key block: %d characters; its length has four digits", total)
	}
	header := h.format(total)
	if m.derive {
		tag := m.authenticate(auth, header, clear)
		return fmt.Sprintf("%s%X%X", header, m.crypt(enc, tag, clear, false), tag), nil
	}
	payload := m.crypt(enc, []byte(header), clear, false)
	return fmt.Sprintf("%s%X%X", header, payload, m.authenticate(auth, header, payload)), nil
}

// complete fills the defaults in and checks the header.
func (h KeyBlock) complete(k Key) (KeyBlock, error) {
	if k.Zero() {
		return h, errors.New("key block: there is no key to seal")
	}
	if h.KeyVersion == "" {
		h.KeyVersion = "00"
	}
	if h.Reserved == "" {
		h.Reserved = "00"
	}
	if h.Algorithm == 0 {
		h.Algorithm = byte(k.kind)
	}
	return h, h.check()
}

// pad appends a PB block so that the header is whole blocks (X9.143 5.2.3).
func (h *KeyBlock) pad(block int) {
	n := len(h.format(0))
	if len(h.Optional) == 0 || n%block == 0 {
		return
	}
	need := block - n%block
	if need < 4 {
		need += block
	}
	data := make([]byte, need-4)
	for i := range data {
		data[i] = '0'
	}
	h.Optional = append(append([]Option(nil), h.Optional...), Option{ID: "PB", Data: string(data)})
}

// pack is the payload: length in bits, key, random padding to whole blocks.
func (m method) pack(k Key, random io.Reader) ([]byte, error) {
	room := map[Algorithm]int{TDES: 24, AES: 32, HMAC: 64}[k.kind]
	n := 2 + max(room, k.Size())
	n += (m.block - n%m.block) % m.block
	clear := make([]byte, n)
	if _, err := io.ReadFull(random, clear[2+k.Size():]); err != nil {
		return nil, fmt.Errorf("key block: the source of randomness failed: %w", err)
	}
	binary.BigEndian.PutUint16(clear, uint16(8*k.Size()))
	copy(clear[2:], k.value.bytes())
	return clear, nil
}
