package postgres

import (
	"math"
	"strconv"

	"possim/host/ledger"
)

// The call of possim.post, prepared on every connection of a writer.
const (
	postStatement = "post"
	postQuery     = "SELECT * FROM possim.post($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)"
)

// Its parameters, in their order.
const (
	pKeys = iota
	pBodies
	pMemos
	pHolds
	pUndoing
	pSaw
	pRefusals
	pRegs
	gFrom
	gRule
	gReg
	gAdd
	gMin
	gMax
	mFrom
	mReg
	mAdd
	mSet
	rFrom
	rReg
	rTo
	rJSON
	arrays // how many of them are arrays; mass follows
)

var elementTypes = [arrays]uint32{
	pKeys: oidText, pBodies: oidText, pMemos: oidBytes, pHolds: oidBool, pUndoing: oidText, pSaw: oidInt8, pRefusals: oidText, pRegs: oidText,
	gFrom: oidInt4, gRule: oidText, gReg: oidInt4, gAdd: oidInt8, gMin: oidInt8, gMax: oidInt8,
	mFrom: oidInt4, mReg: oidInt4, mAdd: oidInt8, mSet: oidBool,
	rFrom: oidInt4, rReg: oidInt4, rTo: oidInt8, rJSON: oidText,
}

var arrayTypes = map[uint32]uint32{oidBool: oidBoolArray, oidInt4: oidInt4Array, oidInt8: oidInt8Array, oidText: oidTextArray, oidBytes: oidBytesArray}

var postTypes = func() (types []uint32) {
	for _, t := range elementTypes {
		types = append(types, arrayTypes[t])
	}
	return append(types, oidInt8)
}()

// binaryForm asks for every parameter and result in PostgreSQL's binary form.
var binaryForm = []int16{1}

// maxMass is what the numbers of a segment may come to before sums need care: possim.post's big.
const maxMass = 1 << 61

// segment is the transactions of one call: a run of a batch in which no key that one brings is brought
// or undone by another. It is filled, called and emptied again.
type segment struct {
	requests []*request
	arrays   [arrays]array
	mass     int64
	undoes   bool
	regs     map[ledger.Reg]int
	keys     map[ledger.Key]bool // true: brought, false: only undone
	body     []byte
}

func (s *segment) reset() {
	s.requests, s.mass, s.undoes = s.requests[:0], 0, false
	for i := range s.arrays {
		s.arrays[i].reset(elementTypes[i])
	}
	for _, from := range []int{gFrom, mFrom, rFrom} {
		s.arrays[from].int4(0)
	}
	if s.regs == nil {
		s.regs, s.keys = map[ledger.Reg]int{}, map[ledger.Key]bool{}
	}
	clear(s.regs)
	clear(s.keys)
}

// takes reports whether tx may be in this segment.
func (s *segment) takes(tx *ledger.Tx) bool {
	if _, named := s.keys[tx.Key]; named {
		return false
	}
	return tx.Undoes == "" || !s.keys[tx.Undoes]
}

// add writes one transaction.
func (s *segment) add(r *request) {
	tx := r.tx
	s.requests = append(s.requests, r)
	s.keys[tx.Key] = true
	if tx.Undoes != "" {
		s.keys[tx.Undoes] = false
		s.undoes = true
	}
	a := &s.arrays
	a[pKeys].text(string(tx.Key))
	a[pUndoing].textOrNull(string(tx.Undoes))
	a[pSaw].int8(int64(tx.UndoesSeq))
	a[pRefusals].textOrNull(tx.Refuse)
	s.guards(tx)
	holds := false
	for i := range tx.Moves {
		mv := &tx.Moves[i]
		holds = holds || mv.Reg.Kind == ledger.Hold
		a[mReg].int4(s.reg(mv.Reg))
		a[mAdd].int8(mv.Add)
		a[mSet].bool(mv.Set)
		s.weigh(mv.Add)
	}
	a[pHolds].bool(holds)
	for _, up := range tx.Raise {
		a[rReg].int4(s.reg(up.Reg))
		a[rTo].int8(up.To)
		s.weigh(up.To)
		s.body = ledger.AppendMoves(s.body[:0], []ledger.Move{{Reg: up.Reg, Add: up.To, Set: true}})
		a[rJSON].raw(s.body[1 : len(s.body)-1]) // without the brackets
	}
	a[gFrom].int4(int(a[gReg].n))
	a[mFrom].int4(int(a[mReg].n))
	a[rFrom].int4(int(a[rReg].n))
	s.text(tx)
}

func (s *segment) guards(tx *ledger.Tx) {
	a := &s.arrays
	for i := range tx.Guards {
		g := &tx.Guards[i]
		a[gRule].text(g.Rule)
		a[gReg].int4(s.reg(g.Reg))
		a[gAdd].int8(g.Add)
		bound(&a[gMin], g.Min)
		bound(&a[gMax], g.Max)
		s.weigh(g.Add)
	}
}

func bound(a *array, b ledger.Bound) {
	if b.Set {
		a.int8(b.N)
		return
	}
	a.null()
}

// text writes the body: the posting as it was asked for, without what has columns of its own.
func (s *segment) text(tx *ledger.Tx) {
	p := ledger.Posting{Print: tx.Print, At: tx.At.UTC().Round(0), Day: tx.Day, Moves: tx.Moves}
	for _, g := range tx.Guards {
		p.Why = append(p.Why, ledger.Verdict{Guard: g})
	}
	s.body = p.AppendJSON(s.body[:0])
	s.arrays[pBodies].raw(s.body)
	s.arrays[pMemos].raw(tx.Memo)
}

// reg is the place of a register among those of the segment.
func (s *segment) reg(r ledger.Reg) int {
	n, ok := s.regs[r]
	if !ok {
		n = len(s.regs) + 1
		s.regs[r] = n
		s.arrays[pRegs].text(registerName(r))
	}
	return n
}

// registerName is what the database calls a register: kind:day:owner, which sorts today's together.
func registerName(r ledger.Reg) string {
	return r.Kind.String() + ":" + strconv.Itoa(int(r.Day)) + ":" + r.Owner
}

func (s *segment) weigh(n int64) {
	if n == math.MinInt64 {
		n++
	}
	s.mass = min(maxMass, s.mass+min(max(n, -n), maxMass))
}
