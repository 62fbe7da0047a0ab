package icc

import (
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
	"possim/reader/emv"
)

// Profile says what card to make. It prints without its PINs and keys.
type Profile struct {
	Name         string // for people: "unionpay-debit"
	Protocol     Protocol
	ATR          []byte   // that of the protocol when left out
	Seed         emv.Seed // of the card's RSA keys and random numbers
	NoPSE        bool     // no 1PAY.SYS.DDF01: a terminal has to try its list
	PPSE         bool     // 2PAY.SYS.DDF01
	Language     string   // 5F2D of the PSE
	Contactless  bool     // in a reader's field: a PPSE, no PSE, and applications with a Tap
	Applications []Application
	Faults       []Fault
	Ring         *emv.Keyring // that remembers RSA keys from one New to the next; nil is none
}

// Application is one application of a card. What is left out is not on the card,
// except where said otherwise.
type Application struct {
	AID           []byte
	Label         string // 50
	PreferredName string // 9F12, in the code table below
	CodeTable     byte   // 9F11
	Priority      byte   // 87, 1 to 15
	Confirm       bool   // 87: the cardholder has to agree
	Language      string // 5F2D: "zhen"
	Holder        Holder

	Issuer   *emv.IssuerKeys
	Scheme   emv.Scheme // of cryptograms, answers and scripts
	KeyIndex byte       // of the derivation, in 9F10
	Bits     int        // of the card's RSA key; 1024 when left out
	PINKey   bool       // a key of its own to encipher PINs with

	AIP        emv.AIP
	AUC        emv.AUC
	CVM        emv.CVMList
	Version    uint16 // 9F08
	Country    uint16 // 5F28, in decimal: 156
	Currency   uint16 // 9F42
	Exponent   byte   // 9F44
	IACDefault emv.TVR
	IACDenial  emv.TVR
	IACOnline  emv.TVR

	PDOL, CDOL1, CDOL2, DDOL, LogFormat emv.DOL
	// Template77 gives the answers of GET PROCESSING OPTIONS, INTERNAL AUTHENTICATE and
	// GENERATE AC as format 2.
	Template77 bool
	Tries      int // of the PIN; 3 when left out
	Risk       Risk
	Tap        *Tap     // nil: not contactless
	Extra      emv.List // more objects for the last signed record
}

// Holder is whom a card is made for.
type Holder struct {
	PAN           card.PAN
	Sequence      string // two digits; "" leaves 5F34 out
	Expiry        card.Expiry
	Effective     card.Expiry // its first day; left out without
	ServiceCode   card.ServiceCode
	Discretionary card.TrackData // of track 2
	Name          Secret         // SURNAME/FIRST
	PIN           Secret         // for offline verification; "" for none
}

// Risk is what a card thinks of a transaction by itself. It never goes above what the
// terminal asked for.
type Risk struct {
	Limits
	LowerVelocity, UpperVelocity byte // 9F14, 9F23: the terminal's limits of consecutive offline transactions
	NewOnline                    bool // a card that was never online wants to be
	AlwaysOnline                 bool // an ARQC for every TC asked
	AlwaysDecline                bool // an AAC whatever is asked
	DeclineAfterOnline           bool // an AAC to the second GENERATE AC
	NeedsIssuer                  bool // a TC after online only if the issuer's authentication succeeded
	BlockOnPIN                   bool // the application blocks itself at the last wrong PIN
}

const maxTries = 15 // PIN CHANGE and a CSU hold no more

// needed is what a cryptogram takes from the terminal (EMV Book 2, 8.1.1).
var needed = []emv.Tag{emv.TagAmountAuthorised, emv.TagTerminalCountry, emv.TagTVR, emv.TagTransactionCurrency,
	emv.TagTransactionDate, emv.TagTransactionType, emv.TagUnpredictableNumber}

