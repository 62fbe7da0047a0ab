package registry

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"possim/host/hsm"
)

// Session is what a terminal and the host agreed on at sign-on: it changes while
// the host runs, and a Store keeps it.
type Session struct {
	Working hsm.WorkingKeys // none: not signed on, or signed off
	KeyedAt time.Time       // when Working was made
	Batch   int             // the open batch; 0: the terminal never signed on
	Closed  bool            // Batch is settled: the next sign-on opens another
}

// maxBatch is the largest number 60.2 can carry; 1 follows it.
const maxBatch = 999_999

// next is the session after a sign-on: the open batch again, and a new one only
// after settlement (RULES: the terminal).
func (s Session) next(w hsm.WorkingKeys, at time.Time) Session {
	s.Working, s.KeyedAt = w, at
	if s.Batch == 0 || s.Closed {
		s.Batch, s.Closed = s.Batch%maxBatch+1, false
	}
	return s
}

// SignOn gives a terminal new working keys and returns its session. An error means
// that nothing changed.
func (r *Registry) SignOn(ctx context.Context, mid, tid string, w hsm.WorkingKeys, at time.Time) (Session, error) {
	return r.change(ctx, mid, tid, func(s Session) Session { return s.next(w, at) })
}

// SignOff takes a terminal's working keys away.
func (r *Registry) SignOff(ctx context.Context, mid, tid string) error {
	_, err := r.change(ctx, mid, tid, func(s Session) Session {
		s.Working, s.KeyedAt = hsm.WorkingKeys{}, time.Time{}
		return s
	})
	return err
}

// CloseBatch says that a batch is settled. It changes nothing when another one is
// open: a repeated message must not close the batch after.
func (r *Registry) CloseBatch(ctx context.Context, mid, tid string, batch int) error {
	_, err := r.change(ctx, mid, tid, func(s Session) Session {
		s.Closed = s.Closed || s.Batch != 0 && s.Batch == batch
		return s
	})
	return err
}

// change makes a new session out of the old one, durable before anyone sees it.
func (r *Registry) change(ctx context.Context, mid, tid string, to func(Session) Session) (Session, error) {
	k := terminalKey{mid, tid}
	h := fnv.New32a()
	h.Write([]byte(tid))
	turn := &r.turns[h.Sum32()%uint32(len(r.turns))]
	turn.Lock() // one change of a terminal at a time; r.mu is not held over the store
	defer turn.Unlock()
	r.mu.RLock()
	old, tmk, store, master := r.sessions[k], r.injected[k], r.store, r.master
	r.mu.RUnlock()
	s := to(old)
	if same(s, old) {
		return old, nil
	}
	if err := save(ctx, store, master, k, s, tmk); err != nil {
		return old, fmt.Errorf("terminal %s of merchant %s: %w", tid, mid, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[k] = s
	return s, nil
}

// same spares a write where nothing changed.
func same(a, b Session) bool {
	return a.Batch == b.Batch && a.Closed == b.Closed && a.KeyedAt.Equal(b.KeyedAt) && a.Working.TAK.Equal(b.Working.TAK) && a.Working.TPK.Equal(b.Working.TPK)
}
