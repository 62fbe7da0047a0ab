package emv

import (
	"fmt"
	"strings"

	"possim/reader/card"
)

// Certificate is a certified public key as it stands on a card: the signed part, what
// of the modulus did not fit into it, and the exponent.
type Certificate struct{ Data, Remainder, Exponent []byte }

// IssuerCertificate takes 90, 92 and 9F32 from what a card's records gave.
func IssuerCertificate(s Source) Certificate {
	return certificateIn(s, TagIssuerCertificate, TagIssuerRemainder, TagIssuerExponent)
}

// ICCCertificate takes 9F46, 9F48 and 9F47.
func ICCCertificate(s Source) Certificate {
	return certificateIn(s, TagICCCertificate, TagICCRemainder, TagICCExponent)
}

// PINCertificate takes 9F2D, 9F2F and 9F2E.
func PINCertificate(s Source) Certificate {
	return certificateIn(s, TagPINKeyCertificate, TagPINKeyRemainder, TagPINKeyExponent)
}

func certificateIn(s Source, data, remainder, exponent Tag) Certificate {
	var c Certificate
	c.Data, _ = s.Get(data)
	c.Remainder, _ = s.Get(remainder)
	c.Exponent, _ = s.Get(exponent)
	return c
}

// IssuerKey is an issuer's public key, recovered from a certificate of an authority.
type IssuerKey struct {
	PublicKey
	Issuer  string      // the leftmost 3 to 8 digits of its cards' numbers
	Expires card.Expiry // the certificate, not the card: see card.Expiry.Expired
	Serial  [3]byte     // of the certificate, for the list of revoked ones
}

// ICCKey is a card's public key, recovered from a certificate of its issuer.
type ICCKey struct {
	PublicKey
	PAN     card.PAN
	Expires card.Expiry
	Serial  [3]byte
}

// Recover recovers an issuer's public key (EMV Book 2, 5.3 and 6.3). The digits of the
// issuer in the certificate must start the number, unless pan is "". Whether the
// certificate has expired or was revoked is for the caller to say (steps 9 and 10).
func (k CAPK) Recover(c Certificate, pan card.PAN) (IssuerKey, error) {
	const what = "issuer public key certificate (90)"
	r, err := k.recover(what, c.Data, formatIssuer)
	if err != nil {
		return IssuerKey{}, err
	}
	// format, issuer 4, expiry 2, serial 3, hash and key algorithm, lengths, modulus
	out := IssuerKey{Issuer: strings.TrimRight(hexText(r.body[1:5]), "F")}
	if out.PublicKey, err = c.key(r, 10, nil); err != nil {
		return IssuerKey{}, err
	}
	if pan != "" && !strings.HasPrefix(pan.Reveal(), out.Issuer) || !isDigits(out.Issuer) || len(out.Issuer) < 3 {
		return IssuerKey{}, &SignatureError{what, "made for another issuer than the card's (Book 2, 5.3 step 8)"}
	}
	out.Expires, err = certificateDates(what, r.body[5:10], &out.Serial)
	return out, err
}

// Recover recovers a card's public key (Book 2, 6.4). static is the static data to be
// authenticated (StaticData), which the certificate vouches for too; pan is the card's
// number, which must be the one in the certificate unless it is "".
func (k IssuerKey) Recover(c Certificate, static []byte, pan card.PAN) (ICCKey, error) {
	return k.recoverICC("ICC public key certificate (9F46)", c, static, pan)
}

// RecoverPIN recovers the key by which a card has its PIN enciphered, where that is
// another than its own (Book 2, 7.1).
func (k IssuerKey) RecoverPIN(c Certificate, pan card.PAN) (ICCKey, error) {
	return k.recoverICC("ICC PIN encipherment public key certificate (9F2D)", c, nil, pan)
}

func (k IssuerKey) recoverICC(what string, c Certificate, static []byte, pan card.PAN) (ICCKey, error) {
	r, err := k.recover(what, c.Data, formatICC)
	if err != nil {
		return ICCKey{}, err
	}
	// format, number 10, expiry 2, serial 3, hash and key algorithm, lengths, modulus
	out := ICCKey{PAN: card.PAN(strings.TrimRight(hexText(r.body[1:11]), "F"))}
	if out.PublicKey, err = c.key(r, 16, static); err != nil {
		return ICCKey{}, err
	}
	if pan != "" && pan != out.PAN || !out.PAN.Valid() {
		return ICCKey{}, &SignatureError{what, "made for another card number (Book 2, 6.4 step 8)"}
	}
	out.Expires, err = certificateDates(what, r.body[11:16], &out.Serial)
	return out, err
}

// key joins the modulus and checks the hash.
func (c Certificate) key(r recovered, at int, static []byte) (PublicKey, error) {
	k, err := c.join(r, at)
	if err == nil {
		err = r.check(c.Remainder, c.Exponent, static)
	}
	return k, err
}

// join checks algorithms and lengths and joins the modulus. at is where hash algorithm,
// key algorithm and the two lengths stand in the body.
func (c Certificate) join(r recovered, at int) (PublicKey, error) {
	fail := func(format string, args ...any) (PublicKey, error) {
		return PublicKey{}, &SignatureError{r.what, fmt.Sprintf(format, args...)}
	}
	if len(r.body) < at+4 {
		return fail("too short to hold a key")
	}
	size, exponent := int(r.body[at+2]), int(r.body[at+3])
	part := r.body[at+4:]
	rest := max(0, size-len(part))
	switch {
	case r.body[at] != hashSHA1:
		return fail("hash algorithm %02X; want 01, SHA-1 (step 6)", r.body[at])
	case r.body[at+1] != algRSA:
		return fail("key algorithm %02X; want 01, RSA (step 11)", r.body[at+1])
	case len(c.Exponent) != exponent:
		return fail("an exponent of %d bytes; the certificate says %d", len(c.Exponent), exponent)
	case rest > 0 && len(c.Remainder) != rest:
		return fail("a remainder of %d bytes; the certificate wants %d (step 12)", len(c.Remainder), rest)
	}
	modulus := append([]byte(nil), part[:min(size, len(part))]...)
	k := PublicKey{Modulus: append(modulus, c.Remainder[:rest]...), Exponent: append([]byte(nil), c.Exponent...)}
	if _, _, err := k.numbers(); err != nil {
		return fail("%v", err)
	}
	return k, nil
}

// certificateDates reads MMYY and the serial number.
func certificateDates(what string, b []byte, serial *[3]byte) (card.Expiry, error) {
	copy(serial[:], b[2:])
	mmyy := hexText(b[:2])
	e, err := card.ParseExpiry(mmyy[2:] + mmyy[:2])
	if err != nil {
		return card.Expiry{}, &SignatureError{what, "its expiry is no month (step 9)"}
	}
	return e, nil
}
