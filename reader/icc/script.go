package icc

import (
	"encoding/hex"
	"errors"
	"strconv"

	"possim/reader/emv"
)

// script carries out an issuer script command (EMV Book 3, 6.5; Book 2, 9). Its MAC runs
// under keys of this transaction's cryptogram, so that it needs one.
func (m *machine) script(cmd command) response {
	t := &m.tx
	if !t.done || m.app.keys.MAC.Zero() {
		return word(swConditions)
	}
	sw := m.scriptCommand(cmd)
	t.scripts++
	if sw != swOK {
		t.scriptFailed = true
	}
	if t.second || t.first != emv.ARQC {
		m.app.state.ScriptFailed = t.scriptFailed
		if sw == swOK {
			m.app.state.Scripts = min(m.app.state.Scripts+1, 15)
		}
	}
	return word(sw)
}

func (m *machine) scriptCommand(cmd command) status {
	if len(cmd.data) < m.app.Scheme.MACLength {
		return swNoMAC
	}
	src := m.app.Scheme.ScriptSource(m.source(m.tx.cryptogram), m.tx.scripts)
	c, err := m.app.Scheme.Open(m.app.keys, src, cmd.raw)
	switch {
	case errors.Is(err, emv.ErrCryptogram):
		return swWrongMAC
	case err != nil:
		return swWrongLength
	}
	switch c.INS {
	case emv.InsPINChange:
		return m.changePIN(src, c)
	case emv.InsPutData:
		return m.putData(c)
	}
	switch {
	case c.P1 != 0 || c.P2 != 0:
		return swWrongP1P2
	case len(c.Data) != 0:
		return swWrongLength
	case c.INS == emv.InsCardBlock:
		m.blocked = true
	default:
		m.app.state.Blocked = c.INS == emv.InsApplicationBlock
	}
	return swOK
}

// changePIN is PIN CHANGE/UNBLOCK (EMV Book 3, 6.5.10): P2 00 gives the tries back, 01
// and 02 a new PIN too.
func (m *machine) changePIN(src emv.List, c emv.Command) status {
	a := m.app
	switch {
	case c.P1 != 0 || c.P2 > 2:
		return swWrongP1P2
	case a.Holder.PIN == "":
		return swNoPIN
	case c.P2 == 0 && len(c.Data) != 0:
		return swWrongLength
	case c.P2 != 0:
		pin, err := a.Scheme.NewPIN(a.keys, src, c, a.pin().Reveal())
		if err != nil {
			return swWrongData
		}
		a.state.PIN = Secret(pin)
	}
	a.state.Tries = a.tries()
	return swOK
}

// putData changes a limit (EMV Book 3 leaves the tags to the issuer; these are PBOC's).
func (m *machine) putData(c emv.Command) status {
	l := &m.app.state.Limits
	switch t := emv.Tag(c.P1)<<8 | emv.Tag(c.P2); {
	case t == emv.TagPBOCLowerOfflineLimit && len(c.Data) == 1:
		l.LowerOffline = int(c.Data[0])
	case t == tagUpperOffline && len(c.Data) == 1:
		l.UpperOffline = int(c.Data[0])
	case t == emv.TagPBOCCumulativeLimit && len(c.Data) == 6:
		n, err := strconv.ParseInt(hex.EncodeToString(c.Data), 10, 64)
		if err != nil {
			return swWrongData
		}
		l.Cumulative = n
	case t == emv.TagPBOCLowerOfflineLimit || t == tagUpperOffline || t == emv.TagPBOCCumulativeLimit:
		return swWrongLength
	default:
		return swNoData
	}
	return swOK
}
