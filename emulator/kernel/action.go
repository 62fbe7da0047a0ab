package kernel

import "possim/reader/emv"

// decide is terminal action analysis (EMV Book 3, 10.7): what the issuer and the acquirer
// want done about the TVR as it stands, and what to ask the card for. A terminal that
// cannot go online takes the default codes in place of the online ones.
func (s *session) decide() emv.CryptogramType {
	switch {
	case s.hit(emv.TagIACDenial, emv.TVR{}, s.app.Denial):
		return emv.AAC
	case s.onlineOnly():
		return emv.ARQC
	case s.offlineOnly():
		return s.decideByDefault()
	case s.hit(emv.TagIACOnline, allOnes, s.app.Online):
		return emv.ARQC
	}
	return emv.TC
}

// decideByDefault says what to do where the issuer cannot be asked. A terminal that is
// only ever online declines.
func (s *session) decideByDefault() emv.CryptogramType {
	if s.onlineOnly() || s.hit(emv.TagIACDefault, allOnes, s.app.Default) {
		return emv.AAC
	}
	return emv.TC
}

// allOnes is the issuer action code of a card that has none, but for denial.
var allOnes = emv.TVR{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}

// hit reports whether the TVR has a bit that the issuer's code (or its default) or the
// terminal's names.
func (s *session) hit(t emv.Tag, absent, terminal emv.TVR) bool {
	issuer, err := emv.ParseTVR(s.icc.Value(t))
	if err != nil {
		issuer = absent
	}
	for i, b := range s.tvr {
		if b&(issuer[i]|terminal[i]) != 0 {
			return true
		}
	}
	return false
}
