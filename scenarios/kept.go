package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"possim/emulator"
	"possim/reader/icc"
)

// kept is what one terminal keeps from one scenario to the next: towards a host that
// lives on its numbers must go on too, and what is pending is not forgotten.
type kept struct {
	state emulator.State
	save  func(emulator.State) error
}

// fresh is the terminal as a scenario finds it: what an earlier one downloaded says
// nothing of what this one takes.
func (k *kept) fresh() emulator.State {
	s := k.state
	s.Tables = nil
	return s
}

// take keeps what a scenario made of it, and the tables of before.
func (k *kept) take(s emulator.State) error {
	s.Tables = k.state.Tables
	if err := k.save(s); err != nil {
		return err
	}
	k.state = s
	return nil
}

// memory is what the chip of one card remembers.
type memory struct {
	state icc.State
	save  func(icc.State) error
}

// fresh is the chip as a scenario finds it: its counters go on, since a host takes no
// value of 9F36 twice and a card no random number; a block, a PIN that was tried or
// changed, and its log are those of other scenarios and stay as they are.
func (m *memory) fresh(p icc.Profile) (*memory, error) {
	chip, err := icc.New(p, icc.State{})
	if err != nil {
		return nil, err
	}
	unused := chip.State()
	s := unused.Clone()
	s.Draws = m.state.Draws
	for i := range min(len(s.Apps), len(m.state.Apps)) {
		s.Apps[i].ATC, s.Apps[i].LastOnline = m.state.Apps[i].ATC, m.state.Apps[i].ATC
	}
	return &memory{state: s, save: func(s icc.State) error {
		old := m.state.Clone()
		if len(old.Apps) == 0 {
			old = unused.Clone() // its first scenario
		}
		old.Draws = s.Draws
		for i := range min(len(old.Apps), len(s.Apps)) {
			old.Apps[i].ATC = s.Apps[i].ATC
		}
		if err := m.save(old); err != nil {
			return err
		}
		m.state = old
		return nil
	}}, nil
}

// batches is the batches that a scenario towards a real host has met. Scenarios
// are written for a terminal out of the box, whose batch is 000001: what another host
// calls the first, the second and so on of a scenario is its own affair.
type batches []string

// open begins with the batch that the terminal has open.
func (b *batches) open(batch string) { *b = batches{cmp.Or(batch, firstBatch)} }

// follow looks for another batch when a state becomes another. After a settlement it
// is the next; otherwise the host has said at sign-on how it calls this one.
func (b *batches) follow(from, to emulator.State) {
	old, now := cmp.Or(from.Batch, firstBatch), cmp.Or(to.Batch, firstBatch)
	switch {
	case now == old:
	case from.Settling != nil && to.Settling == nil:
		*b = append(*b, now)
	default:
		(*b)[len(*b)-1] = now
	}
}

// number is how a scenario calls a batch: as the host does where it has not met it.
func (b batches) number(batch string) string {
	if i := slices.Index(b, batch); i >= 0 {
		return fmt.Sprintf("%06d", i+1)
	}
	return batch
}

// private60 is field 60 with the batch as a scenario calls it.
func (b batches) private60(f string) string {
	const from, to = 2, 8 // 60.2
	if len(f) < to {
		return f
	}
	return f[:from] + b.number(f[from:to]) + f[to:]
}

// settleFirst closes the batch that earlier scenarios left open at a real host: what
// is in it is not for a scenario to find that settles one of its own.
func (w *world) settleFirst(ctx context.Context) error {
	if w.kept == nil || len(w.saved.Journal) == 0 || !looksIntoBatch(w.sc.Steps) {
		return nil
	}
	out, err := w.term.Do(ctx, emulator.Order{Kind: emulator.Settle})
	if err == nil && out.Settlement == nil {
		err = fmt.Errorf("what earlier scenarios left in batch %s cannot be settled: %s", w.saved.Batch, strings.TrimSpace(describe(&out)))
	}
	w.batches.open(w.saved.Batch)
	return err
}

// looksIntoBatch reports whether a scenario settles.
func looksIntoBatch(steps []*Step) bool {
	return slices.ContainsFunc(flatten(steps), func(s *Step) bool {
		o, is := s.Action.(Order)
		return is && o.Kind == emulator.Settle
	})
}
