package icc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// State is what a card remembers without power. The zero value is a card fresh from its
// issuer. It prints with its PINs masked; Encode writes it whole, for the file that
// keeps it.
type State struct {
	Blocked bool   // by CARD BLOCK: no application can be selected
	Draws   uint64 // of random numbers: none comes twice
	Apps    []AppState
}

// AppState is what an application remembers, in the order of the profile.
type AppState struct {
	ATC, LastOnline uint16 // 9F36, 9F13
	Tries           int    // 9F17
	PIN             Secret // the one a script gave; "" for the profile's
	Blocked         bool   // by APPLICATION BLOCK, or by the card itself

	Offline    int   // transactions approved offline since the last one online
	Cumulative int64 // their sum in the application's currency, minor units
	Limits     Limits
	GoOnline   bool // the issuer wants the next transaction online

	Incomplete    bool // an ARQC was given, and no second GENERATE AC came
	AuthFailed    bool // the last issuer authentication failed
	AuthMissing   bool // the last online transaction had none
	Scripts       int  // commands after the last second GENERATE AC, at most 15
	ScriptFailed  bool
	Log           []Entry // newest first
	DeclinedNoDDA bool    // the last transaction was declined offline after DDA failed
	DeclinedNoSDA bool    // and after SDA failed
}

// Entry is a record of the transaction log, laid out as 9F4F says.
type Entry []byte

// Limits are the issuer's, that PUT DATA can change. 0 is none.
type Limits struct {
	LowerOffline int   // 9F58: after so many offline the card wants to go online
	UpperOffline int   // 9F59: after so many it declines where it cannot
	Cumulative   int64 // 9F54: after so much offline the card wants to go online
}

// Clone returns a copy that shares nothing.
func (s State) Clone() State {
	out := s
	out.Apps = append([]AppState(nil), s.Apps...)
	for i, a := range out.Apps {
		out.Apps[i].Log = append([]Entry(nil), a.Log...)
	}
	return out
}

// plainState is State without the methods that mask.
type plainState struct {
	Blocked bool
	Draws   uint64
	Apps    []plainApp
}

type plainApp struct {
	AppState
	PIN string // over AppState.PIN, which would print asterisks
}

// Encode returns the state as JSON, its PINs in clear: for a file that only its owner
// reads, and for nothing that is shown.
func (s State) Encode() []byte {
	p := plainState{Blocked: s.Blocked, Draws: s.Draws}
	for _, a := range s.Apps {
		p.Apps = append(p.Apps, plainApp{a, a.PIN.Reveal()})
	}
	b, _ := json.Marshal(p) // of numbers, texts and bytes: it cannot fail
	return b
}

// DecodeState takes what Encode wrote.
func DecodeState(b []byte) (State, error) {
	var p plainState
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return State{}, fmt.Errorf("state of a card: %s: it is not what was saved; remove it to begin with a fresh card", reason(err))
	}
	s := State{Blocked: p.Blocked, Draws: p.Draws}
	for _, a := range p.Apps {
		a.AppState.PIN = Secret(a.PIN)
		s.Apps = append(s.Apps, a.AppState)
	}
	return s, s.check()
}

// reason says what is wrong without the text that is.
func reason(err error) string {
	switch err := err.(type) {
	case *json.SyntaxError:
		return fmt.Sprintf("offset %d: no JSON", err.Offset)
	case *json.UnmarshalTypeError:
		return fmt.Sprintf("offset %d: %s has another type", err.Offset, err.Field)
	}
	return "no JSON, or with fields this version does not know"
}

func (s State) check() error {
	for i, a := range s.Apps {
		switch {
		case a.Tries < 0 || a.Tries > maxTries, a.Offline < 0, a.Cumulative < 0, a.Scripts < 0 || a.Scripts > 15:
			return fmt.Errorf("state of a card: application %d: a counter no card has", i+1)
		case a.PIN != "" && !validPIN(a.PIN):
			return fmt.Errorf("state of a card: application %d: a PIN of other than 4 to 12 digits", i+1)
		}
		for _, e := range a.Log {
			if len(e) > 0xFF {
				return fmt.Errorf("state of a card: application %d: a log record of %d bytes; at most 255", i+1, len(e))
			}
		}
	}
	return nil
}
