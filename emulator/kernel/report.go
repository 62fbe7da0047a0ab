package kernel

import (
	"bytes"
	"strings"

	"possim/reader/card"
	"possim/reader/emv"
)

// UnionPay55 is what UnionPay's terminals put into field 55 of a request, in its order.
var UnionPay55 = []emv.Tag{emv.TagCryptogram, emv.TagCID, emv.TagIAD, emv.TagUnpredictableNumber, emv.TagATC, emv.TagTVR,
	emv.TagTransactionDate, emv.TagTransactionType, emv.TagAmountAuthorised, emv.TagTransactionCurrency, emv.TagAIP,
	emv.TagTerminalCountry, emv.TagAmountOther, emv.TagTerminalCapabilities, emv.TagCVMResults, emv.TagTerminalType,
	emv.TagIFDSerial, emv.TagDFName, emv.TagTerminalVersion, emv.TagSequenceCounter, emv.TagCardProduct}

// UnionPayReversal55 is field 55 of a reversal, UnionPayScript55 that of the message that
// tells the results of issuer scripts; for Result.Pick. DF31 is laid out as 9F5B is,
// which is unverified.
var (
	UnionPayReversal55 = []emv.Tag{emv.TagTVR, emv.TagIAD, emv.TagIFDSerial, emv.TagATC, emv.TagScriptOutcome}
	UnionPayScript55   = []emv.Tag{emv.TagTerminalCapabilities, emv.TagTVR, emv.TagUnpredictableNumber, emv.TagIFDSerial, emv.TagIAD,
		emv.TagCryptogram, emv.TagATC, emv.TagAIP, emv.TagScriptOutcome, emv.TagTerminalCountry, emv.TagTransactionDate}
)

// report fills a Result with what is known so far.
func (s *session) report() Result {
	r := Result{TVR: s.tvr, TSI: s.tsi, CVM: s.cvm, Application: s.chosen, PAN: s.pan(), Sequence: s.sequence(),
		CID: s.last.cid, Cryptogram: s.last.cid.Type(), Code: s.code, OnlinePIN: s.tvr.Has(emv.TVROnlinePIN) || s.pinTaken,
		Signature: s.signature, Advice: s.last.cid.Advice(), Scripts: bytes.Clone(s.scripts),
		CDCVM: s.cdcvm, NoPIN: s.noPIN, NoSignature: s.noSignature}
	r.Expiry, r.Track2 = expiryOf(s.icc), track2Of(s.icc)
	if _, rest, _ := strings.Cut(r.Track2.Reveal(), "="); s.tapped && r.Expiry.Absent() && len(rest) >= 4 {
		r.Expiry, _ = card.ParseExpiry(rest[:4]) // its records may not have been asked for
	}
	if len(s.scripts) > 0 {
		s.terminal.Set(emv.TagScriptResults, r.Scripts)
		s.terminal.Set(emv.TagScriptOutcome, r.Scripts)
	}
	r.Data = s.everything()
	tags := s.Field55
	if tags == nil {
		tags = UnionPay55
	}
	r.Tags = r.Pick(tags...)
	return r
}

// expiryOf returns the month of 5F24, where it is one.
func expiryOf(l emv.List) card.Expiry {
	b := l.Value(emv.TagExpirationDate)
	if len(b) != 3 || !bcd(b) {
		return card.Expiry{}
	}
	e, _ := card.ParseExpiry(hexText(b[:2]))
	return e
}

// track2Of returns track 2 of its equivalent: D separates, F fills (EMV Book 3 Annex A, 57).
func track2Of(l emv.List) card.TrackData {
	track := strings.TrimRight(hexText(l.Value(emv.TagTrack2Equivalent)), "F")
	return card.TrackData(strings.Replace(track, "D", "=", 1))
}

// everything is the terminal's objects, and those of the card that the terminal has none
// of.
func (s *session) everything() emv.List {
	l := append(emv.List(nil), s.now()...)
	for _, o := range s.icc {
		if !l.Has(o.Tag) {
			l = append(l, o)
		}
	}
	return l
}
