package icc

import (
	"fmt"

	"possim/reader/emv"
)

// layout says which 9F10 an application writes.
func (a *Application) layout() (emv.IADLayout, error) {
	switch a.Scheme.CVN {
	case emv.PBOCCVN01.CVN:
		return emv.IADPBOC, nil
	case emv.VisaCVN10.CVN, emv.VisaCVN18.CVN, emv.VisaCVN22.CVN:
		return emv.IADVisa, nil
	case 0:
		return 0, fmt.Errorf("a scheme is needed: emv.PBOCCVN01, emv.VisaCVN18")
	}
	return 0, fmt.Errorf("scheme %s: this card writes the 9F10 of VSDC and of PBOC only", a.Scheme.Name)
}

// issuerData makes 9F10: 06 DKI CVN CVR for VSDC, 07 DKI CVN CVR and the algorithm, 01
// for triple DES, for PBOC.
func (a *Application) issuerData(results cvr) []byte {
	if layout, _ := a.layout(); layout == emv.IADPBOC {
		return append(append([]byte{0x07, a.KeyIndex, a.Scheme.CVN}, results[:]...), 0x01)
	}
	return append([]byte{0x06, a.KeyIndex, a.Scheme.CVN}, results[:]...)
}

// cvr is the Card Verification Results of VIS and PBOC: a length of 3, and three bytes.
// Their bits are those of VIS, which PBOC took over (JR/T 0025.5, as public pages on tag
// 9F10 of PBOC cards list them).
type cvr [4]byte

// The bits of cvr: byte counted from 2 as the standard counts, and mask.
const (
	cvrSecondNone    = 0x0280 // second GENERATE AC not requested
	cvrSecondTC      = 0x0240
	cvrFirstARQC     = 0x0220
	cvrFirstTC       = 0x0210
	cvrAuthFailed    = 0x0208 // issuer authentication was performed and failed
	cvrPINDone       = 0x0204 // offline PIN verification was performed
	cvrPINFailed     = 0x0202
	cvrNotOnline     = 0x0201 // the terminal was unable to go online
	cvrIncomplete    = 0x0380 // the last online transaction was not completed
	cvrPINLimit      = 0x0340 // PIN try limit exceeded
	cvrVelocity      = 0x0320 // velocity checking counters exceeded
	cvrNew           = 0x0310 // new card
	cvrLastAuth      = 0x0308 // issuer authentication failed on the last online transaction
	cvrNoAuth        = 0x0304 // and was not performed after an online authorisation
	cvrBlockedByCard = 0x0302 // the card blocked the application: PIN try limit exceeded
	cvrLastSDA       = 0x0301 // the last transaction was declined offline after SDA failed
	cvrScriptFailed  = 0x0408
	cvrLastDDA       = 0x0404 // the last transaction was declined offline after DDA failed
	cvrDDA           = 0x0402 // DDA performed
)

func (v *cvr) set(bit uint16, when bool) {
	if when {
		v[bit>>8-1] |= byte(bit)
	}
}

// results makes the CVR of an answer of the first or the second GENERATE AC.
func (m *machine) results() cvr {
	s, t := m.app, &m.tx
	st := s.state
	v := cvr{0x03}
	v.set(cvrSecondNone, !t.second)
	v.set(cvrSecondTC, t.second && t.final == emv.TC)
	v.set(cvrFirstARQC, t.first == emv.ARQC)
	v.set(cvrFirstTC, t.first == emv.TC)
	v.set(cvrAuthFailed, t.auth == authFailed)
	v.set(cvrPINDone, t.pinDone)
	v.set(cvrPINFailed, t.pinDone && !t.pinGood)
	v.set(cvrNotOnline, t.notOnline)
	v.set(cvrIncomplete, t.wasIncomplete)
	v.set(cvrPINLimit, s.Holder.PIN != "" && st.Tries == 0)
	v.set(cvrVelocity, m.velocity())
	v.set(cvrNew, t.wasNew)
	v.set(cvrLastAuth, st.AuthFailed)
	v.set(cvrNoAuth, st.AuthMissing)
	v.set(cvrBlockedByCard, s.Risk.BlockOnPIN && st.Blocked && st.Tries == 0)
	v.set(cvrLastSDA, st.DeclinedNoSDA)
	v[3] |= byte(st.Scripts) << 4
	v.set(cvrScriptFailed, st.ScriptFailed)
	v.set(cvrLastDDA, st.DeclinedNoDDA)
	v.set(cvrDDA, t.dda)
	return v
}
