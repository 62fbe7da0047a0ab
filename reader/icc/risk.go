package icc

import (
	"encoding/binary"

	"possim/reader/emv"
)

// decideFirst is card risk management (EMV Book 3, 10.8): at most what was asked, ARQC
// for a TC where the card wants its issuer asked, AAC where it refuses. A blocked
// application gives nothing but AACs (6.5.1).
func (m *machine) decideFirst(asked emv.CryptogramType) emv.CryptogramType {
	r := &m.app.Risk
	switch {
	case asked == emv.AAC || r.AlwaysDecline || m.app.state.Blocked || m.blocked:
		return emv.AAC
	case asked == emv.TC && (r.AlwaysOnline || m.wantsOnline()):
		return emv.ARQC
	}
	return asked
}

func (m *machine) wantsOnline() bool {
	s := m.app.state
	return s.Incomplete || s.AuthFailed || s.AuthMissing || s.GoOnline || s.ScriptFailed ||
		m.tx.wasNew && m.app.Risk.NewOnline || m.velocity()
}

// velocity reports whether the card has been offline for as long as its issuer lets it.
func (m *machine) velocity() bool {
	s := m.app.state
	return s.Limits.LowerOffline > 0 && s.Offline >= s.Limits.LowerOffline ||
		s.Limits.Cumulative > 0 && s.Cumulative+m.amount() > s.Limits.Cumulative
}

// bookFirst remembers how the first GENERATE AC ended, before the answer leaves.
func (m *machine) bookFirst() {
	s, t := m.app.state, &m.tx
	s.Incomplete = t.first == emv.ARQC || s.Incomplete && t.first != emv.TC
	if t.first == emv.TC {
		m.bookOffline(t.values)
	}
	tvr, _ := emv.ParseTVR(t.values.Value(emv.TagTVR))
	declined := t.first == emv.AAC
	s.DeclinedNoSDA = declined && tvr.Has(emv.TVRSDAFailed)
	s.DeclinedNoDDA = declined && (tvr.Has(emv.TVRDDAFailed) || tvr.Has(emv.TVRCDAFailed))
}

func (m *machine) bookOffline(values emv.List) {
	m.app.state.Offline++
	m.app.state.Cumulative += m.amount()
	m.log(values)
}

// decideSecond is the end after going online, or trying to. The issuer's approval counts
// only when it could be authenticated, where the card insists on that; an approval that
// failed authentication, and one whose status update does not approve, is a decline.
func (m *machine) decideSecond(asked emv.CryptogramType) emv.CryptogramType {
	r, t, s := &m.app.Risk, &m.tx, m.app.state
	switch {
	case asked == emv.AAC || r.AlwaysDecline || r.DeclineAfterOnline || s.Blocked || m.blocked || t.auth == authFailed:
		return emv.AAC
	case t.notOnline && s.Limits.UpperOffline > 0 && s.Offline >= s.Limits.UpperOffline:
		return emv.AAC
	case !t.notOnline && r.NeedsIssuer && t.auth != authGood:
		return emv.AAC
	case t.auth == authGood && m.app.Scheme.Method == 2 && t.answer.StatusUpdate[1]&csuApproves == 0:
		return emv.AAC
	}
	return emv.TC
}

// bookSecond remembers how it ended. The counters of offline transactions start anew
// once the issuer has been heard.
func (m *machine) bookSecond(values emv.List) {
	s, t := m.app.state, &m.tx
	s.Incomplete, s.Scripts, s.ScriptFailed = false, 0, t.scriptFailed
	switch {
	case t.notOnline && t.final == emv.TC:
		m.bookOffline(values)
	case t.notOnline:
	default:
		s.AuthFailed = t.auth == authFailed
		s.AuthMissing = t.auth == authNone && m.app.Risk.NeedsIssuer
		if t.auth != authFailed && !s.AuthMissing {
			s.LastOnline, s.Offline, s.Cumulative, s.GoOnline = s.ATC, 0, 0, false
		}
		if t.final == emv.TC {
			m.log(values)
		}
		m.applyStatusUpdate()
	}
}

// The bits of a Card Status Update (EMV Book 3 Annex C10): byte 1 has the PIN tries,
// byte 2 the rest.
const (
	csuApproves         = 0x80
	csuBlockCard        = 0x40
	csuBlockApplication = 0x20
	csuPINTries         = 0x10
	csuGoOnline         = 0x08
)

// applyStatusUpdate does what an authenticated CSU orders.
func (m *machine) applyStatusUpdate() {
	if m.tx.auth != authGood || m.app.Scheme.Method != 2 {
		return
	}
	s, csu := m.app.state, m.tx.answer.StatusUpdate
	m.blocked = m.blocked || csu[1]&csuBlockCard != 0
	s.Blocked = s.Blocked || csu[1]&csuBlockApplication != 0
	s.GoOnline = csu[1]&csuGoOnline != 0
	if csu[1]&csuPINTries != 0 {
		s.Tries = min(int(csu[0]&0x0F), m.app.tries())
	}
}

// externalAuthenticate is EXTERNAL AUTHENTICATE (EMV Book 3, 6.5.4): once, between the
// two GENERATE AC, of a card whose AIP asks for it.
func (m *machine) externalAuthenticate(cmd command) response {
	t := &m.tx
	switch {
	case cmd.p1p2() != 0:
		return word(swWrongP1P2)
	case !t.done || t.second || t.first != emv.ARQC || t.auth != authNone || !m.app.AIP.Has(emv.AIPIssuerAuthentication):
		return word(swConditions)
	case len(cmd.data) < 8 || len(cmd.data) > 16:
		return word(swWrongLength)
	}
	if m.authenticate(cmd.data); t.auth == authFailed {
		return word(swFailed)
	}
	return word(swOK)
}

// authenticateInline takes 91 from CDOL2, where the AIP does not ask for EXTERNAL
// AUTHENTICATE. A terminal that has none sends zeros.
func (m *machine) authenticateInline(values emv.List) {
	data := values.Value(emv.TagIssuerAuthenticationData)
	for _, b := range data {
		if b != 0 && m.tx.auth == authNone {
			m.authenticate(data)
		}
	}
}

func (m *machine) authenticate(data []byte) {
	var err error
	m.tx.auth = authGood
	if m.tx.answer, err = m.app.Scheme.VerifyIssuer(m.app.keys, m.source(m.tx.cryptogram), data); err != nil {
		m.tx.auth = authFailed
	}
}

// source is what answers and scripts are computed over.
func (m *machine) source(cryptogram []byte) emv.List {
	return emv.List{emv.New(emv.TagCryptogram, cryptogram), emv.New(emv.TagATC, binary.BigEndian.AppendUint16(nil, m.app.state.ATC)),
		emv.New(emv.TagUnpredictableNumber, m.tx.values.Value(emv.TagUnpredictableNumber))}
}
