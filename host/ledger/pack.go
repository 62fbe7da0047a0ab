package ledger

import (
	"encoding/binary"
	"time"
)

// pack keeps postings in memory close together: a few hundred bytes each in large pieces that hold no
// pointer. Owners and rules that come again are numbers; a posting's own key as an owner is 0.
type pack struct {
	pieces [][]byte
	at     []spot // by Seq-1
	names  map[string]uint64
	list   []string // names, by number-1
	buf    []byte
}

// spot is where a posting begins.
type spot struct{ piece, offset uint32 }

const pieceSize = 1 << 18

var undos = [...]Undo{"", Undone, Already, Nothing, Unknown}

// add appends a posting.
func (k *pack) add(p *Posting) {
	b := k.encode(k.buf[:0], p)
	k.buf = b
	last := len(k.pieces) - 1
	if last < 0 || len(k.pieces[last])+len(b) > cap(k.pieces[last]) {
		k.pieces = append(k.pieces, make([]byte, 0, max(pieceSize, len(b))))
		last++
	}
	k.at = append(k.at, spot{uint32(last), uint32(len(k.pieces[last]))})
	k.pieces[last] = append(k.pieces[last], b...)
}

// Posting implements Past.
func (k *pack) Posting(seq uint64) (Posting, error) {
	at := k.at[seq-1]
	u := unpack{pack: k, b: k.pieces[at.piece][at.offset:]}
	p := Posting{Seq: seq}
	u.posting(&p)
	return p, nil
}

// name returns the number of a string that comes again.
func (k *pack) name(s string) uint64 {
	n := k.names[s]
	if n == 0 {
		if k.names == nil {
			k.names = map[string]uint64{}
		}
		k.list = append(k.list, s)
		n = uint64(len(k.list))
		k.names[s] = n
	}
	return n
}

func (k *pack) encode(b []byte, p *Posting) []byte {
	b = packText(b, string(p.Key))
	b = packText(b, string(p.Undoes))
	b = append(b, p.Print[:]...)
	b = binary.AppendVarint(b, p.At.Unix())
	b = binary.AppendUvarint(b, uint64(p.At.Nanosecond()))
	b = binary.AppendVarint(b, int64(p.Day))
	for i, u := range undos {
		if u == p.Undo {
			b = append(b, byte(i))
		}
	}
	b = binary.AppendUvarint(b, k.name(p.Refused))
	b = binary.AppendUvarint(b, uint64(len(p.Why)))
	for i := range p.Why {
		b = k.encodeVerdict(b, &p.Why[i], p.Key)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Moves)))
	for i := range p.Moves {
		mv := &p.Moves[i]
		b = k.encodeReg(b, &mv.Reg, p.Key)
		b = append(b, flags(mv.Set))
		b = binary.AppendVarint(b, mv.Add)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Memo)))
	return append(b, p.Memo...)
}

func (k *pack) encodeVerdict(b []byte, v *Verdict, key Key) []byte {
	b = binary.AppendUvarint(b, k.name(v.Rule))
	b = k.encodeReg(b, &v.Reg, key)
	b = append(b, flags(v.OK, v.Min.Set, v.Max.Set))
	for _, n := range [...]int64{v.Value, v.Add, v.Min.N, v.Max.N} {
		b = binary.AppendVarint(b, n)
	}
	return b
}

func (k *pack) encodeReg(b []byte, r *Reg, key Key) []byte {
	owner := uint64(0)
	if r.Owner != string(key) {
		owner = k.name(r.Owner)
	}
	return binary.AppendVarint(binary.AppendUvarint(append(b, byte(r.Kind)), owner), int64(r.Day))
}

func packText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// flags are bits, the first the lowest.
func flags(set ...bool) (b byte) {
	for i, on := range set {
		if on {
			b |= 1 << i
		}
	}
	return b
}

// unpack reads what encode wrote; nobody else can have written it.
type unpack struct {
	*pack
	b []byte
}

func (u *unpack) posting(p *Posting) {
	p.Key, p.Undoes = Key(u.take(u.number())), Key(u.take(u.number()))
	copy(p.Print[:], u.take(uint64(len(p.Print))))
	sec := u.signed()
	p.At = time.Unix(sec, int64(u.number())).UTC()
	p.Day = Day(u.signed())
	p.Undo = undos[u.byte()]
	p.Refused = u.name()
	if n := u.number(); n > 0 {
		p.Why = make([]Verdict, n)
	}
	for i := range p.Why {
		v := &p.Why[i]
		v.Rule = u.name()
		u.reg(&v.Reg, p.Key)
		f := u.byte()
		v.OK, v.Min.Set, v.Max.Set = f&1 != 0, f&2 != 0, f&4 != 0
		v.Value, v.Add, v.Min.N, v.Max.N = u.signed(), u.signed(), u.signed(), u.signed()
	}
	if n := u.number(); n > 0 {
		p.Moves = make([]Move, n)
	}
	for i := range p.Moves {
		mv := &p.Moves[i]
		u.reg(&mv.Reg, p.Key)
		mv.Set, mv.Add = u.byte() != 0, u.signed()
	}
	if n := u.number(); n > 0 {
		p.Memo = []byte(u.take(n))
	}
}

func (u *unpack) reg(r *Reg, key Key) {
	r.Kind, r.Owner = Kind(u.byte()), string(key)
	if n := u.number(); n > 0 {
		r.Owner = u.list[n-1]
	}
	r.Day = Day(u.signed())
}

func (u *unpack) name() string { return u.list[u.number()-1] }

func (u *unpack) byte() byte {
	c := u.b[0]
	u.b = u.b[1:]
	return c
}

func (u *unpack) number() uint64 {
	n, size := binary.Uvarint(u.b)
	u.b = u.b[size:]
	return n
}

func (u *unpack) signed() int64 {
	n, size := binary.Varint(u.b)
	u.b = u.b[size:]
	return n
}

func (u *unpack) take(n uint64) string {
	s := string(u.b[:n])
	u.b = u.b[n:]
	return s
}
