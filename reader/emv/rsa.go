package emv

import (
	"errors"
	"fmt"
	"io"
	"math/big"

	"possim/reader/card"
)

// The shortest and the longest modulus: EMV has at most 1984 bits, so that every
// answer fits an APDU (Book 2 Annex D); shorter than 512 was never used.
const (
	MinKeyBits = 512
	MaxKeyBits = 1984
)

// PublicKey is an RSA public key as EMV's certificates carry it.
type PublicKey struct {
	Modulus  []byte
	Exponent []byte // 03 or 010001
}

// Size returns the length of the modulus in bytes, of everything the key signs.
func (k PublicKey) Size() int { return len(k.Modulus) }

// numbers returns modulus and exponent, or what no RSA key can be. It bounds what a
// card can make a terminal compute.
func (k PublicKey) numbers() (n, e *big.Int, err error) {
	if len(k.Modulus) < MinKeyBits/8 || len(k.Modulus) > MaxKeyBits/8 || k.Modulus[0] == 0 {
		return nil, nil, fmt.Errorf("RSA key: a modulus of %d bytes; want %d to %d, the first not 00",
			len(k.Modulus), MinKeyBits/8, MaxKeyBits/8)
	}
	n, e = new(big.Int).SetBytes(k.Modulus), new(big.Int).SetBytes(k.Exponent)
	if len(k.Exponent) == 0 || len(k.Exponent) > 3 || e.Bit(0) == 0 || e.Cmp(big.NewInt(3)) < 0 || n.Bit(0) == 0 {
		return nil, nil, errors.New("RSA key: modulus and exponent must be odd, the exponent 3 or 65537 (EMV Book 2 Annex B2.1)")
	}
	return n, e, nil
}

// Encipher raises block to the exponent: Recover of the books for a signature, Encipher
// for a PIN. The block must be as long as the modulus, and smaller.
func (k PublicKey) Encipher(block []byte) ([]byte, error) {
	n, e, err := k.numbers()
	if err != nil {
		return nil, err
	}
	if len(block) != len(k.Modulus) {
		return nil, fmt.Errorf("RSA: %d bytes under a key of %d", len(block), len(k.Modulus))
	}
	x := new(big.Int).SetBytes(block)
	if x.Cmp(n) >= 0 {
		return nil, errors.New("RSA: the block is not smaller than the modulus")
	}
	return x.Exp(x, e, n).FillBytes(make([]byte, len(block))), nil
}

// PrivateKey is an RSA private key of a certification authority, an issuer or a card.
// The zero value is no key. It prints as its length, whatever prints it.
type PrivateKey struct{ in *rsaBox }

// rsaBox keeps the numbers two pointers away, as keyBox does.
type rsaBox struct{ in *rsaValue }

type rsaValue struct {
	public                PublicKey
	n, e, p, q            *big.Int
	dp, dq, pToMinus1ModQ *big.Int
}

// errNoRSA is what a PrivateKey answers that is no key.
var errNoRSA = errors.New("RSA: there is no private key")

// NewPrivateKey makes a key of bits, a multiple of 16, with the exponent 3 or 65537,
// from what random gives: the same bytes, the same key. crypto/rsa can do neither the
// one nor keys this short.
func NewPrivateKey(bits, exponent int, random io.Reader) (PrivateKey, error) {
	if bits < MinKeyBits || bits > MaxKeyBits || bits%16 != 0 {
		return PrivateKey{}, fmt.Errorf("RSA key: %d bits; want a multiple of 16 from %d to %d", bits, MinKeyBits, MaxKeyBits)
	}
	if exponent != 3 && exponent != 65537 {
		return PrivateKey{}, fmt.Errorf("RSA key: exponent %d; want 3 or 65537", exponent)
	}
	p, err := prime(bits/2, exponent, random)
	if err != nil {
		return PrivateKey{}, err
	}
	for {
		q, err := prime(bits/2, exponent, random)
		if err != nil {
			return PrivateKey{}, err
		}
		if p.Cmp(q) != 0 {
			return keyOf(p, q, exponent), nil
		}
	}
}

