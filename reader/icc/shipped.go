package icc

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"possim/reader/card"
	"possim/reader/emv"
)

// Person is what Shipped makes a profile for: the holder, and the seed that all keys
// come from. The same seed and the first six digits of the number make the same issuer.
type Person struct {
	Holder
	Seed emv.Seed
	// Issuer is the issuer's keys, for those who have them already; nil makes them from
	// Seed, which takes some tens of milliseconds.
	Issuer *emv.IssuerKeys
	// Master is the issuer's master keys where they are not those of Seed, and Ring
	// remembers RSA keys; both may be left out.
	Master emv.Keys
	Ring   *emv.Keyring
}

// series is a profile that ships: whose cards it makes, and how.
type series struct {
	rid  emv.RID
	make func(Person, *emv.IssuerKeys) Profile
}

// shipped is the profiles by name.
var shipped = map[string]series{
	"unionpay-debit":  {emv.RIDUnionPay, func(h Person, k *emv.IssuerKeys) Profile { return unionPay(h, k, unionPayDebit) }},
	"unionpay-credit": {emv.RIDUnionPay, func(h Person, k *emv.IssuerKeys) Profile { return unionPay(h, k, unionPayCredit) }},
	"unionpay-dual":   {emv.RIDUnionPay, func(h Person, k *emv.IssuerKeys) Profile { return unionPay(h, k, unionPayDebit, unionPayCredit) }},
	"visa-cvn18":      {emv.RIDVisa, visa},
}

