package ledger

import (
	"context"
	"iter"
	"sync"
)

// Memory is a Book that lasts as long as the process: the store of tests and simulations.
type Memory struct {
	mu sync.Mutex
	m  Machine
}

// NewMemory returns an empty Book.
func NewMemory() *Memory { return &Memory{} }

var _ Book = (*Memory)(nil)

// Commit implements Book.
func (b *Memory) Commit(ctx context.Context, tx Tx) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m.Apply(tx)
}

// Find implements Book.
func (b *Memory) Find(ctx context.Context, k Key) (Posting, error) {
	if err := ctx.Err(); err != nil {
		return Posting{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m.Find(k)
}

// Read implements Book.
func (b *Memory) Read(ctx context.Context, regs ...Reg) ([]int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m.Read(regs...), nil
}

// Postings implements Book. The caller may commit while it ranges; what it adds is yielded too.
func (b *Memory) Postings(ctx context.Context, after uint64) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		for seq := after + 1; seq != 0; seq++ {
			if err := ctx.Err(); err != nil {
				yield(Posting{}, err)
				return
			}
			b.mu.Lock()
			p, err := b.m.Posting(seq)
			b.mu.Unlock()
			if err != nil || !yield(p, nil) { // the only error is that there is no more
				return
			}
		}
	}
}