// PrivateKeyOf makes the key whose primes are given, as a file of another program's
// test keys has them.
func PrivateKeyOf(p, q []byte, exponent int) (PrivateKey, error) {
	a, b, one := new(big.Int).SetBytes(p), new(big.Int).SetBytes(q), big.NewInt(1)
	bits := new(big.Int).Mul(a, b).BitLen()
	if bits < MinKeyBits || bits > MaxKeyBits || bits%8 != 0 || a.Cmp(b) == 0 || !a.ProbablyPrime(10) || !b.ProbablyPrime(10) {
		return PrivateKey{}, errors.New("RSA key: not two primes whose product has 512 to 1984 bits, in whole bytes")
	}
	e := big.NewInt(int64(exponent))
	for _, x := range []*big.Int{a, b} {
		if exponent < 3 || exponent > 0xFFFFFF || new(big.Int).GCD(nil, nil, e, new(big.Int).Sub(x, one)).Cmp(one) != 0 {
			return PrivateKey{}, fmt.Errorf("RSA key: the exponent %d does not suit the primes", exponent)
		}
	}
	return keyOf(a, b, exponent), nil
}

func keyOf(p, q *big.Int, exponent int) PrivateKey {
	one := big.NewInt(1)
	v := &rsaValue{p: p, q: q, n: new(big.Int).Mul(p, q), e: big.NewInt(int64(exponent))}
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	v.dp, v.dq = new(big.Int).ModInverse(v.e, p1), new(big.Int).ModInverse(v.e, q1)
	v.pToMinus1ModQ = new(big.Int).ModInverse(p, q)
	v.public = PublicKey{Modulus: v.n.Bytes(), Exponent: v.e.Bytes()}
	return PrivateKey{&rsaBox{v}}
}

// prime returns a prime of exactly bits with its two highest bits set, so that two make
// a modulus of full length, and with exponent prime to it less one.
//
// ProbablyPrime(0) is Baillie-PSW, which no composite is known to pass; these are test
// keys, whose seed is public.
func prime(bits, exponent int, random io.Reader) (*big.Int, error) {
	for {
		start, err := drawn(bits, random)
		if err != nil {
			return nil, err
		}
		for p := range candidates(start, uint64(exponent)) {
			if p.BitLen() > bits {
				break
			}
			if p.ProbablyPrime(0) {
				return p, nil
			}
		}
	}
}

// drawn returns the odd number at which the search for a prime begins.
func drawn(bits int, random io.Reader) (*big.Int, error) {
	b := make([]byte, bits/8)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("RSA key: the source of randomness failed: %w", err)
	}
	b[0] |= 0xC0
	b[len(b)-1] |= 1
	return new(big.Int).SetBytes(b), nil
}

// Zero reports whether k is no key.
func (k PrivateKey) Zero() bool { return k.in == nil }

// Public returns the public half.
func (k PrivateKey) Public() PublicKey {
	if k.Zero() {
		return PublicKey{}
	}
	return k.in.in.public
}

// Reveal returns the primes in clear, as PrivateKeyOf takes them, for the file that keeps
// a test key.
func (k PrivateKey) Reveal() (p, q []byte) {
	if k.Zero() {
		return nil, nil
	}
	return k.in.in.p.Bytes(), k.in.in.q.Bytes()
}

// Decipher raises block to the private exponent: Sign of the books.
func (k PrivateKey) Decipher(block []byte) ([]byte, error) {
	if k.Zero() {
		return nil, errNoRSA
	}
	v, x := k.in.in, new(big.Int).SetBytes(block)
	if len(block) != v.public.Size() || x.Cmp(v.n) >= 0 {
		return nil, fmt.Errorf("RSA: a block of %d bytes under a key of %d, or not smaller than its modulus", len(block), v.public.Size())
	}
	// By the Chinese remainder theorem, four times as fast as with one exponent.
	a, b := new(big.Int).Exp(x, v.dp, v.p), new(big.Int).Exp(x, v.dq, v.q)
	b.Sub(b, a).Mul(b, v.pToMinus1ModQ).Mod(b, v.q)
	return b.Mul(b, v.p).Add(b, a).FillBytes(make([]byte, len(block))), nil
}

// String returns the length.
func (k PrivateKey) String() string {
	if k.Zero() {
		return "no RSA key"
	}
	return fmt.Sprintf("RSA private key of %d bits", 8*k.Public().Size())
}

// Format implements fmt.Formatter so that no verb shows the numbers.
func (k PrivateKey) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, k.String()) }

// MarshalText implements encoding.TextMarshaler with the length.
func (k PrivateKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalYAML implements yaml.Marshaler.
func (k PrivateKey) MarshalYAML() (any, error) { return k.String(), nil }
