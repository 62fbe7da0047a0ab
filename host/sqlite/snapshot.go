package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// A snapshot is the rows of the table snapshot, each a ledger.Segment: what a run of batches made of
// the state. The writer cuts one every so many postings, another goroutine encodes it, and the writer
// puts it into the file between two batches. A start loads them and reads only the batches behind. What
// is wrong with a snapshot is no loss: the batches say the same, and take longer.

// segmentSize is after how many postings a segment is cut: so many, and those that came while it was
// being encoded, are read one by one by the next start.
const segmentSize = 16 << 10

// cutter makes segments.
type cutter struct {
	size int          // after how many postings
	busy chan segment // where the next one will come from; nil when none is under way
	off  bool         // one could not be written: what follows would not fit
}

// segment is a row of the table snapshot.
type segment struct {
	first, last uint64
	tail        uint32 // the checksum of the last batch it stands for
	state       []byte
}

// snapshot keeps a segment that is encoded, or cuts one when it is time.
func (s *Store) snapshot() {
	c := &s.cutter
	if s.book == nil { // those under way are made again from the file
		*c = cutter{size: c.size}
		return
	}
	select {
	case seg := <-c.busy:
		c.busy = nil
		s.keep(seg)
	default:
	}
	if c.busy == nil && !c.off && s.book.Behind() >= c.size {
		busy, cut, tail := make(chan segment, 1), s.book.Cut(), s.disk.tail
		c.busy = busy
		go func() { busy <- encode(cut, tail) }()
	}
}

// lastSnapshot keeps what is under way when the store is closed, and the rest when it is worth a row.
func (s *Store) lastSnapshot() {
	c := &s.cutter
	if s.book == nil {
		return
	}
	if c.busy != nil {
		s.keep(<-c.busy)
	}
	if !c.off && s.book.Behind() > c.size/16 {
		s.keep(encode(s.book.Cut(), s.disk.tail))
	}
}

func encode(cut *ledger.Segment, tail uint32) segment {
	return segment{cut.First(), cut.Last(), tail, cut.Encode()}
}

// keep writes a segment. Should that fail the book is none the worse; the next start reads more.
func (s *Store) keep(seg segment) {
	if !s.cutter.off {
		s.cutter.off = s.disk.keep(seg) != nil
	}
}

// keep writes a row of the table snapshot.
func (d *disk) keep(seg segment) error {
	if err := d.step("before snapshot"); err != nil {
		return err
	}
	stmt, err := d.conn.Prepare("INSERT INTO snapshot (first, last, crc, tail, state) VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return explain(err)
	}
	stmt.BindInt64(1, int64(seg.first))
	stmt.BindInt64(2, int64(seg.last))
	stmt.BindInt64(3, int64(crc32.Checksum(seg.state, castagnoli)))
	stmt.BindInt64(4, int64(seg.tail))
	stmt.BindBytes(5, seg.state)
	_, err = stmt.Step()
	if err = errors.Join(err, stmt.Reset()); err != nil {
		return explain(err)
	}
	return d.step("after snapshot")
}

// loadSnapshot loads all segments that fit into an empty machine. Where they end for another reason
// than that there are no more, it says so.
func loadSnapshot(conn *driver.Conn, m *ledger.Machine) (notice error, err error) {
	there, err := number(conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'snapshot'")
	if err != nil || there == 0 {
		return nil, err
	}
	stmt, _, err := conn.PrepareTransient("SELECT first, last, crc, tail, state FROM snapshot ORDER BY first")
	if err != nil {
		return nil, explain(err)
	}
	defer stmt.Finalize()
	for {
		found, err := stmt.Step()
		if err != nil || !found {
			return nil, explain(err)
		}
		seg := segment{uint64(stmt.ColumnInt64(0)), uint64(stmt.ColumnInt64(1)), uint32(stmt.ColumnInt64(3)), make([]byte, stmt.ColumnLen(4))}
		stmt.ColumnBytes(4, seg.state)
		if crc32.Checksum(seg.state, castagnoli) != uint32(stmt.ColumnInt64(2)) {
			return fmt.Errorf("its part for postings %d to %d: its checksum is wrong", seg.first, seg.last), nil
		}
		if err := seg.load(conn, m); err != nil {
			return fmt.Errorf("its part for postings %d to %d: %w", seg.first, seg.last, err), nil
		}
	}
}

// load checks that the segment is of this journal, and loads it.
func (seg *segment) load(conn *driver.Conn, m *ledger.Machine) error {
	s, err := ledger.ReadSegment(seg.state)
	if err != nil {
		return err
	}
	if s.First() != seg.first || s.Last() != seg.last {
		return errors.New("it stands for others")
	}
	stmt, err := conn.Prepare(`SELECT count(*) FILTER (WHERE first = ?1) = 1 AND count(*) FILTER (WHERE last = ?2 AND crc = ?3) = 1
FROM (SELECT first, last, crc FROM batch WHERE first = ?1
UNION SELECT * FROM (SELECT first, last, crc FROM batch WHERE first <= ?2 ORDER BY first DESC LIMIT 1))`)
	if err != nil {
		return explain(err)
	}
	defer stmt.Reset()
	stmt.BindInt64(1, int64(seg.first))
	stmt.BindInt64(2, int64(seg.last))
	stmt.BindInt64(3, int64(seg.tail))
	if _, err := stmt.Step(); err != nil {
		return explain(err)
	}
	if stmt.ColumnInt64(0) != 1 {
		return errors.New("the batches are others than those it was made of")
	}
	return m.Load(s)
}
