package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Segment is a piece of snapshot: what a run of postings made of the state, without the postings. The
// segments of a journal from its beginning, loaded in order, make the state the journal makes, many
// times faster. Each costs what its postings touched, however large the book is.
//
// A machine hands one out with Cut; it is then its owner's, so the encoding can be left to another
// goroutine.
type Segment struct {
	first, last uint64
	keys        []uint64 // the hash of each posting's key
	values      []value  // of the registers moved, as they came
	ties        []tied
	tombs       []grave
	held        []uint64 // the postings that add to what is held
}

type value struct {
	reg regHash
	n   int64
}

type tied struct {
	seq uint64
	link
}

type grave struct{ hash, seq uint64 }

// segmentVersion begins every encoded segment, in which hashes and their meaning are fixed. Version 1
// did not say what is held: the journal has to.
const segmentVersion = 2

// ErrSegment is a segment that cannot be loaded: the journal itself says what it would have said.
var ErrSegment = errors.New("ledger: unusable segment of a snapshot")

// ErrSegmentVersion is an ErrSegment that another version of this program made: nothing is wrong with it.
var ErrSegmentVersion = fmt.Errorf("%w: it is of another version", ErrSegment)

// The machine notes here what it does; a nil Segment takes no notes.

func (s *Segment) key(seq, hash uint64) {
	if s == nil {
		return
	}
	if s.first == 0 {
		s.first = seq
	}
	s.last, s.keys = seq, append(s.keys, hash)
}

func (s *Segment) value(r regHash, n int64) {
	if s != nil {
		s.values = append(s.values, value{r, n})
	}
}

func (s *Segment) tie(seq uint64, l link) {
	if s != nil {
		s.ties = append(s.ties, tied{seq, l})
	}
}

func (s *Segment) tomb(hash, seq uint64) {
	if s != nil {
		s.tombs = append(s.tombs, grave{hash, seq})
	}
}

func (s *Segment) hold(seq uint64) {
	if s != nil {
		s.held = append(s.held, seq)
	}
}

// Behind returns how many postings have come since the last Cut.
func (m *Machine) Behind() int { return len(m.behind.keys) }

// Cut returns the segment of the postings since the last Cut. There must be some.
func (m *Machine) Cut() *Segment {
	s := m.behind
	m.behind = &Segment{keys: make([]uint64, 0, len(s.keys)), values: make([]value, 0, len(s.values))}
	return s
}

// First returns the Seq of the segment's first posting.
func (s *Segment) First() uint64 { return s.first }

// Last returns the Seq of the segment's last posting.
func (s *Segment) Last() uint64 { return s.last }

