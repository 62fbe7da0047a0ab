package emv

import (
	"bytes"
	"fmt"

	"possim/reader/mac"
)

// The payment systems' schemes.
var (
	// VisaCVN10 takes no session key, pads with zeros and answers by method 1.
	VisaCVN10 = Scheme{Name: "Visa CVN 10", CVN: 0x0A, Master: MasterKeyA, Padding: mac.Zeros, Input: InputCVR,
		Method: 1, Script: byATC(SessionVisa), ScriptATC: true, MACLength: 8, Conceal: ConcealVisa, PIN: PINVisa}
	// VisaCVN18 takes the common session key and answers by method 2.
	VisaCVN18 = Scheme{Name: "Visa CVN 18", CVN: 0x12, Master: MasterKeyB, Session: sessionATC, Padding: mac.OneAndZeros,
		Input: InputWhole, Method: 2, AnswerSK: true, Script: byATC(SessionVisa), ScriptATC: true, MACLength: 8,
		Conceal: ConcealVisa, PIN: PINVisa}
	// VisaCVN22 is CVN 18 with common session keys for scripts. Its number is hex.
	VisaCVN22 = Scheme{Name: "Visa CVN 22", CVN: 0x22, Master: MasterKeyB, Session: sessionATC, Padding: mac.OneAndZeros,
		Input: InputWhole, Method: 2, AnswerSK: true, Script: byARQC, Counted: true, ScriptATC: true, MACLength: 8,
		Conceal: ConcealVisa, PIN: PINVisaCurrent}

	// MastercardCVN16 takes Mastercard's session key.
	MastercardCVN16 = mchip("Mastercard CVN 16", 0x10)
	// MastercardCVN17 is CVN 16 with the counters of 9F10 in the cryptogram.
	MastercardCVN17 = mchip("Mastercard CVN 17", 0x11)
	// MastercardCVN20 takes the common session key.
	MastercardCVN20 = mchip("Mastercard CVN 20", 0x14)
	// MastercardCVN21 is CVN 20 with the counters.
	MastercardCVN21 = mchip("Mastercard CVN 21", 0x15)

	// PBOCCVN01 is that of UnionPay and of China's bank cards (JR/T 0025), with triple DES.
	// Its cryptograms, answers and script key are held against worked examples; its script
	// MAC and PIN change are from descriptions only, unverified.
	PBOCCVN01 = Scheme{Name: "PBOC CVN 01", CVN: 0x01, Master: MasterKeyA, Session: byATC(SessionPBOC),
		Padding: mac.OneAndZeros, Input: InputCVR, Method: 1, AnswerSK: true, Script: byATC(SessionPBOC),
		ScriptATC: true, MACLength: 4, Conceal: ConcealVisa, PIN: PINVisa}

	// CommonCore is that of EMV's Common Core Definitions (Book 2, 8.1.2 and 9, CCD parts).
	CommonCore = Scheme{Name: "CCD CVN A5", CVN: 0xA5, Master: MasterKeyB, Session: sessionATC, Padding: mac.OneAndZeros,
		Input: InputWhole, Method: 2, AnswerSK: true, Script: byARQC, Counted: true, MACLength: 8, Conceal: ConcealEMV}
)

// Schemes lists them all.
var Schemes = []Scheme{VisaCVN10, VisaCVN18, VisaCVN22, MastercardCVN16, MastercardCVN17, MastercardCVN20,
	MastercardCVN21, PBOCCVN01, CommonCore}

// mchip reads M/Chip's cryptogram version number: bit 3 the common session key, bit 1
// the counters (M/Chip Requirements, Appendix B). The counters' place is unverified: no
// public vector has them.
func mchip(name string, cvn byte) Scheme {
	s := Scheme{Name: name, CVN: cvn, Master: MasterKeyA, Session: SessionMastercard, Padding: mac.OneAndZeros,
		Input: InputCVR, Method: 1, Script: byARQC, Counted: true, MACLength: 8, Conceal: ConcealMastercard}
	if cvn&0x04 != 0 {
		s.Session = sessionATC
	}
	if cvn&0x01 != 0 {
		s.Input = InputCounters
	}
	return s
}

func sessionATC(k Key, atc uint16, _ []byte) (Key, error) { return SessionATC(k, atc) }

func byARQC(k Key, _ uint16, arqc []byte) (Key, error) { return SessionCommon(k, arqc) }

func byATC(f func(Key, uint16) (Key, error)) func(Key, uint16, []byte) (Key, error) {
	return func(k Key, atc uint16, _ []byte) (Key, error) { return f(k, atc) }
}

// SchemeOf finds the scheme of a card by its AID and its 9F10. Without an AID, as where
// a message does not carry 84, the layout of 9F10 says whose card it is.
func SchemeOf(aid, issuerData []byte) (Scheme, error) {
	iad, err := ParseIAD(issuerData)
	if err != nil {
		return Scheme{}, err
	}
	var among []Scheme
	switch {
	case bytes.HasPrefix(aid, RIDUnionPay[:]) || len(aid) == 0 && iad.Layout == IADPBOC:
		among = []Scheme{PBOCCVN01}
	case bytes.HasPrefix(aid, RIDMastercard[:]) || len(aid) == 0 && iad.Layout == IADMChip:
		among = []Scheme{MastercardCVN16, MastercardCVN17, MastercardCVN20, MastercardCVN21}
	case bytes.HasPrefix(aid, RIDVisa[:]) || len(aid) == 0 && (iad.Layout == IADVisa || iad.Layout == IADVisa2):
		among = []Scheme{VisaCVN10, VisaCVN18, VisaCVN22}
	case iad.Layout == IADCommon:
		among = []Scheme{CommonCore}
	}
	for _, s := range among {
		if s.CVN == iad.CVN {
			return s, nil
		}
	}
	return Scheme{}, fmt.Errorf("cryptogram version %02X of application %X: no scheme known here", iad.CVN, aid)
}
