// Package hsm holds what a hardware security module does between a payment terminal
// and its acquirer: keys, PIN blocks, message MACs, working keys, DUKPT, key blocks
// and verification values. It has algorithms and key values and no key store: who
// keeps a key, keeps what Wrap made of it.
//
// # What prints, and what does not
//
// A Key prints as its kind and check value ("TDES-128 key, KCV 900ECC"), a PIN as
// four asterisks, whatever prints them: every fmt verb, JSON, YAML, log/slog and
// zerolog, in exported and unexported fields. Key.Reveal and PIN.Reveal are the ways
// out. No error of this package shows a key, a PIN, a block, a MAC or a check value.
//
// # Keys
//
//	ParseKey, NewKey    from hex or bytes; lengths are checked, parity is not
//	MakeKey             drawn from the randomness handed in
//	OpenKeyBlock        from a TR-31 (ANSI X9.143) block, versions A to E; KeyBlock.Seal makes one
//	Wrap, Unwrap        to and from text at rest, bound to a place, under ParseMaster's key
//
// # Working keys (UnionPay sign-on)
//
// The host makes keys for the Layout that 60.3 asks for and builds F62 of its 0810;
// the terminal opens that with OpenWorkingKeys, which refuses all of them when one
// check value is wrong:
//
//	60.3   bytes  F62, every key under the TMK and followed by four bytes of check value
//	001    24     TPK 8, TAK 8
//	003    40     TPK 16, TAK 8 and 8 zeros
//	004    60     the same, TDK 16
//
// # Messages
//
//	MACAlgorithm.Sealer   ecb, x9.9, x9.19 or cmac with a TAK: the Seal a dialect takes
//	Verify                the other side, in constant time
//	PINFormat.Encrypt     ISO 9564 formats 0 to 4 under a TPK; Decrypt; TranslatePIN
//	EncryptTrack2         track 2 under a TDK, in its place; DecryptTrack2; and track 3
//
// # DUKPT
//
// Instead of working keys a terminal may hold an initial key and count: InitialKey
// derives it from the base key and a KSN, WorkingKey the key of one transaction and
// Usage. A KSN of ten bytes means TDES (ANSI X9.24-1), one of twelve AES (X9.24-3).
// KSN.Next counts on. A real terminal keeps future keys and forgets the initial one;
// this one keeps it, since it guards play money.
//
// # Verification
//
// CVV (also CVC, CVN, iCVV and CVV2, by the service code), PVV and IBM3624.
//
// # What was checked, and what nobody publishes
//
// The tests compare with vectors of the standards and of other people's code, and
// name each. For the ECB MAC under a double-length TAK, layouts of 56 and 84 bytes,
// format 0 without PAN, track 3 and HMAC keys of AES DUKPT no vector is public; the
// clear track 2 and the PIN block of the tests come from public material, their
// enciphered forms were computed by other code of this project.
package hsm