// Encode returns the segment as bytes: the same bytes for the same postings.
//
//	version, first, number of postings, 8 bytes of each key's hash
//	registers moved, each 16 bytes of hash and its value, in order of the hashes
//	postings whose links changed, each with whom it undid and who has it undone
//	tombstones, each 8 bytes of hash and the posting that left it
//	postings that add to what is held, each as how far it is behind the one before it, the first as how
//	far it is behind the posting before the segment
//
// Numbers are varints. A register or posting that changed more than once is there once.
func (s *Segment) Encode() []byte {
	values := latest(s.values)
	links := make(map[uint64]link, len(s.ties))
	for _, t := range s.ties {
		links[t.seq] = t.link
	}
	b := make([]byte, 0, 32+8*len(s.keys)+20*len(values)+12*len(links)+16*len(s.tombs)+2*len(s.held))
	b = binary.AppendUvarint(append(b, segmentVersion), s.first)
	b = binary.AppendUvarint(b, uint64(len(s.keys)))
	for _, h := range s.keys {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	b = binary.AppendUvarint(b, uint64(len(values)))
	for i := range values {
		b = binary.AppendVarint(append(b, values[i].reg[:]...), values[i].n)
	}
	b = binary.AppendUvarint(b, uint64(len(links)))
	for _, seq := range slices.Sorted(maps.Keys(links)) {
		for _, n := range [...]uint64{seq, links[seq].undid, links[seq].undoneBy} {
			b = binary.AppendUvarint(b, n)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(s.tombs)))
	for _, t := range s.tombs {
		b = binary.AppendUvarint(binary.LittleEndian.AppendUint64(b, t.hash), t.seq)
	}
	b = binary.AppendUvarint(b, uint64(len(s.held)))
	for before, i := s.first-1, 0; i < len(s.held); i++ {
		b = binary.AppendUvarint(b, s.held[i]-before)
		before = s.held[i]
	}
	return b
}

// latest returns the last value of each register, in order of the hashes.
func latest(all []value) (last []value) {
	size := 1
	for size < 2*len(all) {
		size *= 2
	}
	slots := make([]int32, size) // places in last, from 1; a hash needs no hashing
	for i := len(all) - 1; i >= 0; i-- {
		v := &all[i]
		at := int(binary.LittleEndian.Uint64(v.reg[:])) & (size - 1)
		for slots[at] != 0 && last[slots[at]-1].reg != v.reg {
			at = (at + 1) & (size - 1)
		}
		if slots[at] == 0 {
			last = append(last, *v)
			slots[at] = int32(len(last))
		}
	}
	slices.SortFunc(last, func(a, b value) int { return bytes.Compare(a.reg[:], b.reg[:]) })
	return last
}

// ReadSegment reads what Encode wrote, or returns ErrSegment.
func ReadSegment(b []byte) (*Segment, error) {
	r := segmentReader{b: b}
	if v := r.number(); v != segmentVersion && !r.short {
		return nil, fmt.Errorf("%w: %d and not %d", ErrSegmentVersion, v, segmentVersion)
	}
	s := &Segment{first: r.number()}
	s.keys = make([]uint64, r.count(8))
	for i := range s.keys {
		s.keys[i] = r.hash()
	}
	s.last = s.first + uint64(len(s.keys)) - 1
	s.values = make([]value, r.count(len(regHash{})+1))
	for i := range s.values {
		copy(s.values[i].reg[:], r.take(len(regHash{})))
		s.values[i].n = r.signed()
	}
	s.ties = make([]tied, r.count(3))
	for i := range s.ties {
		s.ties[i] = tied{r.place(s), link{r.place(s), r.place(s)}}
	}
	s.tombs = make([]grave, r.count(9))
	for i := range s.tombs {
		s.tombs[i] = grave{r.hash(), r.place(s)}
	}
	s.held = make([]uint64, r.count(1))
	for before, i := s.first-1, 0; i < len(s.held); i++ {
		s.held[i] = before + r.number()
		r.short = r.short || s.held[i] <= before || s.held[i] > s.last
		before = s.held[i]
	}
	if r.short || len(r.b) > 0 || s.first == 0 || len(s.keys) == 0 {
		return nil, fmt.Errorf("%w: it is cut short or goes on", ErrSegment)
	}
	return s, nil
}

// Expect makes room for the keys of n postings, when an empty machine will be loaded with so many.
func (m *Machine) Expect(n int) {
	if m.last == 0 {
		m.keys = make(index, n)
	}
}

// Load applies a segment instead of its postings.
func (m *Machine) Load(s *Segment) error {
	if s.first != m.last+1 || m.Behind() > 0 {
		return fmt.Errorf("%w: posting %d follows %d", ErrSegment, s.first, m.last)
	}
	if m.regs == nil {
		m.regs, m.links = map[regHash]int64{}, map[uint64]link{}
	}
	for _, h := range s.keys {
		m.last++
		m.keys.put(h, m.last)
	}
	for i := range s.values {
		m.regs[s.values[i].reg] = s.values[i].n
	}
	for _, t := range s.ties {
		m.links[t.seq] = t.link
	}
	for _, t := range s.tombs {
		m.tombs.put(t.hash, t.seq)
	}
	m.held = append(m.held, s.held...)
	return nil
}

// segmentReader reads forward and notes when there is too little.
type segmentReader struct {
	b     []byte
	short bool
}

func (r *segmentReader) number() uint64 { return advance(r, binary.Uvarint) }
func (r *segmentReader) signed() int64  { return advance(r, binary.Varint) }

func advance[N uint64 | int64](r *segmentReader, read func([]byte) (N, int)) N {
	n, size := read(r.b)
	if size <= 0 {
		r.b, r.short = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count reads how many follow; there cannot be more than fit, each of at least size bytes.
func (r *segmentReader) count(size int) int {
	n := r.number()
	if n > uint64(len(r.b)/size) {
		r.b, r.short = nil, true
		return 0
	}
	return int(n)
}

// place reads the Seq of a posting up to the segment's last, or 0.
func (r *segmentReader) place(s *Segment) uint64 {
	n := r.number()
	if n > s.last {
		r.short = true
	}
	return n
}

func (r *segmentReader) hash() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *segmentReader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.short = nil, true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}
