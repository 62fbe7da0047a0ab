package postgres

import (
	"context"
	"sync/atomic"
)

// foldEvery is how many postings are folded into the table of registers at once. With more of them fewer
// rows are written, for most are of the same registers; a host that starts, and who asks the views, reads
// those that are not folded yet.
const foldEvery = 8192

// fold is what the table of registers lacks from one posting up to another.
type fold struct {
	since, until uint64
	key          string         // of the latter
	told         *atomic.Uint64 // where to say how far the table then is
	names        []string
	values       []int64
}

// foldable is what the table lacks.
func (c *cache) foldable() fold {
	f := fold{since: c.folded, until: c.at, key: c.lastKey, told: c.told, names: make([]string, 0, len(c.dirty)), values: make([]int64, 0, len(c.dirty))}
	for _, g := range c.dirty {
		f.names, f.values = append(f.names, g.name), append(f.values, g.value)
	}
	return f
}

// fold brings the table of registers up to date whenever the writer says with what. What fails is done
// the next time: until then nothing is missing, and the views take longer.
func (s *Store) fold() {
	defer s.writing.Done()
	for f := range s.folding {
		if upto, err := s.foldNow(context.Background(), f); err == nil {
			f.told.Store(upto)
		}
		s.busy.Store(false)
	}
}

func (s *Store) foldNow(ctx context.Context, f fold) (upto uint64, err error) {
	ctx, cancel := s.Limit(ctx)
	defer cancel()
	var n int64
	err = s.pool.QueryRow(ctx, "SELECT possim.fold($1, $2, $3, $4, $5)", int64(f.since), int64(f.until), f.key, f.names, f.values).Scan(&n)
	return uint64(n), err
}
