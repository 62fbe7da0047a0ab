package sqlite

import (
	"fmt"

	"possim/host/ledger"
	"possim/host/ledger/gather"
)

// request is what somebody wants of the writer: a posting or an errand.
type request = gather.Request[errand]

// errand is what else the writer does: it saves a terminal, or only reads the file again when a write has failed.
type errand struct{ terminal *terminal }

// write is the writer: it owns the disk, and alone changes the book.
func (s *Store) write() {
	defer close(s.stopped)
	for batch := s.queue.Batch(); batch.Begin(); s.snapshot() {
		if s.ready(batch) {
			s.commit(batch)
			s.saveTerminals(batch.Requests)
		}
		batch.Release()
	}
	s.lastSnapshot()
}

// ready reads the file when an earlier write failed; should that fail, so does the batch.
func (s *Store) ready(batch *gather.Batch[errand]) bool {
	if s.book != nil { // read without mu: the writer alone changes it
		return true
	}
	book, err := s.read()
	if err != nil {
		batch.Fail(err)
		return false
	}
	s.mu.Lock()
	s.book = book
	s.mu.Unlock()
	return true
}

// commit decides on the batch, and on what comes meanwhile, and makes it durable.
func (s *Store) commit(batch *gather.Batch[errand]) {
	var f *flight
	s.draft.begin(s.book.Last())
	for more := true; more; more = batch.Next() {
		f = s.decide(batch.Requests[len(batch.Requests)-1], f)
	}
	if f == nil {
		return
	}
	s.past.add(s.draft.row)
	err := s.disk.append(s.draft.row)
	if err != nil {
		f.err = fmt.Errorf("sqlite: %s: postings %d to %d were not written, repeat the transaction: %w", s.disk.path, s.draft.first, s.draft.last, err)
		batch.Fail(f.err)
	}
	s.mu.Lock()
	s.flight = nil
	if err != nil {
		s.book = nil
	}
	s.mu.Unlock()
	close(f.landed)
}

// decide applies a request in memory. The first one that is to be written makes the batch's flight.
func (s *Store) decide(r *request, f *flight) *flight {
	if r.Want != nil {
		return f
	}
	var p *ledger.Posting
	if r.Result, p, r.Err = s.book.Decide(&r.Tx); p == nil {
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
