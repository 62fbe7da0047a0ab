package sqlite

import (
	"fmt"
	"runtime"

	"possim/host/ledger"
)

// write is the writer: it owns the disk, and alone changes the book.
func (s *Store) write() {
	defer close(s.stopped)
	batch := make([]*request, 0, maxBatch)
	for r := range s.queue {
		batch = s.gather(append(batch[:0], r))
		if s.ready(batch) {
			s.commit(batch)
			s.saveTerminals(batch)
		}
		for i, r := range batch {
			r.done <- struct{}{}
			batch[i] = nil
		}
		s.snapshot()
	}
	s.lastSnapshot()
}

// gather takes what waits, and lets those run who are about to ask: the callers that the last batch has
// just released. It waits for nobody: when nobody can run, or those who did asked nothing, it goes on.
func (s *Store) gather(batch []*request) []*request {
	for n := 0; n < len(batch); {
		n = len(batch)
		runtime.Gosched()
		batch = s.drain(batch)
	}
	return batch
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

// ready reads the file when an earlier write failed; should that fail, so does the batch.
func (s *Store) ready(batch []*request) bool {
	if s.book != nil { // read without mu: the writer alone changes it
		return true
	}
	book, err := s.read()
	if err != nil {
		fail(batch, err)
		return false
	}
	s.mu.Lock()
	s.book = book
	s.mu.Unlock()
	return true
}

// commit decides on the batch and makes it durable.
func (s *Store) commit(batch []*request) {
	f := s.decide(batch)
	if f == nil {
		return
	}
	s.past.add(s.draft.row)
	err := s.disk.append(s.draft.row)
	if err != nil {
		f.err = fmt.Errorf("sqlite: %s: postings %d to %d were not written, repeat the transaction: %w", s.disk.path, s.draft.first, s.draft.last, err)
		fail(batch, f.err)
	}
	s.mu.Lock()
	s.flight = nil
	if err != nil {
		s.book = nil
	}
	s.mu.Unlock()
	close(f.landed)
}

// decide applies the batch in memory; it returns nil when there is nothing to write.
func (s *Store) decide(batch []*request) (f *flight) {
	s.draft.begin(s.book.Last())
	for _, r := range batch {
		if r.kind != posting {
			continue
		}
		var p *ledger.Posting
		if r.result, p, r.err = s.book.Decide(&r.tx); p == nil {
			continue
		}
		s.draft.add(p)
		s.mu.Lock()
		if f == nil {
			f = &flight{first: s.draft.first, landed: make(chan struct{})}
			s.flight = f
		}
		s.book.Post()
		s.mu.Unlock()
	}
	return f
}

// fail gives every request of a batch the same error: none of its answers may leave.
func fail(batch []*request, err error) {
	for _, r := range batch {
		r.result, r.err = ledger.Result{}, err
	}
}
