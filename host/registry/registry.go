// Package registry is what the acquirer and the issuer behind it know before a
// message arrives: which cards exist and what they may do, which merchants and
// terminals are registered. It holds no money: balances and what was used of a
// limit are in the ledger, so that reading a card file again changes limits and
// status and nothing else (RULES: defaults).
//
//	r := registry.New()                       // merchant 898100054110001, TIDs 00000001 to 00010000
//	err := r.PutCard(registry.Card{PAN: "6222020000000015", Limits: registry.Limits{DayAmount: new(int64(500_000))}})
//	err = r.SetStatus("6222020000000015", registry.Frozen)
//	c, ok := r.Card("6222020000000015")
//
// # Sessions
//
// A terminal's session, its working keys and the number of its open batch, begins
// at its sign-on. Keep makes sessions durable in a Store, keys wrapped under a
// master key (hsm.Wrap); without it they last as long as the process.
//
//	s, err := r.SignOn(ctx, mid, tid, keys, now)  // s.Batch: the open batch, or a new one after CloseBatch
//	t, ok := r.Terminal(mid, tid)                 // t.TMK, t.Working, t.Batch
//
// # Payment codes
//
// A code on a phone names its card and its second of issue (IssueCode), so that a
// terminal, or a scenario, and a host in another process agree on it without
// talking to one another.
//
// A Registry is safe for concurrent use; what it returns are copies.
package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"possim/host/hsm"
	"possim/reader/card"
)

// ErrUnknownCard is returned for a PAN that is not in the registry.
var ErrUnknownCard = errors.New("the card is not registered")

// Registry holds cards, merchants and terminals.
type Registry struct {
	mu        sync.RWMutex
	cards     map[card.PAN]Card
	arrived   []card.PAN // the cards in the order in which they were first registered
	merchants map[string]Merchant
	terminals map[terminalKey]Terminal
	ranges    []Range
	codes     map[string]card.PAN // whose payment codes carry this reference

	tmk       hsm.Key          // of terminals without their own
	bdk       hsm.Key          // of terminals without their own; the zero key is none
	algorithm hsm.MACAlgorithm // of terminals without their own
	injected  map[terminalKey]hsm.Key
	sessions  map[terminalKey]Session
	store     Store
	master    hsm.Key
	turns     [64]sync.Mutex // of changes to sessions, by terminal
}

type terminalKey struct{ mid, tid string }

// Empty returns a registry that knows nobody.
func Empty() *Registry {
	return &Registry{
		cards:     map[card.PAN]Card{},
		merchants: map[string]Merchant{},
		terminals: map[terminalKey]Terminal{},
		codes:     map[string]card.PAN{},
		tmk:       TestTMK,
		algorithm: hsm.MACECB,
		injected:  map[terminalKey]hsm.Key{},
		sessions:  map[terminalKey]Session{},
	}
}

// New returns a registry with the merchant and the terminals that every host
// knows (RULES: defaults).
func New() *Registry {
	r := Empty()
	r.merchants[DefaultMID] = Merchant{MID: DefaultMID}
	r.ranges = []Range{{MID: DefaultMID, First: 1, Last: 10000}}
	return r
}

// PutCard registers a card, or replaces what was known of it. A bad entry is an
// *EntryError and changes nothing.
func (r *Registry) PutCard(c Card) error {
	if c.Status == "" {
		c.Status = Active
	}
	if err := c.check(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(c)
	return nil
}

// AddCard registers a card unless it is known, and returns the entry that is
// then valid. Two first sights of one card at the same time give one entry.
func (r *Registry) AddCard(c Card) (Card, error) {
	if c.Status == "" {
		c.Status = Active
	}
	if err := c.check(); err != nil {
		return Card{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.cards[c.PAN]; ok {
		return known.clone(), nil
	}
	r.put(c)
	return c, nil
}

func (r *Registry) put(c Card) {
	if _, known := r.cards[c.PAN]; !known {
		r.arrived = append(r.arrived, c.PAN)
	}
	r.cards[c.PAN] = c.clone()
	r.codes[reference(c.PAN)] = c.PAN
}

// Card returns the entry of a card.
func (r *Registry) Card(pan card.PAN) (Card, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c, ok := r.cards[pan]
	return c.clone(), ok
}

// Cards returns every entry, in the order of the PANs.
func (r *Registry) Cards() []Card { return r.CardsSince(0) }

// CardsSince returns the entries of the cards that were registered since there were
// n of them, in the order of the PANs. Where there are none it costs nothing.
func (r *Registry) CardsSince(n int) []Card {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var since []Card
	for _, pan := range r.arrived[n:] {
		since = append(since, r.cards[pan].clone())
	}
	slices.SortFunc(since, func(a, b Card) int { return strings.Compare(string(a.PAN), string(b.PAN)) })
	return since
}

// SetStatus freezes, blocks or frees a card while the host runs.
func (r *Registry) SetStatus(pan card.PAN, s Status) error {
	if err := checkStatus(s); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.cards[pan]
	if !ok {
		return fmt.Errorf("card %s: %w", pan, ErrUnknownCard)
	}
	c.Status = s
	r.cards[pan] = c
	return nil
}
