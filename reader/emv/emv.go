// Package emv holds the words of EMV: data objects and their coding, lists of them that
// a card asks for, the bits of a terminal's results, keys, cryptograms, certificates. It
// knows how things are written and computed, not who does what when: an emulated card
// (reader/icc), a terminal's kernel (emulator/kernel) and an issuer (host) each stand on
// it, so that nobody computes a cryptogram twice.
//
// It does no I/O, has no clock and draws no randomness. What needs random bytes takes
// an io.Reader.
//
// # Data objects
//
//	l, err := emv.Parse(record)                       // strict BER-TLV, EMV Book 3 Annex B
//	pan := l.Inside(emv.TagRecordTemplate).Value(emv.TagPAN)
//	atc, ok := l.Find(emv.TagATC)                     // at any depth
//	field55 := emv.List{emv.New(emv.TagATC, atc)}.Bytes()
//
// A List keeps order and duplicates. Parse refuses the indefinite length (80), lengths
// of more than two bytes, tags of more than three, values that run over their end and
// nesting deeper than eight; bytes 00 and FF between objects are padding. What Bytes
// writes has shortest lengths: where a hash runs over what a card sent (StaticData,
// CombinedData), it runs over the bytes as they came, which Cut gives.
//
// A Tag prints as its hex digits and knows its name and format in the books
// (Tag.Info): all of EMV 4.4, those of the contactless books that a terminal meets, and
// those of PBOC and UnionPay. List.Describe is what a person reads: names, and what bits,
// rules and DOLs mean (TLV.Meaning).
//
// # What prints, and what does not
//
// A TLV and a List print with numbers masked (first six, last four) and names, tracks
// and PINs as asterisks, whatever prints them: every fmt verb, JSON (an object from tag
// to hex, in order), YAML, log/slog, zerolog. TLV.RevealTest shows public test numbers
// in clear. A Key prints as its check value, a PrivateKey as its length, a Seed not at
// all. Two holes are the language's: fmt calls no methods on values in unexported
// fields, so export the field that holds a List, or format the struct yourself; and a
// []byte that was taken out of a TLV is bytes. Keys are safe in either place.
//
// # Lists that a card asks for
//
// ParseDOL takes a PDOL, CDOL, DDOL or TDOL; DOL.Build fills it from lists, the first
// that has an object giving it, with the padding and truncation of Book 3, 5.4; DOL.Split
// is the card's side.
//
// # Bits
//
//	TVR 95    TSI 9B    AIP 82    AUC 9F07    Capabilities 9F33    MoreCapabilities 9F40
//	TTQ 9F66  CTQ 9F6C  CVMList 8E  CVMResults 9F34  CID 9F27  AFL 94  IAD 9F10
//
// Each bit is a constant with the books' words: tvr.Set(emv.TVRExpired), tvr.Names().
// TTQ and CTQ are laid out by the payment system; the constants are those of the
// contactless books, with qPBOC's beside them.
//
// # Cryptograms
//
// A Scheme is what a cryptogram version number stands for, as a value: Visa CVN 10, 18
// and 22, Mastercard CVN 16, 17, 20 and 21, PBOC CVN 01, and EMV's Common Core. SchemeOf
// finds it by AID and 9F10. It derives the card's keys from the issuer's (CardKeys),
// computes and verifies ARQC, TC and AAC (Cryptogram, Verify), answers (91:
// IssuerAuthentication, VerifyIssuer) and protects script commands (Protect, Open,
// PINChange, NewPIN), each with the card's side beside the issuer's:
//
//	s, err := emv.SchemeOf(aid, field55.Value(emv.TagIAD))
//	keys, err := s.CardKeys(issuer, pan, "01")
//	err = s.Verify(keys, field55)                     // ErrCryptogram: decline
//	data, err := s.IssuerAuthentication(keys, field55, emv.Answer{ResponseCode: "00"})
//
// The steps stand alone too: MasterKeyA and MasterKeyB, SessionCommon and the other
// session keys, ApplicationCryptogram, ARPC1 and ARPC2, ScriptMAC, Concealment. UnionPay's
// CVN 17 (qUICS) and the SM4 algorithm are not here: no public description was found.
//
// # Certificates
//
// A terminal walks down from an authority's key to what the card signed (Book 2, 5 to 7):
//
//	ca, ok := emv.PublicCAPKs().Find(rid, index)
//	issuer, err := ca.Recover(emv.IssuerCertificate(records), pan)
//	dac, err := issuer.VerifyStatic(ssad, static)                 // SDA
//	icc, err := issuer.Recover(emv.ICCCertificate(records), static, pan)
//	d, err := icc.VerifyDynamic(sdad, ddolData)                   // DDA
//	d, err = icc.VerifyCombined(sdad, un, data)                   // CDA
//	data, err := icc.EncipherPIN(block, challenge, random)
//
// Their errors are *SignatureError and name the step that failed. Whether a certificate
// has expired (IssuerKey.Expires.Expired) or was revoked is for the caller to say.
//
// NewIssuerKeys makes an authority, an issuer and, with NewICCKeys, cards of our own,
// deterministic from a Seed: the keys of the payment systems' cards are not public. Such
// keys are for tests. RSA is done with math/big, since crypto/rsa neither takes its
// primes from a given source nor makes keys as short as a card's; its time depends on
// the key, which is no secret here.
package emv
