package emv

import (
	"bytes"
	"fmt"
	"slices"
)

// Record is what READ RECORD gave, without SW1 SW2, and the file it came from.
type Record struct {
	SFI  int
	Data []byte
}

// StaticData is the static data to be authenticated: the signed records in the order of
// the AFL, those of files 1 to 10 without their template's tag and length but with the
// padding behind it, those of files 11 to 30 whole, and the AIP where the tag list (9F4A) asks for it (EMV Book 3,
// 10.3). A record that is no template 70, and a tag list that asks for anything but 82,
// make authentication fail.
func StaticData(records []Record, tagList, aip []byte) ([]byte, error) {
	var out []byte
	for i, r := range records {
		content, err := recordContent(r.Data)
		if err != nil {
			return nil, fmt.Errorf("signed record %d: %w", i+1, err)
		}
		if r.SFI > 10 {
			content = r.Data
		}
		out = append(out, content...)
	}
	if len(tagList) == 0 {
		return out, nil
	}
	if !bytes.Equal(tagList, []byte{byte(TagAIP)}) {
		return nil, fmt.Errorf("static data tag list (9F4A): %X; it may hold the AIP's tag 82 alone", tagList)
	}
	return append(out, aip...), nil
}

// recordContent returns a record without the tag and the length of its template 70, byte
// for byte: "all other data" of the answer counts, padding behind the template too.
func recordContent(b []byte) ([]byte, error) {
	t, content, rest, err := Cut(b)
	switch {
	case err != nil:
		return nil, err
	case t != TagRecordTemplate:
		return nil, fmt.Errorf("it starts with %s, not with template 70", t)
	case slices.ContainsFunc(rest, func(c byte) bool { return c != 0x00 && c != 0xFF }):
		return nil, fmt.Errorf("%d bytes follow its template 70", len(rest))
	}
	return append(bytes.Clone(content), rest...), nil
}

// VerifyStatic checks Signed Static Application Data (93) against the static data and
// returns the Data Authentication Code, which becomes 9F45 (Book 2, 5.4).
func (k IssuerKey) VerifyStatic(signature, static []byte) ([2]byte, error) {
	const what = "signed static application data (93)"
	r, err := k.recover(what, signature, formatStatic)
	if err != nil {
		return [2]byte{}, err
	}
	if r.body[1] != hashSHA1 {
		return [2]byte{}, &SignatureError{what, fmt.Sprintf("hash algorithm %02X; want 01, SHA-1 (step 6)", r.body[1])}
	}
	return [2]byte(r.body[2:4]), r.check(static)
}

// SignStatic makes Signed Static Application Data: the issuer's side of VerifyStatic.
func (k PrivateKey) SignStatic(code [2]byte, static []byte) ([]byte, error) {
	return k.sign("signed static application data (93)", []byte{formatStatic, hashSHA1, code[0], code[1]}, static)
}
