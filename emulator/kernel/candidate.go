package kernel

import (
	"bytes"
	"cmp"
	"slices"

	"possim/reader/emv"
)

// Candidate is an application that card and terminal have in common.
type Candidate struct {
	AID      []byte // as the card names it (4F, 84)
	Label    string // 50
	Name     string // 9F12, in the cardholder's script
	Table    byte   // 9F11: the part of ISO 8859 that Name is written in; 0: the card does not say
	Priority byte   // 87, low four bits: 1 is the first, 0 none
	Confirm  bool   // 87, b8: not without the cardholder's word

	terminal Application
}

// Title returns what to show for it: the preferred name where the card says that it is
// written in the alphabet the terminal has (ISO 8859-1), else the label, else the AID
// (EMV Book 1, 12.4).
func (c Candidate) Title() string {
	switch {
	case c.Name != "" && c.Table == 1:
		return c.Name
	case c.Label != "":
		return c.Label
	}
	return hexText(c.AID)
}

// candidateOf reads what a directory entry (61) or an FCI says of an application. Its
// texts are such as may be shown.
func candidateOf(aid []byte, a Application, l emv.List) Candidate {
	c := Candidate{AID: bytes.Clone(aid), terminal: a, Label: emv.Text(l.Value(emv.TagApplicationLabel), 0)}
	if v := l.Value(emv.TagCodeTableIndex); len(v) == 1 {
		c.Table = v[0]
	}
	c.Name = emv.Text(l.Value(emv.TagPreferredName), c.Table)
	if v := l.Value(emv.TagPriorityIndicator); len(v) == 1 {
		c.Priority, c.Confirm = v[0]&0x0F, v[0]&0x80 != 0
	}
	return c
}

// takes returns the terminal's application that a card's AID matches: the same, or,
// where partial names do, one that it begins with (EMV Book 1, 12.3.1).
func (k *Kernel) takes(aid []byte) (Application, bool) {
	for _, a := range k.Applications {
		if bytes.Equal(aid, a.AID) {
			return a, true
		}
	}
	for _, a := range k.Applications {
		if a.Partial && bytes.HasPrefix(aid, a.AID) {
			return a, true
		}
	}
	return Application{}, false
}

// byPriority puts the card's first choice first. Those without priority come last, in
// the order they were found (Book 1, 12.4).
func byPriority(l []Candidate) {
	rank := func(c Candidate) int {
		if c.Priority == 0 {
			return 16
		}
		return int(c.Priority)
	}
	slices.SortStableFunc(l, func(a, b Candidate) int { return cmp.Compare(rank(a), rank(b)) })
}

// add appends a candidate unless it is there already.
func add(l []Candidate, c Candidate) []Candidate {
	for _, o := range l {
		if bytes.Equal(o.AID, c.AID) {
			return l
		}
	}
	return append(l, c)
}
