package scenarios

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
			case HostSwitch:
				note(step.Pos, "host takes the host away")
			case Repeat:
				walk(a.Do)
			}
			for _, e := range step.Expect {
				if e.Key == "ledger" || e.Key == "balance" {
					note(e.Pos, e.Key+" reads the host's books")
				}
			}
		}
	}
	walk(s.Steps)
	return out
}
