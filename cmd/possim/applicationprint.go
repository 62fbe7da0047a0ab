package main

import (
	"fmt"
	"strings"
)

// title is the first line of an application for people.
func (a application) title() string {
	name := a.Label
	if a.PreferredName != "" {
		name = a.PreferredName
	}
	if a.Blocked {
		name += " (blocked)"
	}
	return strings.TrimSpace(name + "  " + a.AID)
}

// details are the lines below it: what the card has, and no others.
func (a application) details() []string {
	var out []string
	add := func(words ...string) {
		var there []string
		for i := 0; i < len(words); i += 2 {
			if words[i+1] != "" {
				there = append(there, strings.TrimSpace(words[i]+" "+words[i+1]))
			}
		}
		if len(there) > 0 {
			out = append(out, strings.Join(there, "  "))
		}
	}
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	add("", a.PAN, "PSN", a.PSN, "from", a.Effective, "expires", a.Expiry, "service", a.ServiceCode)
	add("country", a.Country, "currency", a.Currency, "languages", strings.Join(a.Languages, " "), "version", a.Version, "CAPK", a.CAPK)
	add("ATC", number(a.ATC), "last online", number(a.LastOnlineATC), "PIN tries left", number(a.PINTries))
	add("can do:", strings.Join(a.AIP, "; "))
	add("good for:", strings.Join(a.AUC, "; "))
	add("verifies by:", strings.Join(a.CVM, "; "))
	for _, e := range a.Log {
		add("log:", strings.TrimSpace(e.Date+" "+e.Time), "", e.Amount, "currency", e.Currency, "country", e.Country, "type", e.Type, "ATC", number(e.ATC))
	}
	add("problem:", a.Problem)
	return out
}
