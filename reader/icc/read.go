package icc

import (
	"encoding/binary"

	"possim/reader/emv"
)

// getProcessingOptions begins a transaction (EMV Book 3, 6.5.8): it counts, takes what
// the PDOL asked for, and says what the application can do and where its records are.
func (m *machine) getProcessingOptions(cmd command) response {
	switch {
	case cmd.p1p2() != 0:
		return word(swWrongP1P2)
	case m.app == nil || m.tx.opened || m.blocked || m.app.state.ATC == 0xFFFF:
		return word(swConditions)
	case len(cmd.data) == 0:
		return word(swWrongLength)
	}
	l, err := emv.Parse(cmd.data)
	if err != nil || len(l) != 1 || l[0].Tag != emv.TagCommandTemplate {
		return word(swWrongData)
	}
	sent, err := m.pdol(m.app).Split(l[0].Value)
	if err != nil {
		return word(swWrongLength)
	}
	a := m.app
	a.state.ATC++
	m.tx = transaction{opened: true, pdol: l[0].Value, sent: sent, wasNew: a.state.LastOnline == 0,
		wasIncomplete: a.state.Incomplete}
	if m.profile.Contactless {
		return m.tap()
	}
	return a.answer(emv.New(emv.TagAIP, a.AIP[:]), emv.New(emv.TagAFL, a.afl.Bytes()))
}

// answer is format 1, values one after the other in template 80, or format 2, objects in
// template 77 (EMV Book 3, 6.5.8.4).
func (a *application) answer(objects ...emv.TLV) response {
	if a.Template77 {
		return ok(emv.Template(emv.TagResponseFormat2, objects...).Bytes())
	}
	var values []byte
	for _, o := range objects {
		values = append(values, o.Value...)
	}
	return ok(emv.New(emv.TagResponseFormat1, values).Bytes())
}

// readRecord reads a record of the selected application or directory. P1 is its number,
// P2 the SFI and 100 (EMV Book 3, 6.5.11).
func (m *machine) readRecord(cmd command) response {
	sfi := int(cmd.p2 >> 3)
	switch {
	case cmd.p2&0x07 != 0x04 || sfi == 0 || sfi == 31:
		return word(swWrongP1P2)
	case len(cmd.data) > 0:
		return word(swWrongLength)
	case m.app == nil && m.directory == nil:
		return word(swConditions)
	}
	if sfi == sfiTap && len(m.tx.related) > 0 && cmd.p1 == 1 {
		return m.tapRecord()
	}
	records := m.records(sfi)
	switch n := int(cmd.p1); {
	case records == nil:
		return word(swNoFile)
	case n == 0 || n > len(records):
		return word(swNoRecord)
	default:
		return ok(records[n-1])
	}
}

// records returns a file, nil where there is none.
func (m *machine) records(sfi int) [][]byte {
	switch {
	case m.app == nil && sfi == sfiTrack:
		return m.directory
	case m.app == nil:
		return nil
	case sfi == sfiLog && len(m.app.LogFormat) > 0:
		out := [][]byte{}
		for _, e := range m.app.state.Log {
			out = append(out, e)
		}
		return out
	}
	return m.app.files[sfi]
}

// getData is GET DATA of the counters and the log format (EMV Book 3, 6.5.7), and of the
// limits that PUT DATA changes.
func (m *machine) getData(cmd command) response {
	switch {
	case len(cmd.data) > 0:
		return word(swWrongLength)
	case m.app == nil:
		return word(swConditions)
	}
	t := emv.Tag(cmd.p1p2())
	value, found := m.app.data(t)
	if !found {
		return word(swNoData)
	}
	return ok(emv.New(t, value).Bytes())
}

func (a *application) data(t emv.Tag) ([]byte, bool) {
	s := a.state
	switch {
	case t == emv.TagATC:
		return binary.BigEndian.AppendUint16(nil, s.ATC), true
	case t == emv.TagLastOnlineATC:
		return binary.BigEndian.AppendUint16(nil, s.LastOnline), true
	case t == emv.TagPINTryCounter && a.Holder.PIN != "":
		return []byte{byte(s.Tries)}, true
	case t == emv.TagLogFormat && len(a.LogFormat) > 0:
		return a.LogFormat.Bytes(), true
	case t == emv.TagPBOCLowerOfflineLimit && s.Limits.LowerOffline > 0:
		return []byte{byte(s.Limits.LowerOffline)}, true
	case t == tagUpperOffline && s.Limits.UpperOffline > 0:
		return []byte{byte(s.Limits.UpperOffline)}, true
	case t == emv.TagPBOCCumulativeLimit && s.Limits.Cumulative > 0:
		return bcd(int(s.Limits.Cumulative), 6), true
	}
	return nil, false
}

// tagUpperOffline is PBOC's Upper Consecutive Offline Limit.
const tagUpperOffline emv.Tag = 0x9F59
