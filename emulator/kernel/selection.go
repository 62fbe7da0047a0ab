package kernel

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"possim/reader/emv"
)

// selectApplication finds the applications that card and terminal have in common,
// chooses one, selects it and opens the transaction with GET PROCESSING OPTIONS. An
// application that will not have it is struck off, and the choice made again (EMV Book 1,
// 12; Book 4, 11.3).
func (s *session) selectApplication(ctx context.Context) error {
	list, blocked, err := s.candidates(ctx)
	if err != nil {
		return err
	}
	byPriority(list)
	for first := true; len(list) > 0; first = false {
		i, err := s.choose(ctx, list, first)
		if err != nil {
			return err
		}
		c := list[i]
		list = slices.Delete(list, i, i+1)
		fci, w, err := s.selectFinal(ctx, c)
		switch {
		case err != nil:
			return err
		case w == statusBlocked:
			blocked++
			continue
		case w != statusOK || fci == nil:
			continue
		}
		again, err := s.initiate(ctx, c, fci)
		if err != nil || !again {
			return err
		}
		s.forget()
	}
	if blocked > 0 {
		return s.terminate(CauseAppBlocked, "the applications that card and terminal have in common are blocked")
	}
	return s.terminate(CauseNoApplication, "card and terminal have no application in common that takes this transaction")
}

func (s *session) candidates(ctx context.Context) ([]Candidate, int, error) {
	list, err := s.directory(ctx)
	if err != nil || len(list) > 0 {
		return list, 0, err
	}
	return s.listOfAIDs(ctx)
}

// choose has the cardholder choose where the terminal can ask and there is something to
// choose or to confirm. A choice made again is always asked for.
func (s *session) choose(ctx context.Context, list []Candidate, first bool) (int, error) {
	if s.Choose == nil {
		for i, c := range list {
			if !c.Confirm {
				return i, nil
			}
		}
		return 0, s.terminate(CauseRefused, "every application wants the cardholder's confirmation, and this terminal cannot ask")
	}
	if first && len(list) == 1 && !list[0].Confirm {
		return 0, nil
	}
	i, err := s.Choose(ctx, slices.Clone(list))
	switch {
	case err != nil:
		return 0, fmt.Errorf("kernel: choice of an application: %w", err)
	case i < 0:
		return 0, s.terminate(CauseRefused, "the cardholder refused the card's applications")
	case i >= len(list):
		return 0, fmt.Errorf("kernel: choice of application %d of %d", i+1, len(list))
	}
	return i, nil
}

// selectFinal selects what was chosen. An FCI that is not that application's is none.
func (s *session) selectFinal(ctx context.Context, c Candidate) (emv.List, status, error) {
	l, w, err := s.selectName(ctx, "SELECT "+hexText(c.AID), c.AID, false)
	if err != nil || w != statusOK {
		return nil, w, err
	}
	whole := l.Inside(emv.TagFCITemplate)
	if !bytes.Equal(whole.Value(emv.TagDFName), c.AID) || !whole.Has(emv.TagFCIProprietary) {
		return nil, w, nil
	}
	return append(emv.List{}, fciOf(l)...), w, nil // an empty A5 is one
}

// forget takes back what an application gave that was struck off.
func (s *session) forget() {
	s.icc, s.chosen, s.app = nil, Candidate{}, Application{}
}
