package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"time"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// keepBytes is how much of the journal's end stays in memory: what is voided, reversed or repeated is
// hardly ever older.
const keepBytes = 32 << 20

// row is a row of the table batch. Its text is never written to.
type row struct {
	first, last uint64
	text        []byte
}

// past finds postings again: the latest in memory, the others in the file. It is safe for concurrent use.
type past struct {
	archive

	mu   sync.Mutex
	rows []row // the latest, in order
	size int   // of their texts
}

// add puts a row behind the others; of too many the oldest are forgotten.
func (p *past) add(r row) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.size = append(p.rows, r), p.size+len(r.text)
	drop := 0
	for ; p.size > keepBytes && drop < len(p.rows)-1; drop++ {
		p.size -= len(p.rows[drop].text)
		p.rows[drop] = row{}
	}
	p.rows = p.rows[drop:]
}

// forget empties the memory.
func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.size = nil, 0
}

// row returns the row that holds a posting.
func (p *past) row(seq uint64) (row, error) {
	p.mu.Lock()
	i, _ := slices.BinarySearchFunc(p.rows, seq, func(r row, seq uint64) int {
		if r.last < seq {
			return -1
		}
		return 1
	})
	if i < len(p.rows) && p.rows[i].first <= seq {
		defer p.mu.Unlock()
		return p.rows[i], nil
	}
	p.mu.Unlock()
	return p.fetch(seq)
}

// Posting implements ledger.Past.
func (p *past) Posting(seq uint64) (ledger.Posting, error) {
	r, err := p.row(seq)
	if err != nil {
		return ledger.Posting{}, err
	}
	return r.posting(seq)
}

// posting reads one posting of the row.
func (r row) posting(seq uint64) (ledger.Posting, error) {
	some, err := r.pick([]uint64{seq})
	if err != nil {
		return ledger.Posting{}, err
	}
	return some[0], nil
}

// pick reads some postings of the row, in order.
func (r row) pick(seqs []uint64) ([]ledger.Posting, error) {
	some := make([]ledger.Posting, 0, len(seqs))
	if r.objects() {
		all, err := r.postings(r.first)
		if err != nil {
			return nil, err
		}
		for _, seq := range seqs {
			some = append(some, all[seq-r.first])
		}
		return some, nil
	}
	text, n := r.lines(), r.first
	for _, seq := range seqs {
		for ; n < seq; n++ {
			_, text, _ = bytes.Cut(text, []byte(",\n"))
		}
		line, _, _ := bytes.Cut(text, []byte(",\n"))
		p, err := ledger.ReadLine(line)
		if err == nil && p.Seq != seq {
			err = fmt.Errorf("posting %d is at the place of %d", p.Seq, seq)
		}
		if err != nil {
			return nil, r.damaged(err)
		}
		some = append(some, p)
	}
	return some, nil
}

// postings reads the postings of the row from seq on, of which there is at least one.
func (r row) postings(seq uint64) (all []ledger.Posting, err error) {
	if r.objects() {
		all, err = ledger.ReadJSON(r.text)
	} else {
		var reader ledger.LineReader
		for line := range bytes.SplitSeq(r.lines(), []byte(",\n")) {
			p, err := reader.Read(line)
			if err != nil {
				return nil, r.damaged(err)
			}
			all = append(all, p)
		}
	}
	if err != nil {
		return nil, r.damaged(err)
	}
	for i := range all {
		if all[i].Seq != r.first+uint64(i) {
			return nil, r.damaged(fmt.Errorf("posting %d is at the place of %d", all[i].Seq, r.first+uint64(i)))
		}
	}
	if uint64(len(all)) != r.last-r.first+1 {
		return nil, r.damaged(fmt.Errorf("it holds %d postings", len(all)))
	}
	return all[seq-r.first:], nil
}

// objects reports whether the row is of version 1, whose postings are JSON objects.
func (r row) objects() bool { return bytes.HasPrefix(r.text, []byte("[{")) }

// lines is the text without the brackets of the array.
func (r row) lines() []byte {
	return bytes.TrimSuffix(bytes.TrimPrefix(r.text, []byte("[")), []byte("]"))
}

func (r row) damaged(err error) error {
	return fmt.Errorf("%w: the batch of postings %d to %d: %w; restore a copy, or move it away; it was not changed", ErrDamaged, r.first, r.last, err)
}

// archive reads rows from the file through a connection of its own.
type archive struct {
	path string
	busy time.Duration

	io   sync.Mutex // held while the file is read
	conn *driver.Conn
	at   row // the last one read
}

// open opens the file; whoever reads then sees what is durable.
func (a *archive) open(path string, busy time.Duration) (err error) {
	a.io.Lock()
	defer a.io.Unlock()
	a.path, a.at = path, row{}
	a.conn, err = connect(path, driver.OpenReadOnly, busy)
	return err
}

func (a *archive) close() error {
	a.io.Lock()
	defer a.io.Unlock()
	if a.conn == nil {
		return nil
	}
	err := a.conn.Close()
	a.conn = nil
	return err
}

// fetch reads the row that holds a posting.
func (a *archive) fetch(seq uint64) (r row, err error) {
	a.io.Lock()
	defer a.io.Unlock()
	if a.at.first <= seq && seq <= a.at.last {
		return a.at, nil
	}
	if a.conn == nil {
		return row{}, fmt.Errorf("sqlite: %s: %w", a.path, ErrClosed)
	}
	err = rows(a.conn, "SELECT first, last, crc, events FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1", seq,
		func(found row) error { r = found; return nil })
	if err == nil && (seq < r.first || seq > r.last) {
		err = fmt.Errorf("%w: it has lost posting %d", ErrDamaged, seq)
	}
	if err != nil {
		return row{}, fmt.Errorf("sqlite: %s: %w", a.path, err)
	}
	a.at = r
	return r, nil
}

// rows runs a query for rows of batch with one argument, and shows each, its checksum verified.
func rows(conn *driver.Conn, query string, arg uint64, each func(row) error) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return explain(err)
	}
	defer stmt.Reset() // its error is that of the last Step
	stmt.BindInt64(1, int64(arg))
	for {
		found, err := stmt.Step()
		if err != nil || !found {
			return explain(err)
		}
		r := row{uint64(stmt.ColumnInt64(0)), uint64(stmt.ColumnInt64(1)), make([]byte, stmt.ColumnLen(3))}
		stmt.ColumnBytes(3, r.text)
		if crc32.Checksum(r.text, castagnoli) != uint32(stmt.ColumnInt64(2)) {
			return r.damaged(errors.New("its checksum is wrong"))
		}
		if err := each(r); err != nil {
			return err
		}
	}
}
