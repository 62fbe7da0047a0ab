package emv

import (
	"encoding/binary"
	"errors"
	"fmt"

	"possim/reader/card"
	"possim/reader/mac"
)

// Keys are the three keys of an issuer, or of one of its cards.
type Keys struct {
	AC  Key // application cryptograms and the answer to them
	MAC Key // integrity of issuer scripts
	ENC Key // confidentiality of issuer scripts
}

// Scheme is what a cryptogram version number stands for: how a card's keys come from
// its issuer's, a session's from the card's, what goes into a cryptogram, how the
// issuer answers and how it protects its scripts. It is a value; the payment systems'
// are variables of this package.
type Scheme struct {
	Name      string
	CVN       byte
	Master    func(issuer Key, pan card.PAN, sequence string) (Key, error)
	Session   func(master Key, atc uint16, un []byte) (Key, error) // nil: the card's key itself
	Padding   mac.Padding
	Input     IADInput
	Method    int  // of the ARPC, 1 or 2
	AnswerSK  bool // the ARPC takes the session key, not the card's
	Script    func(master Key, atc uint16, arqc []byte) (Key, error)
	Counted   bool // the ARQC makes that key, and counts up with each command
	ScriptATC bool // a script's MAC runs over ATC and ARQC too, between header and data
	MACLength int  // of scripts
	Conceal   Concealment
	PIN       PINStyle
}

// IADInput is how much of 9F10 goes into a cryptogram.
type IADInput int

// The choices.
const (
	InputCVR      IADInput = iota // the card verification results
	InputCounters                 // and the counters after them
	InputWhole                    // all of 9F10
)

// PINStyle is the block a PIN change carries.
type PINStyle int

// The styles.
const (
	PINFormat2     PINStyle = iota // ISO 9564 format 2
	PINVisa                        // Visa's, with or without the PIN the card has now
	PINVisaCurrent                 // Visa's with the PIN the card has now, format 2 without
)

// ErrCryptogram says that a cryptogram, an answer or a script's MAC is not what the
// keys make it.
var ErrCryptogram = errors.New("cryptogram: not the one these keys make of this data")

// CardKeys derives a card's keys. A zero issuer key gives a zero card key, but for the
// first: without it nothing works.
func (s Scheme) CardKeys(issuer Keys, pan card.PAN, sequence string) (Keys, error) {
	var out Keys
	for _, k := range []struct {
		from Key
		to   *Key
	}{{issuer.AC, &out.AC}, {issuer.MAC, &out.MAC}, {issuer.ENC, &out.ENC}} {
		if k.from.Zero() && k.to != &out.AC {
			continue
		}
		var err error
		if *k.to, err = s.Master(k.from, pan, sequence); err != nil {
			return Keys{}, err
		}
	}
	return out, nil
}

// cryptogramDOL is the data all schemes share, in their order (EMV Book 2, 8.1.1).
var cryptogramDOL = DOL{{TagAmountAuthorised, 6}, {TagAmountOther, 6}, {TagTerminalCountry, 2}, {TagTVR, 5},
	{TagTransactionCurrency, 2}, {TagTransactionDate, 3}, {TagTransactionType, 1}, {TagUnpredictableNumber, 4},
	{TagAIP, 2}, {TagATC, 2}}

// Data returns what the cryptogram is the MAC of. src must have the eight objects of
// the terminal (9F02, 9F03, 9F1A, 95, 5F2A, 9A, 9C, 9F37), the card's 82 and 9F36, and
// 9F10; where a message leaves out 9F03 it stands for zero.
func (s Scheme) Data(src Source) ([]byte, error) {
	for _, e := range cryptogramDOL {
		if v, ok := src.Get(e.Tag); e.Tag != TagAmountOther && (!ok || len(v) != e.Length) {
			return nil, fmt.Errorf("cryptogram %s: %s (%s) has %d bytes; want %d", s.Name, e.Tag, e.Tag.Name(), len(v), e.Length)
		}
	}
	data := cryptogramDOL.Build(src)
	raw, ok := src.Get(TagIAD)
	if !ok {
		return nil, fmt.Errorf("cryptogram %s: 9F10 (%s) is missing", s.Name, TagIAD.Name())
	}
	if s.Input == InputWhole {
		return append(data, raw...), nil
	}
	iad, err := ParseIAD(raw)
	if err != nil {
		return nil, fmt.Errorf("cryptogram %s: %w", s.Name, err)
	}
	data = append(data, iad.CVR...)
	if s.Input == InputCounters {
		data = append(data, iad.Counters...)
	}
	return data, nil
}

// Cryptogram computes the ARQC, TC or AAC of a transaction: what a card does, and what
// its issuer does again. src is as for Data.
func (s Scheme) Cryptogram(k Keys, src Source) ([]byte, error) {
	data, err := s.Data(src)
	if err != nil {
		return nil, err
	}
	sk, err := s.session(k, src)
	if err != nil {
		return nil, err
	}
	return ApplicationCryptogram(sk, data, s.Padding)
}

// Verify is ErrCryptogram unless 9F26 of src is the cryptogram of src.
func (s Scheme) Verify(k Keys, src Source) error {
	want, err := s.Cryptogram(k, src)
	if err != nil {
		return err
	}
	if got, _ := src.Get(TagCryptogram); !mac.Equal(got, want) {
		return ErrCryptogram
	}
	return nil
}

// session returns the key of this transaction's cryptogram.
func (s Scheme) session(k Keys, src Source) (Key, error) {
	if s.Session == nil {
		return k.AC, nil
	}
	atc, err := atcOf(src)
	if err != nil {
		return Key{}, err
	}
	un, _ := src.Get(TagUnpredictableNumber)
	return s.Session(k.AC, atc, un)
}

func atcOf(src Source) (uint16, error) {
	v, _ := src.Get(TagATC)
	if len(v) != 2 {
		return 0, fmt.Errorf("ATC (9F36): %d bytes; want 2", len(v))
	}
	return binary.BigEndian.Uint16(v), nil
}
