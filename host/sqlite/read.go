package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"strconv"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// read makes the book from the file, then opens the file for writing. Reading is read-only, so that a
// damaged file stays as it is.
func (s *Store) read() (*ledger.Machine, error) {
	book, err := s.rebuild()
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", s.disk.path, errors.Join(err, s.release()))
	}
	return book, nil
}

// release closes the connections, the writing one last: it tidies up.
func (s *Store) release() error { return errors.Join(s.past.close(), s.disk.closeWriter()) }

func (s *Store) rebuild() (book *ledger.Machine, err error) {
	_ = s.release() // its last word on a failed write does not matter: what is in the file does
	s.past.forget()
	if _, err := os.Stat(s.disk.path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("it %w while it was open: put it back", errMoved)
	}
	if err := s.past.open(s.disk.path, s.disk.busy); err != nil {
		return nil, err
	}
	conn, err := connect(s.disk.path, driver.OpenReadOnly, s.disk.busy)
	if err != nil {
		return nil, err
	}
	s.draft = draft{past: &s.past}
	book = ledger.NewMachine(&s.draft)
	if err := expect(conn, book); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	var made []segment
	spoilt, err := loadSnapshot(conn, book)
	covered := book.Last()
	if err == nil {
		made, err = s.replay(conn, book)
	}
	if err == nil && book.Last() < s.disk.last {
		err = fmt.Errorf("it %w while it was open: posting %d was acknowledged and it ends with %d: put it back", errMoved, s.disk.last, book.Last())
	}
	if err == nil {
		err = s.disk.openWriter()
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return nil, err
	}
	s.cutter = cutter{size: s.disk.segment}
	s.cutter.off = s.disk.mend(spoilt != nil, covered, made) != nil
	if spoilt == nil && covered == 0 && len(made) > 1 {
		spoilt = errors.New("there is none")
	}
	s.notice = notice(spoilt, book.Last()-covered, s.cutter.off)
	return book, nil
}

// notice tells a person why a start took long, and what that means to him.
func notice(spoilt error, postings uint64, unkept bool) string {
	if spoilt == nil {
		return ""
	}
	why, next := spoilt.Error(), "Nothing is lost, and it comes once: a new snapshot takes its place"
	if errors.Is(spoilt, ledger.ErrSegmentVersion) {
		why = "another version of possim made it"
	}
	if unkept {
		next = "Nothing is lost, but no new snapshot could be written: the next start reads them again"
	}
	return fmt.Sprintf("the snapshot that lets it open quickly was not used (%s): %d postings were read one by one instead. %s", why, postings, next)
}

// expect tells the book how many postings are coming. The number is only believed as far as so many
// could be in the file: it has not been checked yet.
func expect(conn *driver.Conn, book *ledger.Machine) error {
	const least = 64 // bytes of a posting
	n, err := number(conn, "SELECT min(coalesce((SELECT last FROM batch ORDER BY first DESC LIMIT 1), 0), (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) / "+strconv.Itoa(least)+")")
	if err == nil {
		book.Expect(int(max(n, 0)))
	}
	return err
}

// replay replays the batches behind the snapshot. It returns the segments that are missing there.
func (s *Store) replay(conn *driver.Conn, book *ledger.Machine) (made []segment, err error) {
	return made, rows(conn, "SELECT first, last, crc, events FROM batch WHERE first > ? ORDER BY first", book.Last(), func(r row) error {
		if r.first != book.Last()+1 {
			return r.damaged(fmt.Errorf("it follows posting %d", book.Last()))
		}
		postings, err := r.postings(r.first)
		if err != nil {
			return err
		}
		s.draft.row = r
		for _, p := range postings {
			if err := book.Replay(p); err != nil {
				return r.damaged(err)
			}
		}
		s.past.add(r)
		if s.disk.tail = r.sum(); book.Behind() >= s.disk.segment {
			made = append(made, encode(book.Cut(), s.disk.tail))
		}
		return nil
	})
}

// mend replaces what is wrong with the snapshot behind covered.
func (d *disk) mend(spoilt bool, covered uint64, made []segment) error {
	if spoilt {
		if err := run(d.conn, fmt.Sprintf("DELETE FROM snapshot WHERE first > %d", covered)); err != nil {
			return err
		}
	}
	for _, seg := range made {
		if err := d.keep(seg); err != nil {
			return err
		}
	}
	return nil
}

// sum is the row's checksum.
func (r row) sum() uint32 { return crc32.Checksum(r.text, castagnoli) }
