package scenarios

import (
	"testing"

	"possim/emulator"
	"possim/host/wire"
	"possim/reader/icc"
)

// TestCatalogAgainAndAgain runs the whole catalog twice against one host, from one state
// directory: what the first run left behind makes no scenario of the second fail.
func TestCatalogAgainAndAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("two whole catalogs in each dialect")
	}
	for _, name := range wire.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dialect, err := wire.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			host, err := newWorld(t.Context(), load(t, "scenarios: [{name: host, steps: [{sale: 1.00}]}]")[0].Scenarios[0], 1, &Options{Dialect: dialect})
			if err != nil {
				t.Fatal(err)
			}
			sources, err := CatalogSources()
			if err != nil {
				t.Fatal(err)
			}
			files, err := Load(sources)
			if err != nil {
				t.Fatal(err)
			}
			disk := disk{map[string]emulator.State{}, map[string]icc.State{}}
			real := &Real{Dial: host.dial, Now: host.now, Sleep: host.sleep, State: disk.terminal, Chip: disk.chip, SkipUnsupported: true}
			before := 0
			for run := range 2 {
				sum, err := Run(t.Context(), files, Options{Real: real, Dialect: dialect, Seed: uint64(run)})
				if err != nil || sum.Failed > 0 || sum.Passed < 70 || run > 0 && sum.Passed != before {
					t.Errorf("run %d: %v, %d passed, %+v", run+1, err, sum.Passed, failures(sum))
				}
				before = sum.Passed
			}
		})
	}
}

// disk is a state directory.
type disk struct {
	terminals map[string]emulator.State
	chips     map[string]icc.State
}

func (d disk) terminal(tid string) (emulator.State, func(emulator.State) error, error) {
	return d.terminals[tid], func(s emulator.State) error { d.terminals[tid] = s; return nil }, nil
}

func (d disk) chip(name string, _ icc.Profile) (icc.State, func(icc.State) error, error) {
	return d.chips[name], func(s icc.State) error { d.chips[name] = s; return nil }, nil
}

// TestBatchesOfAnotherHost: the first batch of a scenario is 000001, whatever it is called.
func TestBatchesOfAnotherHost(t *testing.T) {
	settling := emulator.State{Batch: "000812", Settling: &emulator.Settling{}}
	var b batches
	b.open("000811")
	b.follow(emulator.State{Batch: "000811"}, emulator.State{Batch: "000812"}) // the host says so at sign-on
	b.follow(settling, emulator.State{Batch: "000813"})                        // settled
	b.follow(emulator.State{Batch: "000813"}, emulator.State{Batch: "004000"}) // and what the host opens then
	for batch, want := range map[string]string{"000812": "000001", "004000": "000002", "000777": "000777"} {
		if got := b.number(batch); got != want {
			t.Errorf("%s is called %s, want %s", batch, got, want)
		}
	}
	if got := b.private60("22004000000600"); got != "22000002000600" {
		t.Errorf("field 60 is %s", got)
	}
	if got := b.private60("00"); got != "00" {
		t.Errorf("a short field 60 is %s", got)
	}
}

// TestWhatScenariosLeave: tables and what was done to a chip end with their scenario, and
// are kept as they were for whoever works at the shell; the chip's counter goes on.
func TestWhatScenariosLeave(t *testing.T) {
	mine := &emulator.Tables{AIDs: []string{"of the shell"}}
	saved := emulator.State{}
	k := &kept{state: emulator.State{Tables: mine, LastSTAN: 4}, save: func(s emulator.State) error { saved = s; return nil }}
	s := k.fresh()
	if s.Tables != nil || s.LastSTAN != 4 {
		t.Errorf("a scenario finds %+v", s)
	}
	s.Tables, s.LastSTAN = &emulator.Tables{}, 5
	if err := k.take(s); err != nil || saved.Tables != mine || saved.LastSTAN != 5 {
		t.Errorf("%v, kept %+v", err, saved)
	}

	cards, err := CatalogCards()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cards {
		if c.Name != "chip-free" {
			continue
		}
		p, err := c.Profile(Keyring())
		if err != nil {
			t.Fatal(err)
		}
		var chip icc.State
		m := &memory{state: icc.State{Blocked: true, Apps: []icc.AppState{{ATC: 7}}}, save: func(s icc.State) error { chip = s; return nil }}
		f, err := m.fresh(p)
		if err != nil || f.state.Blocked || f.state.Apps[0].ATC != 7 || f.state.Apps[0].Tries == 0 {
			t.Errorf("%v, a scenario finds the chip %+v", err, f)
		}
		f.state.Apps[0].ATC, f.state.Apps[0].Tries = 9, 1
		if err := f.save(f.state); err != nil || !chip.Blocked || chip.Apps[0].ATC != 9 || chip.Apps[0].Tries != 0 {
			t.Errorf("%v, kept %+v", err, chip)
		}
	}
}