func (p *Profile) check() error {
	if len(p.Applications) == 0 {
		return errors.New("card profile: it has no application")
	}
	for _, f := range p.Faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	if p.Seed == "" {
		return errors.New("card profile: there is no seed to make its keys from")
	}
	if len(p.ATR) > 33 {
		return fmt.Errorf("card profile: an ATR of %d bytes; at most 33", len(p.ATR))
	}
	for i := range p.Applications {
		if err := p.Applications[i].check(); err != nil {
			return fmt.Errorf("card profile: application %X: %w", p.Applications[i].AID, err)
		}
	}
	return nil
}

func (a *Application) check() error {
	h := a.Holder
	switch {
	case len(a.AID) < 5 || len(a.AID) > 16:
		return errors.New("an AID has 5 to 16 bytes (ISO/IEC 7816-4, 8.2.1.2)")
	case !h.PAN.Valid() || !h.Expiry.Valid():
		return errors.New("a number and an expiry are needed")
	case h.Sequence != "" && (len(h.Sequence) != 2 || !digits(h.Sequence)):
		return errors.New("a sequence number has two digits")
	case h.ServiceCode != "" && !h.ServiceCode.Valid():
		return errors.New("a service code has three digits")
	case !digits(h.Discretionary.Reveal()) || len(h.Discretionary) > 13:
		return errors.New("discretionary data of track 2 is at most 13 digits")
	case h.PIN != "" && !validPIN(h.PIN):
		return errors.New("a PIN has 4 to 12 digits")
	case a.Tries < 0 || a.Tries > maxTries:
		return fmt.Errorf("%d PIN tries; at most %d", a.Tries, maxTries)
	case len(a.Label) > 16 || len(a.PreferredName) > 16 || len(h.Name) > 26 || len(a.Language) > 8 || len(a.Language)%2 != 0:
		return errors.New("label and preferred name have at most 16 characters, a holder's name 26, languages are two letters each, four at most")
	case a.Issuer == nil:
		return errors.New("issuer keys are needed (emv.NewIssuerKeys)")
	case a.Priority > 15 || a.Country > 999 || a.Currency > 999:
		return errors.New("priorities go to 15, country and currency codes to 999")
	}
	if _, err := a.layout(); err != nil {
		return err
	}
	if err := a.checkTap(); err != nil {
		return err
	}
	return a.checkLists()
}

// checkLists makes sure that the lists ask for all a cryptogram takes, and fit a command.
func (a *Application) checkLists() error {
	for name, d := range map[string]emv.DOL{"PDOL": a.PDOL, "CDOL1": a.CDOL1, "CDOL2": a.CDOL2, "DDOL": a.DDOL, "log format": a.LogFormat} {
		if d.Length() > 252 {
			return fmt.Errorf("its %s asks for %d bytes; a command carries 252", name, d.Length())
		}
	}
	for _, t := range needed {
		if !a.CDOL1.Has(t) && !a.PDOL.Has(t) {
			return fmt.Errorf("neither CDOL1 nor PDOL asks for %s (%s), which the cryptogram takes", t, t.Name())
		}
	}
	if len(a.CDOL2) == 0 {
		return errors.New("it needs a CDOL2")
	}
	if len(a.DDOL) > 0 && !a.DDOL.Has(emv.TagUnpredictableNumber) {
		return errors.New("its DDOL does not ask for 9F37 (EMV Book 2, 6.5.1)")
	}
	return nil
}

func (a *Application) tries() int {
	if a.Tries == 0 {
		return 3
	}
	return a.Tries
}

// dynamic reports whether the application needs an RSA key.
func (a *Application) dynamic() bool {
	return a.AIP.Has(emv.AIPDDA) || a.AIP.Has(emv.AIPCDA) || a.enciphers()
}

// enciphers reports whether the CVM list has a PIN enciphered for the card.
func (a *Application) enciphers() bool {
	for _, r := range a.CVM.Rules {
		if r.Method == emv.CVMEncipheredPIN || r.Method == emv.CVMEncipheredPINSignature {
			return true
		}
	}
	return false
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func validPIN(s Secret) bool { return len(s) >= 4 && len(s) <= 12 && digits(string(s)) }
