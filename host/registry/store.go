package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"possim/host/hsm"
)

// Store keeps what a host must not forget of its terminals: an opaque line of text
// for each. The keys in it are wrapped before they get here.
type Store interface {
	// SaveTerminal is durable on return.
	SaveTerminal(ctx context.Context, mid, tid, state string) error
	// LoadTerminals calls each with what was saved last for every terminal.
	LoadTerminals(ctx context.Context, each func(mid, tid, state string) error) error
}

// Shared is a Store that other hosts change too. Registries over one then give a
// terminal one session between them: each change is made to what is kept, not to what
// this host saw last, and Refresh looks again before a terminal is refused.
type Shared interface {
	Store
	// ReadTerminal returns what was saved last of a terminal, "" when nothing was.
	ReadTerminal(ctx context.Context, mid, tid string) (state string, err error)
	// SwapTerminal saves state, durable on return, if old is what was saved last; when it
	// is not, nothing changes and swapped is false.
	SwapTerminal(ctx context.Context, mid, tid, old, state string) (swapped bool, err error)
}

// stored is the text of a terminal, as JSON.
type stored struct {
	Batch   int        `json:"batch,omitempty"`
	Closed  bool       `json:"closed,omitempty"`
	KeyedAt *time.Time `json:"keyed_at,omitempty"`
	TMK     string     `json:"tmk,omitempty"` // hsm.Wrap of each key
	TPK     string     `json:"tpk,omitempty"`
	TAK     string     `json:"tak,omitempty"`
	TDK     string     `json:"tdk,omitempty"`
}

// sealed is one key and where it stands in the text.
type sealed struct {
	name string
	key  *hsm.Key
	text *string
}

func (j *stored) keys(s *Session, tmk *hsm.Key) []sealed {
	return []sealed{
		{"TMK", tmk, &j.TMK}, {"TPK", &s.Working.TPK, &j.TPK},
		{"TAK", &s.Working.TAK, &j.TAK}, {"TDK", &s.Working.TDK, &j.TDK},
	}
}

// Keep makes sessions and injected TMKs durable: it takes over what the store has,
// and from then on each change is in the store before it counts. The keys are
// wrapped under the master key, each for its own place; without a master key batch
// numbers are kept and keys are not, so that after a restart every terminal has to
// sign on again; hosts that share a store need one.
//
// A store that holds keys and does not open under this master key is refused: a
// terminal would otherwise be told that its MAC is wrong.
func (r *Registry) Keep(ctx context.Context, store Store, master hsm.Key) error {
	if isShared(store) && master.Zero() {
		return errors.New("hosts that share terminals need a master key: their keys are kept under it")
	}
	sessions, tmks := map[terminalKey]Session{}, map[terminalKey]hsm.Key{}
	err := store.LoadTerminals(ctx, func(mid, tid, text string) error {
		k := terminalKey{mid, tid}
		s, tmk, err := open(text, master, k)
		if err != nil {
			return fmt.Errorf("terminal %s of merchant %s: %w", tid, mid, err)
		}
		sessions[k] = s
		if !tmk.Zero() {
			tmks[k] = tmk
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store, r.master, r.sessions, r.injected = store, master, sessions, tmks
	return nil
}

// text is a terminal as the store has it.
func text(master hsm.Key, k terminalKey, s Session, tmk hsm.Key) (string, error) {
	j := stored{Batch: s.Batch, Closed: s.Closed}
	if !master.Zero() {
		if !s.KeyedAt.IsZero() {
			at := s.KeyedAt.UTC()
			j.KeyedAt = &at
		}
		for _, f := range j.keys(&s, &tmk) {
			if f.key.Zero() {
				continue
			}
			wrapped, err := hsm.Wrap(master, *f.key, "terminal", k.mid, k.tid, f.name)
			if err != nil {
				return "", fmt.Errorf("%s: %w", f.name, err)
			}
			*f.text = wrapped
		}
	}
	b, err := json.Marshal(j)
	return string(b), err
}

var errNoMaster = errors.New("its keys are kept under a master key: give the one they were kept under, or take the terminals out of the database")

// open reads what save wrote.
func open(text string, master hsm.Key, k terminalKey) (s Session, tmk hsm.Key, err error) {
	var j stored
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return s, tmk, fmt.Errorf("what was kept of it cannot be read: %w", err)
	}
	s.Batch, s.Closed = j.Batch, j.Closed
	if j.KeyedAt != nil {
		s.KeyedAt = *j.KeyedAt
	}
	for _, f := range j.keys(&s, &tmk) {
		switch {
		case *f.text == "":
			continue
		case master.Zero():
			return s, tmk, errNoMaster
		}
		if *f.key, err = hsm.Unwrap(master, *f.text, "terminal", k.mid, k.tid, f.name); err != nil {
			return s, tmk, err
		}
	}
	return s, tmk, nil
}
