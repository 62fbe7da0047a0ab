package ledger

// A part is a Machine that decides for a store which keeps the state elsewhere: it knows what it was
// told of it, which must be all that the Txs to come look at, and forgets it again.
//
//	m := ledger.NewPart(past)
//	m.Begin(last)                 // the book has so many postings
//	m.LearnRegister(reg, value)   // of each register that a Tx, or what it undoes, names: 0 need not be told
//	m.LearnKey(key, seq)          // of each posting that a Tx repeats or undoes
//	r, p, err := m.Decide(&tx)    // and Post, as in any other

// NewPart returns a machine that will be told what it must know. Its postings past keeps, those that
// are decided among them.
func NewPart(past Past) *Machine { return &Machine{past: past} }

// Begin forgets everything but that the journal has so many postings.
func (m *Machine) Begin(last uint64) {
	if m.regs == nil {
		m.regs, m.links = map[regHash]int64{}, map[uint64]link{}
	}
	clear(m.regs)
	clear(m.keys)
	clear(m.tombs)
	clear(m.links)
	m.held = m.held[:0]
	m.last = last
}

// LearnRegister tells the value of a register.
func (m *Machine) LearnRegister(r Reg, n int64) { m.regs[hashReg(&r)] = n }

// LearnKey tells which posting bears a key. It is told once.
func (m *Machine) LearnKey(k Key, seq uint64) { m.keys.put(hashName(string(k)), seq) }

// LearnTombstone tells which posting undid a key that had not arrived. It is told once.
func (m *Machine) LearnTombstone(k Key, by uint64) { m.tombs.put(hashName(string(k)), by) }

// LearnUndo tells whom a posting undid and who has it undone, 0 for nobody: of each posting that a Tx
// undoes, of the one which that undid, and so on down.
func (m *Machine) LearnUndo(seq, undid, undoneBy uint64) { m.links[seq] = link{undid, undoneBy} }

// UndoneBy returns the posting that has this one undone, 0 when it stands.
func (m *Machine) UndoneBy(seq uint64) uint64 { return m.links[seq].undoneBy }
