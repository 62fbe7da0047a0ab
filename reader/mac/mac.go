// Package mac computes the message authentication codes and key check values of
// payment: what an EMV card, a terminal and an acquirer's host all stand on.
//
// # Ciphers
//
// NewTDES makes a DES key of 8, 16 or 24 bytes ready: single DES, two-key and
// three-key triple DES (ISO/IEC 18033-3). Parity bits are ignored, as every
// terminal ignores them. For AES hand in crypto/aes's own block.
//
// # MACs
//
//	CBC     ISO/IEC 9797-1 algorithm 1; over single DES that is ANSI X9.9, FIPS 113
//	Retail  ISO/IEC 9797-1 algorithm 3; that is ANSI X9.19 and the MAC of EMV
//	CMAC    NIST SP 800-38B, over DES or AES
//	ECB     the 银联 POS algorithm of UnionPay's direct terminals
//
// CBC and Retail take a Padding: Zeros (method 1), OneAndZeros (method 2, what EMV
// uses) or LengthFirst (method 3). All return the full block; a message that
// carries fewer bytes takes the first of them.
//
// # Comparing
//
// Compare MACs and check values with Equal, which takes the same time wherever
// they differ. No function of this package prints, or puts a key into an error.
package mac

import "crypto/subtle"

// Equal reports whether two MACs or check values are the same, in constant time.
// Two empty ones are not: nothing proves nothing.
func Equal(a, b []byte) bool {
	return len(a) > 0 && subtle.ConstantTimeCompare(a, b) == 1
}
