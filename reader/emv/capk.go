package emv

import (
	"bytes"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// CAPK is a certification authority's public key, by which a terminal knows the issuers
// of a payment system.
type CAPK struct {
	RID   RID
	Index byte
	PublicKey
	Test bool // the payment system's key for test cards, never for money
}

// Checksum is the SHA-1 over RID, index, modulus and exponent, by which keys are handed
// to terminals (EMV Book 2, 11.2.2).
func (k CAPK) Checksum() [sha1.Size]byte {
	b := append(append([]byte(nil), k.RID[:]...), k.Index)
	return sha1.Sum(append(append(b, k.Modulus...), k.Exponent...))
}

// String names the key: "A000000333 08, 1152 bits".
func (k CAPK) String() string {
	return fmt.Sprintf("%s %02X, %d bits", k.RID, k.Index, 8*k.Size())
}

// CAPKs is the keys a terminal holds.
type CAPKs []CAPK

// Find returns the key of a payment system with an index (8F).
func (l CAPKs) Find(rid RID, index byte) (CAPK, bool) {
	for _, k := range l {
		if k.RID == rid && k.Index == index {
			return k, true
		}
	}
	return CAPK{}, false
}

// Tests returns the test keys alone.
func (l CAPKs) Tests() CAPKs {
	var out CAPKs
	for _, k := range l {
		if k.Test {
			out = append(out, k)
		}
	}
	return out
}

// capkFile is one key as a file has it; sha1 is its checksum.
type capkFile struct {
	RID      RID    `json:"rid"`
	Index    string `json:"index"`
	Exponent string `json:"exponent"`
	Modulus  string `json:"modulus"`
	SHA1     string `json:"sha1"`
	Kind     string `json:"kind,omitempty"`
}

// LoadCAPKs reads keys from JSON: an array of {"rid", "index", "exponent", "modulus",
// "sha1", "kind"}, all hex but kind, which is "test" for a test key. A key whose
// checksum is wrong, or that comes twice, refuses the file.
func LoadCAPKs(r io.Reader) (CAPKs, error) {
	var file []capkFile
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("CA public keys: %w", err)
	}
	var l CAPKs
	for i, f := range file {
		k, err := f.key()
		if err != nil {
			return nil, fmt.Errorf("CA public keys: key %d: %w", i+1, err)
		}
		if _, twice := l.Find(k.RID, k.Index); twice {
			return nil, fmt.Errorf("CA public keys: key %d: %s %02X is there already", i+1, k.RID, k.Index)
		}
		l = append(l, k)
	}
	return l, nil
}

// SaveCAPKs writes keys as LoadCAPKs reads them.
func SaveCAPKs(w io.Writer, l CAPKs) error {
	file := []capkFile{}
	for _, k := range l {
		f := capkFile{RID: k.RID, Index: fmt.Sprintf("%02X", k.Index), Exponent: hex.EncodeToString(k.Exponent),
			Modulus: hex.EncodeToString(k.Modulus), SHA1: fmt.Sprintf("%x", k.Checksum())}
		if k.Test {
			f.Kind = "test"
		}
		file = append(file, f)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(file)
}

func (f capkFile) key() (CAPK, error) {
	k := CAPK{RID: f.RID, Test: f.Kind == "test"}
	index, err := hex.DecodeString(f.Index)
	if err != nil || len(index) != 1 {
		return k, fmt.Errorf("index %q; want two hex digits", f.Index)
	}
	k.Index = index[0]
	if k.Modulus, err = hex.DecodeString(f.Modulus); err != nil {
		return k, fmt.Errorf("%s %s: the modulus is not hex", f.RID, f.Index)
	}
	if k.Exponent, err = hex.DecodeString(f.Exponent); err != nil {
		return k, fmt.Errorf("%s %s: the exponent is not hex", f.RID, f.Index)
	}
	if _, _, err := k.numbers(); err != nil {
		return k, fmt.Errorf("%s %s: %w", f.RID, f.Index, err)
	}
	want, err := hex.DecodeString(f.SHA1)
	if sum := k.Checksum(); err != nil || !bytes.Equal(want, sum[:]) {
		return k, fmt.Errorf("%s %s: the checksum is %X, the file says %s; one of them was copied wrong", f.RID, f.Index, sum, f.SHA1)
	}
	return k, nil
}

//go:embed capks.json
var capksJSON []byte

// PublicCAPKs returns the published keys that ship: of the payment systems, live and
// test, UnionPay's 08 to 0C among them. They let a terminal check real cards offline.
// Public repositories gave them (proxmark3 client/resources/capk.txt, PCSCEMV
// ca-public-keys.txt, emv-utils emv_capk_static_data.h); keys on which those disagree
// and keys whose published checksum is wrong were left out.
func PublicCAPKs() CAPKs {
	l, err := LoadCAPKs(bytes.NewReader(capksJSON))
	if err != nil { // the file is part of the program, and a test loads it
		return nil
	}
	return l
}
