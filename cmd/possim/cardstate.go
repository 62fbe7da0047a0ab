package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"possim/reader/icc"
)

// cardStateVersion is the layout of a card's file.
const cardStateVersion = 1

// cardState is the file in which a chip card remembers; without a path it forgets.
type cardState struct {
	path string
	lock *os.File
	card string // whose it is, masked
}

// cardContent is what the file holds.
type cardContent struct {
	Version int             `json:"possim_card"`
	Card    string          `json:"card"`
	State   json.RawMessage `json:"state"`
}

// openCardState locks the file of a card, for one process at a time.
func openCardState(path string, p icc.Profile) (*cardState, error) {
	s := &cardState{path: path, card: fmt.Sprintf("%s %s", p.Name, p.Applications[0].Holder.PAN)}
	if path == "" {
		return s, nil
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, badWorld(fmt.Errorf("--state: %w", err))
	}
	if err := tryLock(lock); err != nil {
		lock.Close()
		return nil, badWorld(fmt.Errorf("--state %s: %w: another possim has this card", path, err))
	}
	s.lock = lock
	return s, nil
}

// openChipState locks the file of a simulated card of this machine, beside the states of
// its terminals: its counter goes on from one sale to the next, as a host wants it to.
func (a *app) openChipState(dir, name string, p icc.Profile) (*cardState, error) {
	if dir == "" {
		var err error
		if dir, err = a.stateDir(); err != nil {
			return nil, badWorld(err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, badWorld(fmt.Errorf("the state directory: %w", err))
	}
	return openCardState(filepath.Join(dir, "card-"+url.QueryEscape(name)+".json"), p)
}

// load returns what the card remembers, nothing for a fresh one.
func (s *cardState) load() (icc.State, error) {
	if s.path == "" {
		return icc.State{}, nil
	}
	data, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return icc.State{}, nil
	case err != nil:
		return icc.State{}, badWorld(err)
	}
	var content cardContent
	if err := json.Unmarshal(data, &content); err != nil || content.Version != cardStateVersion {
		return icc.State{}, badFile(fmt.Errorf("%s:1:1: not the file of a card of this version; name another with --state, or remove it to begin with a fresh card", s.path))
	}
	if content.Card != s.card {
		return icc.State{}, badFile(fmt.Errorf("%s:1:1: it is the file of card %s, and this one is %s; name another with --state", s.path, content.Card, s.card))
	}
	state, err := icc.DecodeState(content.State)
	if err != nil {
		return icc.State{}, badFile(fmt.Errorf("%s:1:1: %w", s.path, err))
	}
	return state, nil
}

// save makes it durable, for its owner's eyes alone: a changed PIN is in it.
func (s *cardState) save(state icc.State) error {
	if s.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(cardContent{cardStateVersion, s.card, state.Encode()}, "", "  ")
	if err == nil {
		err = replaceFile(s.path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("the card's state: %w", err)
	}
	return nil
}

func (s *cardState) close() {
	if s.lock != nil {
		s.lock.Close()
	}
}

// cardStates are the files of the chips that a run meets, as it meets them.
type cardStates struct {
	*app
	dir  string // "" is the usual one
	open []*cardState
}

// chip opens what a card's chip remembers from run to run: a scenarios.Real.Chip.
func (s *cardStates) chip(name string, p icc.Profile) (icc.State, func(icc.State) error, error) {
	file, err := s.openChipState(s.dir, name, p)
	if err != nil {
		return icc.State{}, nil, err
	}
	s.open = append(s.open, file)
	saved, err := file.load()
	return saved, file.save, err
}

// letGo lets other processes have them.
func (s *cardStates) letGo() {
	for _, file := range s.open {
		file.close()
	}
	s.open = nil
}
