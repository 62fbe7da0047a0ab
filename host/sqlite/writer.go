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
		batch = append(batch[:0], r)
		if s.ready(batch) {
			batch = s.commit(batch)
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

// next takes one more request into the batch. When none is there it lets those run who are about to ask,
// such as the callers that the last batch has just released, and looks again. It waits for nobody.
func (s *Store) next(batch []*request) (_ []*request, ok bool) {
	for range 2 {
		if len(batch) == maxBatch {
			return batch, false
		}
		select {
		case r, open := <-s.queue:
			if !open {
				return batch, false
			}
			return append(batch, r), true
		default:
			runtime.Gosched()
		}
	}
	return batch, false
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

// commit decides on the batch, and on what comes meanwhile, and makes it durable.
func (s *Store) commit(batch []*request) []*request {
	var f *flight
	s.draft.begin(s.book.Last())
	for more := true; more; batch, more = s.next(batch) {
		f = s.decide(batch[len(batch)-1], f)
	}
	if f == nil {
		return batch
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
	return batch
}

// decide applies a request in memory. The first one that is to be written makes the batch's flight.
func (s *Store) decide(r *request, f *flight) *flight {
	if r.kind != posting {
		return f
	}
	var p *ledger.Posting
	if r.result, p, r.err = s.book.Decide(&r.tx); p == nil {
		return f
	}
	s.draft.add(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == nil {
		f = &flight{first: s.draft.first, landed: make(chan struct{})}
		s.flight = f
	}
	s.book.Post()
	return f
}

// fail gives every request of a batch the same error: none of its answers may leave.
func fail(batch []*request, err error) {
	for _, r := range batch {
		r.result, r.err = ledger.Result{}, err
	}
}
