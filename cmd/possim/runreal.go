package main

import (
	"possim/emulator"
	"possim/scenarios"
)

// real points the run at a host outside.
func (r *run) real() error {
	if r.tid != "" {
		if err := fixed("--tid", r.tid, 8); err != nil {
			return usage("%w", err)
		}
	}
	if r.mid != "" {
		if err := fixed("--mid", r.mid, 15); err != nil {
			return usage("%w", err)
		}
	}
	tmk, err := r.sealing.key()
	if err != nil {
		return err
	}
	r.chips = cardStates{app: r.app, dir: r.state}
	r.options.Real = &scenarios.Real{
		Dial: r.outside.watch(dialer(r.host, r.now)), Now: r.chinaNow, Sleep: r.sleep,
		TID: r.tid, MID: r.mid, TMK: tmk, State: r.kept, Chip: r.chips.chip, SkipUnsupported: r.skip,
	}
	return nil
}

// kept opens what a terminal keeps from run to run towards this host.
func (r *run) kept(tid string) (emulator.State, func(emulator.State) error, error) {
	file, err := r.openState(r.state, r.host, tid)
	if err != nil {
		r.outside.state = err
		return emulator.State{}, nil, err
	}
	r.states = append(r.states, file)
	saved, err := file.load()
	r.outside.state = err
	return saved, file.save, err
}

// letGo lets other processes have the states.
func (r *run) letGo() {
	for _, s := range r.states {
		s.close()
	}
	r.states = nil
	r.chips.letGo()
}