// Names lists the profiles that ship.
func Names() []string {
	var out []string
	for name := range shipped {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Shipped returns the profile of a name.
//
//	unionpay-debit   A000000333010101, PBOC CVN 01, T=0, answers of format 1
//	unionpay-credit  A000000333010102, the same
//	unionpay-dual    both applications, debit first; credit has the next sequence number
//	visa-cvn18       A0000000031010, VIS CVN 18, T=1, answers of format 2
//
// UnionPay's can be tapped: set Contactless. All have SDA, DDA and CDA, a PSE and a PPSE, a transaction log, and take online,
// enciphered and plain PINs, a signature or nothing. A caller changes what it wants
// changed before New.
func Shipped(name string, h Person) (Profile, error) {
	made, known := shipped[name]
	if !known {
		return Profile{}, fmt.Errorf("card profile %q: there is none; want one of %s", name, strings.Join(Names(), ", "))
	}
	if !h.PAN.Valid() {
		return Profile{}, fmt.Errorf("card profile %s: a number of 8 to 19 digits is needed", name)
	}
	if h.Issuer == nil {
		var err error
		h.Issuer, err = emv.NewIssuerKeys(emv.IssuerProfile{Seed: h.Seed, RID: made.rid, Issuer: issuerOf(h.PAN), Master: h.Master, Ring: h.Ring})
		if err != nil {
			return Profile{}, fmt.Errorf("card profile %s: %w", name, err)
		}
	}
	p := made.make(h, h.Issuer)
	p.Name, p.Ring = name, h.Ring
	return p, nil
}

// MasterKeys returns the issuer's master keys of a shipped profile's card, those a host
// verifies it with. They take no RSA.
func MasterKeys(name string, seed emv.Seed, pan card.PAN) emv.Keys {
	return emv.MasterKeys(seed, shipped[name].rid, issuerOf(pan))
}

// issuerOf is the digits by which an issuer is known: the first six of its numbers.
func issuerOf(pan card.PAN) string { return pan.Reveal()[:min(6, len(pan))] }

// dol writes a list as it is read in a specification.
func dol(s string) emv.DOL {
	var d emv.DOL
	for _, part := range strings.Fields(s) {
		var tag string
		var n int
		_, _ = fmt.Sscanf(strings.Replace(part, ":", " ", 1), "%s %d", &tag, &n)
		t, _ := emv.ParseTag(tag)
		d = append(d, emv.Entry{Tag: t, Length: n})
	}
	return d
}

const (
	cdol1 = "9F02:6 9F03:6 9F1A:2 95:5 5F2A:2 9A:3 9C:1 9F37:4 9F21:3 9F4E:20"
	cdol2 = "8A:2 " + cdol1
)

// rules makes a CVM list in which each rule is for terminals that support the method.
func rules(methods ...emv.CVM) emv.CVMList {
	var l emv.CVMList
	for _, m := range methods {
		l.Rules = append(l.Rules, emv.CVMRule{Method: m, Next: m != emv.CVMNone, Condition: emv.CVMIfSupported})
	}
	return l
}

func unionPayDebit(a *Application) {
	a.AID, a.Label = []byte{0xA0, 0, 0, 0x03, 0x33, 0x01, 0x01, 0x01}, "PBOC DEBIT"
}

func unionPayCredit(a *Application) {
	a.AID, a.Label = []byte{0xA0, 0, 0, 0x03, 0x33, 0x01, 0x01, 0x02}, "PBOC CREDIT"
}

// unionPay is a card as Chinese banks issue them (JR/T 0025), with our own issuer.
func unionPay(h Person, k *emv.IssuerKeys, apps ...func(*Application)) Profile {
	p := Profile{Seed: h.Seed, PPSE: true, Language: "zhen"}
	for i, f := range apps {
		a := Application{Holder: h.Holder, Issuer: k, Scheme: emv.PBOCCVN01, KeyIndex: 1, Priority: byte(i + 1), Language: "zhen",
			Version: 0x0030, Country: 156, Currency: 156, Exponent: 2,
			AUC:       emv.AUC{0xFF, 0xC0},
			CVM:       rules(emv.CVMOnlinePIN, emv.CVMEncipheredPIN, emv.CVMPlainPIN, emv.CVMSignature, emv.CVMNone),
			PDOL:      dol("9F7A:1 9F02:6 5F2A:2"),
			CDOL1:     dol(cdol1),
			CDOL2:     dol(cdol2),
			DDOL:      dol("9F37:4"),
			LogFormat: dol("9A:3 9F21:3 9F02:6 9F03:6 9F1A:2 5F2A:2 9F4E:20 9C:1 9F36:2"),
			Tap:       &Tap{PDOL: dol("9F66:4 9F02:6 9F03:6 9F1A:2 95:5 5F2A:2 9A:3 9C:1 9F37:4")},
		}
		a.Holder.Sequence = sequence(h.Holder.Sequence, i)
		f(&a)
		common(&a)
		p.Applications = append(p.Applications, a)
	}
	return p
}

// sequence is the sequence number (5F34) of a card's application after so many others. Each
// counts its transactions (ATC) for itself, and is told from the others of the same number
// by this alone: its keys, and what its issuer remembers of its counter, hang on it.
func sequence(first string, others int) string {
	if others == 0 {
		return first
	}
	n, _ := strconv.Atoi(first) // two digits, or none
	return fmt.Sprintf("%02d", (n+others)%100)
}

// visa is a card of VIS, with our own issuer.
func visa(h Person, k *emv.IssuerKeys) Profile {
	a := Application{AID: []byte{0xA0, 0, 0, 0, 0x03, 0x10, 0x10}, Label: "VISA CREDIT", PreferredName: "Visa Test", CodeTable: 1,
		Priority: 1, Language: "en", Holder: h.Holder, Issuer: k, Scheme: emv.VisaCVN18, KeyIndex: 1, Template77: true,
		Version: 0x0096, Country: 840, Currency: 840, Exponent: 2,
		AUC:       emv.AUC{0xFF, 0xC0},
		CVM:       rules(emv.CVMEncipheredPIN, emv.CVMPlainPIN, emv.CVMOnlinePIN, emv.CVMSignature, emv.CVMNone),
		CDOL1:     dol(cdol1),
		CDOL2:     dol(cdol2),
		DDOL:      dol("9F37:4"),
		LogFormat: dol("9A:3 9F21:3 9F02:6 5F2A:2 9F1A:2 9F36:2"),
	}
	common(&a)
	return Profile{Seed: h.Seed, Protocol: T1, PPSE: true, Language: "en", Applications: []Application{a}}
}

// common is what both have: all the ways of authentication, and action codes that
// decline what has expired or is not allowed, and go online for whatever went wrong.
func common(a *Application) {
	a.AIP = emv.AIP{}.With(emv.AIPSDA, emv.AIPDDA, emv.AIPCDA, emv.AIPCardholderVerification, emv.AIPTerminalRisk,
		emv.AIPIssuerAuthentication)
	a.IACDenial = emv.TVR{0x00, 0x50, 0x00, 0x00, 0x00}
	a.IACOnline = emv.TVR{0xFC, 0x68, 0xBC, 0xF8, 0x00}
	a.IACDefault = emv.TVR{0xFC, 0x60, 0x9C, 0xA8, 0x00}
}
