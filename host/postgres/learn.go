package postgres

import (
	"fmt"
	"slices"

	"possim/host/ledger"
)

// past are the postings that the machine may ask for: the originals of this turn and what it posted.
type past map[uint64]ledger.Posting

// Posting implements ledger.Past. What it returns shares nothing with what the callers were given.
func (p past) Posting(seq uint64) (ledger.Posting, error) {
	first, ok := p[seq]
	if !ok {
		return first, fmt.Errorf("%w: posting %d was not read", errAnswer, seq)
	}
	first.Why, first.Memo = slices.Clone(first.Why), slices.Clone(first.Memo)
	return first, nil
}

// elsewhere stands for an original that appeared after the host had looked for it.
const elsewhere = ^uint64(0)

// recall lists the registers that the cache does not have. What is left of a transaction that comes for
// the first time, as all but all do, is nothing that anybody can have moved; not so of one whose key is
// asked for, since another of the batch undoes it, say.
func (t *turn) recall() {
	t.missing = t.missing[:0]
	t.labels.reset(oidText)
	t.untouched.reset(oidText)
	for i := range t.cells {
		cell := &t.cells[i]
		if cell.known {
			continue
		}
		if cell.rest && !t.keys[ledger.Key(cell.reg.Owner)] {
			cell.fresh = true
			t.untouched.text(cell.name)
			continue
		}
		t.missing = append(t.missing, i)
		t.labels.text(cell.name)
	}
}

// learn takes what possim.fetch said into the cache.
func (t *turn) learn(row [][]byte) error {
	c := t.cache
	last, err1 := number(row[0])
	since, err2 := number(row[1])
	if err1 != nil || err2 != nil {
		return errAnswer
	}
	if same := row[9]; len(same) != 1 || same[0] == 0 || uint64(since) != c.at { // other books, or too much has come
		c.forget(uint64(since))
		t.meetAgain()
	}
	if err := t.follow(row[2:6], int(last-since)); err != nil {
		return err
	}
	if len(t.missing) == 0 {
		return nil
	}
	return elements(row[6], len(t.missing), func(i int, e []byte) (err error) {
		cell, n := &t.cells[t.missing[i]], int64(0)
		if e != nil {
			n, err = number(e)
		}
		if !cell.known {
			cell.value, cell.known, cell.fresh = n, true, e == nil
		}
		return err
	})
}

// meetAgain has the cells be registers of a cache that forgot them.
func (t *turn) meetAgain() {
	for i := range t.cells {
		g := t.cache.meet(t.cells[i].reg)
		g.turn, g.place = t.number, i
		t.cells[i].register = g
	}
}

// follow takes n postings of others: their keys, registers, what these held after, and rests.
func (t *turn) follow(columns [][]byte, n int) error {
	if n == 0 {
		return nil
	}
	all := make([]news, n)
	for column, into := range []func(p *news, e []byte){
		func(p *news, e []byte) { p.key = string(e) }, func(p *news, e []byte) { p.regs = string(e) },
		func(p *news, e []byte) { p.after = string(e) }, func(p *news, e []byte) { p.rest = e },
	} {
		err := elements(columns[column], n, func(i int, e []byte) error {
			into(&all[i], e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, p := range all {
		if err := t.cache.follow(p); err != nil {
			return err
		}
	}
	return nil
}

// open tells the machine what is known, now that all of it is.
func (t *turn) open(f fetched) error {
	t.machine.Begin(t.cache.at)
	for i := range t.cells {
		cell := &t.cells[i]
		cell.now = cell.value
		t.machine.LearnRegister(cell.reg, cell.value)
	}
	if len(t.order) == 0 {
		return nil
	}
	err := elements(f.keys, len(t.order), func(i int, e []byte) error { return t.learnKey(t.order[i], e) })
	if err == nil {
		err = elements(f.tombs, len(t.order), func(i int, e []byte) error { return t.learnTombstone(t.order[i], e) })
	}
	for i := 0; i < len(f.links) && err == nil; i++ {
		err = t.learnUndo(f.links[i])
	}
	return err
}

func (t *turn) learnKey(k ledger.Key, e []byte) error {
	if e == nil {
		return nil
	}
	seq, err := number(e)
	t.known[k] = true
	if p, read := t.past[uint64(seq)]; !read || p.Key != k {
		t.past[uint64(seq)] = ledger.Posting{Seq: elsewhere, Key: k}
	}
	t.machine.LearnKey(k, uint64(seq))
	return err
}

func (t *turn) learnTombstone(k ledger.Key, e []byte) error {
	if e == nil {
		return nil
	}
	by, err := number(e)
	p, there := t.past[uint64(by)]
	if !there {
		p.Seq = uint64(by)
	}
	p.Undoes = k // also of one that is there because it is repeated beside k, of which learnKey knows no more than its key
	t.past[uint64(by)] = p
	t.machine.LearnTombstone(k, uint64(by))
	return err
}

// learnUndo takes a row that possim.chain said.
func (t *turn) learnUndo(row [][]byte) error {
	var n [3]uint64
	for i := range n {
		if i >= len(row) {
			return fmt.Errorf("%w: %d columns", errAnswer, len(row))
		}
		v, err := number(row[i])
		if err != nil {
			return err
		}
		n[i] = uint64(v)
	}
	t.machine.LearnUndo(n[0], n[1], n[2])
	t.links = append(t.links, link{n[0], n[2]})
	return nil
}
