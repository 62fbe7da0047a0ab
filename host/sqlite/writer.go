package sqlite

import (
	"fmt"

	"possim/host/ledger"
)

// write is the writer: it owns the disk, and alone changes the book.
func (s *Store) write() {
	defer close(s.stopped)
	batch := make([]*request, 0, maxBatch)
	var buf []byte
	for r := range s.queue {
		batch = s.drain(append(batch[:0], r))
		if s.ready(batch) {
			buf = s.commit(batch, buf[:0])
			s.saveTerminals(batch)
		}
		for i, r := range batch {
			close(r.done)
			batch[i] = nil
		}
	}
}

// drain takes what waits, and waits for nothing.
func (s *Store) drain(batch []*request) []*request {
	for len(batch) < maxBatch {
		select {
		case r, ok := <-s.queue:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// ready replays the file when an earlier write failed; should that fail, so does the batch.
func (s *Store) ready(batch []*request) bool {
	if s.book != nil { // read without mu: the writer alone changes it
		return true
	}
	book := new(ledger.Machine)
	if err := s.disk.reopen(book); err != nil {
		fail(batch, err)
		return false
	}
	s.mu.Lock()
	s.book = book
	s.mu.Unlock()
	return true
}

// commit decides on the batch and makes it durable.
func (s *Store) commit(batch []*request, buf []byte) []byte {
	after := s.book.Last()
	f := s.decide(batch)
	last := s.book.Last()
	if f == nil {
		return buf
	}
	buf = s.book.AppendJSON(buf, after)
	err := s.disk.append(after+1, last, buf)
	if err != nil {
		f.err = fmt.Errorf("sqlite: %s: postings %d to %d were not written, repeat the transaction: %w", s.disk.path, after+1, last, err)
		fail(batch, f.err)
	}
	s.mu.Lock()
	s.flight = nil
	if err != nil {
		s.book = nil
	}
	s.mu.Unlock()
	close(f.landed)
	return buf
}

// decide applies the batch in memory; it returns nil when there is nothing to write.
func (s *Store) decide(batch []*request) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	after := s.book.Last()
	for _, r := range batch {
		if r.tx != nil {
			r.result, r.err = s.book.Apply(*r.tx)
		}
	}
	if s.book.Last() == after {
		return nil
	}
	s.flight = &flight{first: after + 1, landed: make(chan struct{})}
	return s.flight
}

// fail gives every request of a batch the same error: none of its answers may leave.
func fail(batch []*request, err error) {
	for _, r := range batch {
		r.result, r.err = ledger.Result{}, err
	}
}
