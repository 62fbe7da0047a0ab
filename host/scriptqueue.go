package host

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// ScriptState is an order of the issuer to a card, and what became of it.
type ScriptState struct {
	Script
	ID     string // 9F18, eight hexadecimal digits
	State  ScriptProgress
	Sent   int    // how often
	Result string // of the last time that the card was said to have got it, in hexadecimal
}

// ScriptProgress is how far an order has come.
type ScriptProgress string

// The stages of a script.
const (
	ScriptWaiting ScriptProgress = "waiting" // to be sent, or sent again
	ScriptDone    ScriptProgress = "done"    // the card reported it done
	ScriptGivenUp ScriptProgress = "given up"
)

// scriptQueues holds the orders for every card, by its token.
type scriptQueues struct {
	mu   sync.Mutex
	last uint32 // identifier
	of   map[string][]*ScriptState
}

// add queues orders. Identifiers go up, and begin at the host's clock: those of a host
// that started anew are none of before.
func (q *scriptQueues) add(token string, at time.Time, orders []Script) (ids []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.put(token, at, orders)
}

func (q *scriptQueues) put(token string, at time.Time, orders []Script) (ids []string) {
	if q.of == nil {
		q.of = map[string][]*ScriptState{}
	}
	for _, s := range orders {
		q.last = max(q.last+1, uint32(at.Unix()))
		id := fmt.Sprintf("%08X", q.last)
		s.Value = slices.Clone(s.Value)
		q.of[token] = append(q.of[token], &ScriptState{Script: s, ID: id, State: ScriptWaiting})
		ids = append(ids, id)
	}
	return ids
}

// block queues that the application block itself, unless that is the last it was told.
func (q *scriptQueues) block(token string, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range slices.Backward(q.of[token]) {
		switch s.Do {
		case BlockApplication:
			return
		case UnblockApplication:
			q.put(token, at, []Script{{Do: BlockApplication}})
			return
		}
	}
	q.put(token, at, []Script{{Do: BlockApplication}})
}

// waiting is what is to be sent, what goes into template 71 first.
func (q *scriptQueues) waiting(token string) (all []ScriptState) {
	for _, s := range q.all(token) {
		if s.State == ScriptWaiting {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b ScriptState) int {
		switch {
		case a.First == b.First:
			return 0
		case a.First:
			return -1
		}
		return 1
	})
	return all
}

func (q *scriptQueues) all(token string) (all []ScriptState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.of[token] {
		state := *s
		state.Value = slices.Clone(s.Value)
		all = append(all, state)
	}
	return all
}

// sent counts that orders went out. What was sent as often as it may be is given up,
// unless its result still says that it was done.
func (q *scriptQueues) sent(token string, ids []string, tries int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.of[token] {
		if !slices.Contains(ids, s.ID) || s.State != ScriptWaiting {
			continue
		}
		if s.Sent++; s.Sent >= tries {
			s.State = ScriptGivenUp
		}
	}
}

// report notes a card's result; known is false for an order that was never given.
func (q *scriptQueues) report(token, id, result string, done bool) (known bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.of[token] {
		if s.ID != id {
			continue
		}
		switch {
		case done:
			s.State, s.Result = ScriptDone, result
		case s.State != ScriptDone:
			s.Result = result
		}
		return true
	}
	return false
}
