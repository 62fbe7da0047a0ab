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
	return r.alter(ctx, mid, tid, func(s Session, tmk hsm.Key) (Session, hsm.Key) { return to(s), tmk })
}

// swaps is how often a change is begun again because another host made one meanwhile.
const swaps = 16

// alter changes what is kept of a terminal.
func (r *Registry) alter(ctx context.Context, mid, tid string, to func(Session, hsm.Key) (Session, hsm.Key)) (Session, error) {
	k := terminalKey{mid, tid}
	defer r.turn(k)()
	for range swaps {
		old, tmk, kept, err := r.latest(ctx, k)
		if err != nil {
			return old, fmt.Errorf("terminal %s of merchant %s: %w", tid, mid, err)
		}
		s, newTMK := to(old, tmk)
		if same(s, old) && newTMK.Equal(tmk) {
			return old, nil
		}
		saved, err := r.save(ctx, k, kept, s, newTMK)
		if err != nil {
			return old, fmt.Errorf("terminal %s of merchant %s: %w", tid, mid, err)
		}
		if saved {
			r.learn(k, s, newTMK)
			return s, nil
		}
	}
	return Session{}, fmt.Errorf("terminal %s of merchant %s: other hosts kept changing it", tid, mid)
}

// turn lets one change of a terminal at a time be made here; r.mu is not held over the store.
func (r *Registry) turn(k terminalKey) (done func()) {
	h := fnv.New32a()
	h.Write([]byte(k.tid))
	turn := &r.turns[h.Sum32()%uint32(len(r.turns))]
	turn.Lock()
	return turn.Unlock
}

// latest is what is known of a terminal, or kept where other hosts change it, and then the text of that.
func (r *Registry) latest(ctx context.Context, k terminalKey) (s Session, tmk hsm.Key, kept string, err error) {
	store, master := r.kept()
	shared, ok := store.(Shared)
	if !ok {
		r.mu.RLock()
		defer r.mu.RUnlock()
		return r.sessions[k], r.injected[k], "", nil
	}
	if kept, err = shared.ReadTerminal(ctx, k.mid, k.tid); err != nil || kept == "" {
		return Session{}, hsm.Key{}, "", err
	}
	s, tmk, err = open(kept, master, k)
	return s, tmk, kept, err
}

// save keeps a terminal, unless another host has changed it since it was read. Without a store there
// is nothing to do.
func (r *Registry) save(ctx context.Context, k terminalKey, kept string, s Session, tmk hsm.Key) (bool, error) {
	store, master := r.kept()
	if store == nil {
		return true, nil
	}
	state, err := text(master, k, s, tmk)
	if err != nil {
		return false, err
	}
	if shared, ok := store.(Shared); ok {
		return shared.SwapTerminal(ctx, k.mid, k.tid, kept, state)
	}
	return true, store.SaveTerminal(ctx, k.mid, k.tid, state)
}

// kept is where terminals are kept, and the key that their keys are wrapped under there.
func (r *Registry) kept() (Store, hsm.Key) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.store, r.master
}

func isShared(s Store) bool {
	_, shared := s.(Shared)
	return shared
}

// learn is what is known from now on.
func (r *Registry) learn(k terminalKey, s Session, tmk hsm.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[k] = s
	if !tmk.Zero() {
		r.injected[k] = tmk
	}
}

// Refresh looks a terminal's session up where it is kept and other hosts change it, and reports
// whether one has. A host asks before it refuses a message for its batch or its keys.
func (r *Registry) Refresh(ctx context.Context, mid, tid string) (changed bool, err error) {
	if store, _ := r.kept(); !isShared(store) {
		return false, nil
	}
	k := terminalKey{mid, tid}
	defer r.turn(k)()
	s, tmk, _, err := r.latest(ctx, k)
	if err != nil {
		return false, fmt.Errorf("terminal %s of merchant %s: %w", tid, mid, err)
	}
	r.mu.RLock()
	changed = !same(s, r.sessions[k]) || !tmk.Equal(r.injected[k])
	r.mu.RUnlock()
	if changed {
		r.learn(k, s, tmk)
	}
	return changed, nil
}

// same spares a write where nothing changed.
func same(a, b Session) bool {
	return a.Batch == b.Batch && a.Closed == b.Closed && a.KeyedAt.Equal(b.KeyedAt) && a.Working.TAK.Equal(b.Working.TAK) && a.Working.TPK.Equal(b.Working.TPK)
}
