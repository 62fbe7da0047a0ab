package emv

import (
	"fmt"

	"possim/reader/card"
)

// IssuerKeys is all the keys of an issuer of test cards: the authority that vouches for
// it, its RSA key and certificate, and the three keys its cards' are derived from.
type IssuerKeys struct {
	Authority   Authority
	RSA         PrivateKey
	Certificate Certificate
	Master      Keys
}

// IssuerProfile says what IssuerKeys to make. All but Seed, Issuer and RID may be left
// out.
type IssuerProfile struct {
	Seed       Seed // the same seed and profile, the same keys
	RID        RID
	Index      byte        // of the authority's key; E0 when left out, which no payment system uses
	Issuer     string      // the first 3 to 8 digits of its cards
	Expires    card.Expiry // of the certificate; 2049-12 when left out
	CABits     int         // 1408 when left out
	IssuerBits int         // 1152 when left out
	Exponent   int         // 3 when left out
	Master     Keys        // MasterKeys of the seed where left out
	Ring       *Keyring    // that remembers RSA keys; nil makes them anew
}

func (p IssuerProfile) filled() IssuerProfile {
	if p.Index == 0 {
		p.Index = 0xE0
	}
	if p.Expires.Absent() {
		p.Expires = card.Expiry{Year: 2049, Month: 12}
	}
	p.CABits = or(p.CABits, 1408)
	p.IssuerBits = or(p.IssuerBits, 1152)
	p.Exponent = or(p.Exponent, 3)
	return p
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// NewIssuerKeys makes the keys of a profile, the same ones each time.
func NewIssuerKeys(p IssuerProfile) (*IssuerKeys, error) {
	p = p.filled()
	if p.Seed == "" {
		return nil, fmt.Errorf("issuer keys: there is no seed to make them from")
	}
	k := &IssuerKeys{Master: p.Master}
	var err error
	if k.Authority, err = NewAuthority(p); err != nil {
		return nil, err
	}
	issuer := fmt.Sprintf("issuer %s %s", p.RID, p.Issuer)
	if k.RSA, err = p.Ring.key(p.Seed, issuer, p.IssuerBits, p.Exponent); err != nil {
		return nil, err
	}
	if k.Certificate, err = k.Authority.Certify(k.RSA.Public(), p.Issuer, p.Expires, [3]byte{0, 0, 1}); err != nil {
		return nil, err
	}
	k.Master = k.Master.Or(MasterKeys(p.Seed, p.RID, p.Issuer))
	return k, nil
}

// NewAuthority makes the authority of a profile alone, by which a terminal knows its
// issuers: it does not depend on the issuer.
func NewAuthority(p IssuerProfile) (Authority, error) {
	p = p.filled()
	if p.Seed == "" {
		return Authority{}, fmt.Errorf("authority: there is no seed to make its key from")
	}
	key, err := p.Ring.key(p.Seed, fmt.Sprintf("authority %s %02X", p.RID, p.Index), p.CABits, p.Exponent)
	return Authority{RID: p.RID, Index: p.Index, Key: key}, err
}

// MasterKeys are the three keys of a test issuer that its cards' are derived from: all
// that a host needs to know of it.
func MasterKeys(seed Seed, rid RID, issuer string) Keys {
	draw := func(label string) Key { return seededKey(seed, "master "+label+" "+rid.String()+" "+issuer) }
	return Keys{AC: draw("AC"), MAC: draw("MAC"), ENC: draw("ENC")}
}

// Or returns the keys, and those of others in the place of each that is missing.
func (k Keys) Or(others Keys) Keys {
	for _, pair := range []struct{ to, from *Key }{{&k.AC, &others.AC}, {&k.MAC, &others.MAC}, {&k.ENC, &others.ENC}} {
		if pair.to.Zero() {
			*pair.to = *pair.from
		}
	}
	return k
}

// seededKey draws a key that seed and label determine.
func seededKey(seed Seed, label string) Key {
	var b [16]byte
	_, _ = Seeded(seed, label).Read(b[:]) // it never fails
	return made(b[:]).OddParity()
}

// ICCKeys is the RSA keys of a card. Without a PIN key the card's own enciphers PINs.
type ICCKeys struct {
	RSA            PrivateKey
	Certificate    Certificate
	PIN            PrivateKey
	PINCertificate Certificate
}

// ICCProfile says what ICCKeys to make.
type ICCProfile struct {
	Seed     Seed
	PAN      card.PAN
	Sequence string
	Expires  card.Expiry // of the certificates; 2049-12 when left out
	Bits     int         // 1024 when left out
	Exponent int         // 3 when left out
	Static   []byte      // the card's static data to be authenticated
	PINKey   bool        // make a key of its own for PINs
	Ring     *Keyring    // that remembers RSA keys; nil makes them anew
}

// NewICCKeys makes and certifies the keys of a card, the same ones each time.
func (k *IssuerKeys) NewICCKeys(p ICCProfile) (*ICCKeys, error) {
	if p.Expires.Absent() {
		p.Expires = card.Expiry{Year: 2049, Month: 12}
	}
	out := &ICCKeys{}
	var err error
	if out.RSA, out.Certificate, err = k.iccKey(p, "card", [3]byte{0, 1, 1}, p.Static); err != nil || !p.PINKey {
		return out, err
	}
	out.PIN, out.PINCertificate, err = k.iccKey(p, "PIN", [3]byte{0, 1, 2}, nil)
	return out, err
}

func (k *IssuerKeys) iccKey(p ICCProfile, use string, serial [3]byte, static []byte) (PrivateKey, Certificate, error) {
	label := fmt.Sprintf("%s %s %s", use, p.PAN.Reveal(), p.Sequence)
	key, err := p.Ring.key(p.Seed, label, or(p.Bits, 1024), or(p.Exponent, 3))
	if err != nil {
		return PrivateKey{}, Certificate{}, err
	}
	c, err := k.RSA.CertifyICC(key.Public(), p.PAN, p.Expires, serial, static)
	return key, c, err
}
