// Package sqlite keeps a ledger.Book durable in one SQLite file.
//
// The Book itself is the machine of package ledger, in memory: balances, day counters, repeat keys. Of
// an old posting it keeps a few bytes; the posting is read from the file when it is wanted.
// One goroutine takes the transactions that wait, lets the machine decide on all of them, appends
// the postings as one row of JSON (synchronous=FULL), and only then releases the answers. It never
// waits for company: a lone transaction costs one flush, sixty-four that arrive together share one.
//
//	Commit --> queue --> decide in memory --> INSERT INTO batch, flushed --> answers
//	Find, Read <-- memory, once what they saw is flushed
//
// # Opening
//
// A row of the table snapshot says what some sixteen thousand postings made of the machine. It is
// encoded beside the work, and costs what those postings touched, so that neither a long history nor
// many cards slow anything down. Opening loads these rows and replays only the batches behind them.
// A snapshot that is damaged, or not of these batches, is not used: the batches say the same and take
// longer, [Store.Notice] says so, and a new one is made. What it covers is not read by Open: damage
// there is an ErrDamaged when such a posting is wanted. It also says which postings set something aside,
// so that a host that looks for holds to let go of reads those that stand, and no other.
//
// # When a write fails
//
// Every Commit of a batch that could not be written (disk full, file locked, I/O error) returns an
// error, and so do the Finds and Reads that saw it. The machine, which is ahead of the file, is
// thrown away; the next request reads the file again. Should that fail too, requests return errors
// until it succeeds. A caller repeats its Commit: whether the first attempt reached the disk or not, it
// is then posted once. A file that is moved or deleted while it is open is such a failure: nothing is
// acknowledged into a file that has no name.
//
// # The file
//
// The file belongs to one process at a time: a second Open fails with ErrLocked. The lock is held on
// an empty file beside it (-lock), which the system releases however the process dies, and which
// stays there. Nothing else needs care: after kill -9 the next Open finds every acknowledged posting.
// Copy it with sqlite3's .backup, or all of its files (-wal) while it is closed.
//
// Views turn the rows into tables for people: postings, moves, verdicts, registers, balances and
// day_use. They cost nothing until asked, and may be asked while a host is running:
//
//	sqlite3 -header -column books.db 'SELECT * FROM postings WHERE refused IS NOT NULL'
//
// The rows themselves are JSON, an array for each posting (the comment in schema.sql says what is where):
//
//	sqlite3 books.db 'SELECT events FROM batch' | jq -c '.[] | {seq: .[1], key: .[0][0], moves: .[6], memo: .[7]}'
//
// A Store also keeps what the registry must not forget of terminals (registry.Store): a row for each
// in the table terminal, made when the first is saved, with its keys wrapped before they get here.
//
// The header carries an application id and a schema version; a file that is not a ledger, is of a
// newer version, or is damaged is refused with ErrForeign, ErrNewer or ErrDamaged, and not changed. One
// of an older version is brought to this one.
package sqlite

import (
	"cmp"
	"errors"
	"time"

	"possim/host/ledger/gather"
)

// What Open may say about a file, beside what the file system says.
var (
	ErrLocked  = errors.New("another process has it open")
	ErrForeign = errors.New("not a possim ledger")
	ErrNewer   = errors.New("a ledger of a newer version")
	ErrDamaged = errors.New("a damaged ledger")
	ErrClosed  = gather.ErrClosed
)

// busyTimeout is how long a write waits for a person's sqlite3 shell to let go of its lock.
const busyTimeout = 2 * time.Second

// maxBatch bounds a batch, and so the row and the wait of its first transaction.
const maxBatch = 1024

// Open opens the ledger at path, or creates it.
func Open(path string) (*Store, error) { return open(path, disk{busy: busyTimeout}) }

func open(path string, d disk) (*Store, error) {
	d.segment = cmp.Or(d.segment, segmentSize)
	if err := d.open(path); err != nil {
		return nil, err
	}
	s := &Store{queue: gather.New[errand]("sqlite: "+d.path, maxBatch), stopped: make(chan struct{}), disk: d}
	var err error
	if s.book, err = s.read(); err != nil {
		return nil, errors.Join(err, s.disk.close())
	}
	go s.write()
	return s, nil
}

// Close waits for the transactions under way, then lets go of the file.
func (s *Store) Close() error {
	first := s.queue.Close()
	<-s.stopped
	if !first {
		return nil
	}
	return errors.Join(s.past.close(), s.disk.close())
}
