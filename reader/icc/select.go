package icc

import (
	"bytes"

	"possim/reader/emv"
)

// The names of the two directories (EMV Book 1, 12.2; Book B, 3.3).
var (
	namePSE  = []byte("1PAY.SYS.DDF01")
	namePPSE = []byte("2PAY.SYS.DDF01")
)

const (
	selectFirst = 0x00
	selectNext  = 0x02
)

// selectFile is SELECT by name (EMV Book 1, 11.3): whole, or its beginning with P2 = 02
// for the next that begins so. A SELECT that finds nothing leaves selected what was.
func (m *machine) selectFile(cmd command) response {
	switch {
	case cmd.p1 != 0x04 || cmd.p2 != selectFirst && cmd.p2 != selectNext:
		return word(swWrongP1P2)
	case m.blocked:
		return word(swNotSupported)
	case len(cmd.data) == 0 || len(cmd.data) > 16:
		return word(swWrongLength)
	case cmd.p2 == selectFirst && bytes.Equal(cmd.data, namePSE) && !m.profile.NoPSE && !m.profile.Contactless:
		return m.selectPSE()
	case cmd.p2 == selectFirst && bytes.Equal(cmd.data, namePPSE) && (m.profile.PPSE || m.profile.Contactless):
		return m.selectPPSE()
	}
	from := 0
	if cmd.p2 == selectNext {
		if !bytes.Equal(cmd.data, m.lastName) {
			return word(swNoFile)
		}
		from = m.lastMatch + 1
	}
	for i := from; i < len(m.apps); i++ {
		if m.offers(m.apps[i]) && bytes.HasPrefix(m.apps[i].AID, cmd.data) {
			return m.selectApplication(i, cmd.data)
		}
	}
	return word(swNoFile)
}

func (m *machine) deselect() {
	m.app, m.directory, m.lastName, m.lastMatch, m.tx = nil, nil, nil, 0, transaction{}
}

func (m *machine) selectApplication(i int, name []byte) response {
	m.deselect()
	m.app, m.lastName, m.lastMatch = m.apps[i], name, i
	r := ok(m.app.fci(m.pdol(m.app)).Bytes())
	if m.app.state.Blocked { // EMV Book 3, 6.5.1: it can be selected, and gives AACs only
		r.sw = swInvalidated
	}
	return r
}

// fci is the File Control Information of an application (EMV Book 1, table 45).
func (a *application) fci(pdol emv.DOL) emv.TLV {
	l := a.entry()
	if len(pdol) > 0 {
		l.Add(emv.TagPDOL, pdol.Bytes())
	}
	if a.Language != "" {
		l.Add(emv.TagLanguagePreference, []byte(a.Language))
	}
	if a.CodeTable > 0 {
		l.Add(emv.TagCodeTableIndex, []byte{a.CodeTable})
	}
	if a.PreferredName != "" {
		l.Add(emv.TagPreferredName, []byte(a.PreferredName))
	}
	if len(a.LogFormat) > 0 {
		l = append(l, emv.Template(emv.TagFCIDiscretionary, emv.New(emv.TagLogEntry, []byte{sfiLog, logLength})))
	}
	return fci(a.AID, l)
}

func fci(name []byte, proprietary emv.List) emv.TLV {
	return emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, name), emv.Template(emv.TagFCIProprietary, proprietary...))
}

// entry is what an application says of itself wherever it is listed.
func (a *application) entry() emv.List {
	var l emv.List
	if a.Label != "" {
		l.Add(emv.TagApplicationLabel, []byte(a.Label))
	}
	if priority := a.Priority; priority > 0 || a.Confirm {
		if a.Confirm {
			priority |= 0x80
		}
		l.Add(emv.TagPriorityIndicator, []byte{priority})
	}
	return l
}

// directoryEntry is template 61 (EMV Book 1, table 47).
func (a *application) directoryEntry() emv.TLV {
	l := append(emv.List{emv.New(emv.TagADFName, a.AID)}, a.entry()...)
	if a.PreferredName != "" {
		l.Add(emv.TagPreferredName, []byte(a.PreferredName))
	}
	return emv.Template(emv.TagApplicationTemplate, l...)
}

// selectPSE answers with the directory's SFI; its records hold an application each.
func (m *machine) selectPSE() response {
	m.deselect()
	var codeTable byte
	for _, a := range m.apps {
		m.directory = append(m.directory, emv.Template(emv.TagRecordTemplate, a.directoryEntry()).Bytes())
		codeTable = max(codeTable, a.CodeTable)
	}
	l := emv.List{emv.New(emv.TagSFI, []byte{sfiTrack})}
	if m.profile.Language != "" {
		l.Add(emv.TagLanguagePreference, []byte(m.profile.Language))
	}
	if codeTable > 0 {
		l.Add(emv.TagCodeTableIndex, []byte{codeTable})
	}
	return ok(fci(namePSE, l).Bytes())
}

// selectPPSE answers with the directory itself (EMV Book B, 3.3.1).
func (m *machine) selectPPSE() response {
	m.deselect()
	var l emv.List
	for _, a := range m.apps {
		if m.offers(a) {
			l = append(l, a.directoryEntry())
		}
	}
	return ok(fci(namePPSE, emv.List{emv.Template(emv.TagFCIDiscretionary, l...)}).Bytes())
}
