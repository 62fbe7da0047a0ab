package scenarios

import (
	"possim/emulator"
	"possim/host/hsm"
)

// readsBooks is the expectations that look into the host.
var readsBooks = map[string]bool{"ledger": true, "balance": true, "holds": true, "owed": true, "tries_left": true, "told": true}

// unsupported names the steps of a scenario that need the inside of a host, which
// a real one does not show (RULES: scenarios).
func unsupported(s *Scenario) Errors {
	var out Errors
	note := func(at Pos, what string) {
		out = append(out, &Error{File: s.File, Line: at.Line, Column: at.Column,
			Message: what + ": this needs the simulated host; leave out --host, or pass over such scenarios with --skip-unsupported"})
	}
	var walk func(steps []*Step)
	walk = func(steps []*Step) {
		for _, step := range steps {
			switch a := step.Action.(type) {
			case Clock:
				note(step.Pos, "clock moves the simulated clock")
			case CardStatus:
				note(step.Pos, "card changes what the host knows")
			case Power:
				if a.Blank {
					note(step.Pos, "power: blank makes a terminal forget its numbers")
				}
			case Script:
				note(step.Pos, "script is the issuer's order")
			case HostSwitch:
				note(step.Pos, "host takes the host away")
			case Repeat:
				walk(a.Do)
			}
			limited := paidBefore(s, step)
			for _, e := range step.Expect {
				if limited != "" && (e.Key == "rc" && e.Want == "00" || e.Key == "outcome" && e.Want == string(emulator.Approved)) {
					note(e.Pos, "card "+limited+" has a limit a day, which what it paid before counts against")
				}
				if readsBooks[e.Key] {
					note(e.Pos, e.Key+" reads the host's books")
				}
			}
		}
	}
	if s.Host.MAC != "" || len(s.Host.Codes) > 0 || s.Host.Fallback {
		note(s.Pos, "host: configures the host")
	}
	if s.Terminal.MAC != "" && s.Terminal.MAC != NoMAC && s.Terminal.MAC != hsm.MACECB {
		note(s.Pos, "terminal: mac: has the host make its MACs so too")
	}
	if s.Terminal.DayLimit != nil || s.Terminal.MerchantLimit != nil {
		note(s.Pos, "terminal: day_limit and merchant_limit configure the host")
	}
	if !s.Terminal.BDK.Zero() {
		note(s.Pos, "terminal: dukpt has the host know its base key")
	}
	if s.Terminal.Clock != 0 {
		note(s.Pos, "terminal: clock sets it against the simulated clock")
	}
	if s.Terminal.LastSTAN > 0 || s.Terminal.Batch != "" {
		note(s.Pos, "terminal: stan and batch change what a terminal keeps")
	}
	walk(s.Steps)
	return out
}

// paidBefore names the card that a step presents, where its host counts what it pays
// in a day.
func paidBefore(s *Scenario, step *Step) string {
	name, _ := presented(step)
	if c := s.cards.find(name); c != nil && (c.Entry.DayAmount != nil || c.Entry.DayCount != nil) {
		return name
	}
	return ""
}
