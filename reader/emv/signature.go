package emv

import (
	"bytes"
	"crypto/sha1"
	"fmt"
)

// Signed data has one shape in EMV, whatever it says (Book 2 Annex A2.1):
//
//	6A | format | ... | BB padding | SHA-1 of all from format on, and of more | BC
//
// with "more" the part that does not fit or is not sent.
const (
	sigHeader  = 0x6A
	sigTrailer = 0xBC
	sigPadding = 0xBB
	hashSHA1   = 0x01
	algRSA     = 0x01
	// sigFrame is what header, hash and trailer take.
	sigFrame = 1 + sha1.Size + 1
)

// The formats of signed data.
const (
	formatIssuer  = 0x02
	formatStatic  = 0x03
	formatICC     = 0x04
	formatDynamic = 0x05
	formatFast    = 0x95 // fDDA of a card that goes online
)

// SignatureError says at which step a certificate or a signature failed. It shows
// nothing of what was recovered.
type SignatureError struct {
	What    string // "issuer public key certificate (90)"
	Problem string // what was found and what was wanted, with book and step
}

// Error implements error.
func (e *SignatureError) Error() string { return e.What + ": " + e.Problem }

// recovered is signed data after its key was applied and its frame was found right.
type recovered struct {
	what string
	body []byte // from the format byte to before the hash
	hash []byte
}

// recover applies the key to a signature and checks its frame: length, trailer, header,
// format. Anything wrong means another key, or another signature, than it should be.
func (k PublicKey) recover(what string, signature []byte, format byte) (recovered, error) {
	fail := func(problem string, args ...any) (recovered, error) {
		return recovered{}, &SignatureError{what, fmt.Sprintf(problem, args...)}
	}
	if len(signature) != k.Size() {
		return fail("%d bytes; the key that signs it has %d (Book 2, step 1)", len(signature), k.Size())
	}
	b, err := k.Encipher(signature)
	if err != nil {
		return fail("%v", err)
	}
	end := len(b) - 1
	switch {
	case b[end] != sigTrailer:
		return fail("recovered with the trailer %02X, want BC: signed by another key, or damaged (step 2)", b[end])
	case b[0] != sigHeader:
		return fail("recovered with the header %02X, want 6A (step 3)", b[0])
	case b[1] != format:
		return fail("recovered with the format %02X, want %02X (step 4)", b[1], format)
	}
	return recovered{what, b[1 : end-sha1.Size], b[end-sha1.Size : end]}, nil
}

// check compares the hash with that of the body and more.
func (r recovered) check(more ...[]byte) error {
	h := sha1.New()
	h.Write(r.body)
	for _, m := range more {
		h.Write(m)
	}
	if !bytes.Equal(h.Sum(nil), r.hash) {
		return &SignatureError{r.what, "the hash is another than that of the data it is to vouch for (step 7)"}
	}
	return nil
}

// sign makes signed data of a body that starts with its format byte. The body is padded
// before the hash; fixed parts that follow padding are the caller's to place.
func (k PrivateKey) sign(what string, body []byte, more ...[]byte) ([]byte, error) {
	if k.Zero() {
		return nil, errNoRSA
	}
	room := k.Public().Size() - sigFrame
	if len(body) > room {
		return nil, &SignatureError{what, fmt.Sprintf("%d bytes to sign; a key of %d bytes holds %d", len(body), k.Public().Size(), room)}
	}
	block := append(make([]byte, 0, k.Public().Size()), sigHeader)
	block = append(block, body...)
	block = append(block, bytes.Repeat([]byte{sigPadding}, room-len(body))...)
	h := sha1.New()
	h.Write(block[1:])
	for _, m := range more {
		h.Write(m)
	}
	return k.Decipher(append(h.Sum(block), sigTrailer))
}
