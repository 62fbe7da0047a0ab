package emv

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// SessionCommon is the EMV common session key (Book 2 A1.3.1): r, of eight bytes,
// enciphered with F0 and with 0F in its third byte. For a cryptogram r is the ATC and
// six zeros, for secure messaging the ARQC. The key has odd parity.
func SessionCommon(master Key, r []byte) (Key, error) {
	if master.Zero() {
		return Key{}, errNoKey
	}
	if len(r) != 8 {
		return Key{}, fmt.Errorf("session key: %d bytes to diversify by; want 8", len(r))
	}
	b := append(append(make([]byte, 0, 16), r...), r...)
	b[2], b[10] = 0xF0, 0x0F
	return made(master.encrypt(b)).OddParity(), nil
}

// SessionMastercard is Mastercard's own session key: the common one of the ATC, two
// zeros and the unpredictable number.
func SessionMastercard(master Key, atc uint16, un []byte) (Key, error) {
	if len(un) != 4 {
		return Key{}, fmt.Errorf("session key: an unpredictable number of %d bytes; want 4", len(un))
	}
	r := append(binary.BigEndian.AppendUint16(nil, atc), 0, 0)
	return SessionCommon(master, append(r, un...))
}

// SessionATC is the common session key of a cryptogram: of the ATC and six zeros.
func SessionATC(master Key, atc uint16) (Key, error) {
	return SessionCommon(master, append(binary.BigEndian.AppendUint16(nil, atc), 0, 0, 0, 0, 0, 0))
}

// SessionPBOC is the session key of PBOC, for cryptograms and scripts alike: six zeros
// and the ATC, then six zeros and its complement, enciphered. Its parity is left as it
// comes.
func SessionPBOC(master Key, atc uint16) (Key, error) {
	if master.Zero() {
		return Key{}, errNoKey
	}
	return made(master.encrypt(atcBlocks(atc))), nil
}

// SessionVisa is Visa's session key for secure messaging: the card's key with the ATC
// XORed into the end of its left half and its complement into the end of its right.
func SessionVisa(master Key, atc uint16) (Key, error) {
	if master.Zero() {
		return Key{}, errNoKey
	}
	b := make([]byte, 16)
	subtle.XORBytes(b, master.Reveal(), atcBlocks(atc))
	return made(b).OddParity(), nil
}

func atcBlocks(atc uint16) []byte {
	b := make([]byte, 16)
	binary.BigEndian.PutUint16(b[6:], atc)
	binary.BigEndian.PutUint16(b[14:], ^atc)
	return b
}

// SessionTree is the session key of EMV 2000: a tree of the given height whose nodes
// have branch children, walked down by the digits of the ATC in base branch. iv is
// the parent of the root, 16 bytes. EMV dropped it; old cards still want it.
func SessionTree(master Key, atc uint16, height, branch int, iv []byte) (Key, error) {
	switch {
	case master.Zero():
		return Key{}, errNoKey
	case len(iv) != 16:
		return Key{}, fmt.Errorf("session key: an IV of %d bytes; want 16", len(iv))
	case branch < 2 || branch > 255 || height < 1 || height > 16:
		return Key{}, fmt.Errorf("session key: a tree of height %d with %d branches; EMV 2000 has 8 with 4 and 16 with 2", height, branch)
	}
	digits := make([]byte, height)
	for i, rest := height-1, int(atc); i >= 0; i-- {
		digits[i], rest = byte(rest%branch), rest/branch
	}
	grandparent, parent := iv, master
	for _, digit := range digits[:height-1] {
		grandparent, parent = parent.Reveal(), made(treeChild(parent, grandparent, digit))
	}
	sk := treeChild(parent, grandparent, digits[height-1])
	subtle.XORBytes(sk, sk, grandparent)
	return made(sk).OddParity(), nil
}

// treeChild is the derivation of one node: the halves of its grandparent, with its
// place among its siblings and, on the right, F0 XORed in, enciphered under its parent.
func treeChild(parent Key, grandparent []byte, place byte) []byte {
	b := append([]byte(nil), grandparent...)
	b[7] ^= place
	b[15] ^= place ^ 0xF0
	return parent.encrypt(b)
}
