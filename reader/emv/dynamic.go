package emv

import (
	"bytes"
	"crypto/sha1"
	"fmt"
)

// Dynamic is what a card signs afresh in each transaction: its ICC Dynamic Number and,
// in CDA, the cryptogram and a hash of the transaction.
type Dynamic struct {
	Number     []byte // becomes 9F4C; two to eight bytes
	CID        CID
	Cryptogram []byte // CDA alone
	DataHash   []byte // CDA alone
}

const whatDynamic = "signed dynamic application data (9F4B)"

// VerifyDynamic checks Signed Dynamic Application Data of DDA: terminal is the values
// that the DDOL asked for, as INTERNAL AUTHENTICATE sent them (Book 2, 6.5.2).
func (k ICCKey) VerifyDynamic(signature, terminal []byte) (Dynamic, error) {
	return k.verifyDynamic(signature, terminal, formatDynamic)
}

// VerifyFast checks that of fDDA: terminal is the unpredictable number, the amount, the
// currency and the card authentication related data (9F69), one after the other (Book
// C-3 Annex C, JR/T 0025.12 Annex B). The signature of a card that went online has a
// format of its own, 95: it does not pass for that of one that approved, which is 05.
func (k ICCKey) VerifyFast(signature, terminal []byte, online bool) (Dynamic, error) {
	return k.verifyDynamic(signature, terminal, fastFormat(online))
}

func fastFormat(online bool) byte {
	if online {
		return formatFast
	}
	return formatDynamic
}

func (k ICCKey) verifyDynamic(signature, terminal []byte, format byte) (Dynamic, error) {
	r, data, err := k.dynamicData(signature, format)
	if err != nil {
		return Dynamic{}, err
	}
	if err := r.check(terminal); err != nil {
		return Dynamic{}, err
	}
	d, _, err := dynamicNumber(data)
	return d, err
}

// VerifyCombined checks that of CDA: un is the unpredictable number (9F37), data what
// CombinedData gives. The cryptogram in what it returns is the one to use (Book 2, 6.6.2).
func (k ICCKey) VerifyCombined(signature, un, data []byte) (Dynamic, error) {
	r, signed, err := k.dynamicData(signature, formatDynamic)
	if err != nil {
		return Dynamic{}, err
	}
	d, rest, err := dynamicNumber(signed)
	if err != nil {
		return Dynamic{}, err
	}
	if len(rest) < 1+8+sha1.Size {
		return Dynamic{}, &SignatureError{whatDynamic, fmt.Sprintf("%d bytes after the dynamic number; CDA has CID, cryptogram and hash, 29", len(rest))}
	}
	d.CID, d.Cryptogram, d.DataHash = CID(rest[0]), rest[1:9], rest[9:9+sha1.Size]
	if err := r.check(un); err != nil {
		return Dynamic{}, err
	}
	if sum := sha1.Sum(data); !bytes.Equal(sum[:], d.DataHash) {
		return Dynamic{}, &SignatureError{whatDynamic, "the transaction data hash is another than that of what was sent and answered (6.6.2 step 12)"}
	}
	return d, nil
}

// dynamicData recovers a signature and returns its ICC dynamic data.
func (k ICCKey) dynamicData(signature []byte, format byte) (recovered, []byte, error) {
	r, err := k.recover(whatDynamic, signature, format)
	if err != nil {
		return r, nil, err
	}
	size := int(r.body[2])
	switch {
	case r.body[1] != hashSHA1:
		return r, nil, &SignatureError{whatDynamic, fmt.Sprintf("hash algorithm %02X; want 01, SHA-1 (step 6)", r.body[1])}
	case size > len(r.body)-3:
		return r, nil, &SignatureError{whatDynamic, fmt.Sprintf("%d bytes of dynamic data; a key of %d bytes holds %d", size, k.Size(), len(r.body)-3)}
	}
	return r, r.body[3 : 3+size], nil
}

// dynamicNumber takes the number at the start of ICC dynamic data.
func dynamicNumber(b []byte) (Dynamic, []byte, error) {
	if len(b) == 0 || int(b[0]) > 8 || int(b[0]) > len(b)-1 {
		return Dynamic{}, nil, &SignatureError{whatDynamic, "its dynamic data does not start with a number of at most eight bytes"}
	}
	n := int(b[0])
	return Dynamic{Number: b[1 : 1+n]}, b[1+n:], nil
}

// CombinedData is what the hash of CDA runs over: the values sent by the PDOL, by CDOL1
// and, for a second GENERATE AC, by CDOL2, then the objects of the card's answer in
// their order, without 9F4B. answer is the content of its template 77.
func CombinedData(answer []byte, sent ...[]byte) ([]byte, error) {
	var out []byte
	for _, s := range sent {
		out = append(out, s...)
	}
	for len(answer) > 0 {
		if answer[0] == 0x00 || answer[0] == 0xFF { // padding is no object
			answer = answer[1:]
			continue
		}
		t, _, rest, err := Cut(answer)
		if err != nil {
			return nil, err
		}
		if t != TagSDAD {
			out = append(out, answer[:len(answer)-len(rest)]...)
		}
		answer = rest
	}
	return out, nil
}

// SignDynamic makes Signed Dynamic Application Data of DDA: the card's side of
// VerifyDynamic.
func (k PrivateKey) SignDynamic(number, terminal []byte) ([]byte, error) {
	return k.SignFast(number, terminal, false)
}

// SignFast makes that of fDDA: the card's side of VerifyFast.
func (k PrivateKey) SignFast(number, terminal []byte, online bool) ([]byte, error) {
	return k.signDynamic(fastFormat(online), append([]byte{byte(len(number))}, number...), terminal)
}

// SignCombined makes that of CDA: the card's side of VerifyCombined. d carries number,
// CID and cryptogram; the hash is made of data.
func (k PrivateKey) SignCombined(d Dynamic, un, data []byte) ([]byte, error) {
	sum := sha1.Sum(data)
	b := append([]byte{byte(len(d.Number))}, d.Number...)
	b = append(append(b, byte(d.CID)), d.Cryptogram...)
	return k.signDynamic(formatDynamic, append(b, sum[:]...), un)
}

func (k PrivateKey) signDynamic(format byte, data, terminal []byte) ([]byte, error) {
	if len(data) > 0xFF {
		return nil, &SignatureError{whatDynamic, fmt.Sprintf("%d bytes of dynamic data; at most 255", len(data))}
	}
	return k.sign(whatDynamic, append([]byte{format, hashSHA1, byte(len(data))}, data...), terminal)
}
