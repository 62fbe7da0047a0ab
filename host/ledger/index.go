package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// regHash stands for a register: 128 bits of SHA-256 over its kind, day and owner. That two registers
// share one has a chance of 1 in 10^24 with ten million of them, and would take 2^64 tries to bring about.
type regHash [16]byte

// hashReg is in snapshots: should it, or the number of a kind, change, so must segmentVersion.
func hashReg(r *Reg) (h regHash) {
	var text [5 + maxName]byte
	text[0] = byte(r.Kind)
	binary.LittleEndian.PutUint32(text[1:], uint32(r.Day))
	sum := sha256.Sum256(append(text[:5], r.Owner...))
	copy(h[:], sum[:])
	return h
}

// index finds a name's postings by 64 bits of its SHA-256. Names whose hashes meet take the next free
// number, in the order they come, so that whoever adds the same hashes in the same order has the same
// index; whether what was found bears the name only the posting itself can say.
type index map[uint64]uint64

func hashName(name string) uint64 {
	var text [maxName]byte
	sum := sha256.Sum256(append(text[:0], name...))
	return binary.LittleEndian.Uint64(sum[:])
}

// put enters seq under the hash of a name.
func (x *index) put(h, seq uint64) {
	if *x == nil {
		*x = index{}
	}
	for (*x)[h] != 0 {
		h++
	}
	(*x)[h] = seq
}

// find returns the postings that may bear the name of that hash, in order.
func (x index) find(h uint64) (seqs []uint64) {
	for ; x[h] != 0; h++ {
		seqs = append(seqs, x[h])
	}
	return seqs
}
