package emv

import (
	"fmt"

	"possim/reader/mac"
)

// Answer is what an issuer tells the card beside yes or no. Method 1 carries the
// response code, method 2 the status update and the proprietary data.
type Answer struct {
	ResponseCode string  // F39, two characters: "00"
	StatusUpdate [4]byte // CSU (EMV Book 3 Annex C10)
	Proprietary  []byte  // at most eight bytes
}

// IssuerAuthentication returns the value of 91 that answers the ARQC in src (9F26,
// 9F36, 9F37): ARPC and response code by method 1, ARPC, status update and proprietary
// data by method 2 (EMV Book 2, 8.2).
func (s Scheme) IssuerAuthentication(k Keys, src Source, a Answer) ([]byte, error) {
	arqc, _ := src.Get(TagCryptogram)
	key := k.AC
	if s.AnswerSK {
		var err error
		if key, err = s.session(k, src); err != nil {
			return nil, err
		}
	}
	if s.Method == 2 {
		arpc, err := ARPC2(key, arqc, a.StatusUpdate[:], a.Proprietary)
		if err != nil {
			return nil, err
		}
		return append(append(arpc, a.StatusUpdate[:]...), a.Proprietary...), nil
	}
	arpc, err := ARPC1(key, arqc, []byte(a.ResponseCode))
	if err != nil {
		return nil, err
	}
	return append(arpc, a.ResponseCode...), nil
}

// VerifyIssuer is the card's side: it takes 91 apart, and is ErrCryptogram unless the
// issuer's keys made it for the ARQC in src.
func (s Scheme) VerifyIssuer(k Keys, src Source, value []byte) (Answer, error) {
	var a Answer
	switch {
	case len(value) < 8 || len(value) > 16 || s.Method != 2 && len(value) != 10:
		return a, fmt.Errorf("issuer authentication data (91): %d bytes; want 10 by method 1, 8 to 16 by method 2", len(value))
	case s.Method == 2:
		copy(a.StatusUpdate[:], value[4:8])
		a.Proprietary = append([]byte(nil), value[8:]...)
	default:
		a.ResponseCode = string(value[8:])
	}
	want, err := s.IssuerAuthentication(k, src, a)
	if err != nil {
		return a, err
	}
	if !mac.Equal(value, want) {
		return a, ErrCryptogram
	}
	return a, nil
}
