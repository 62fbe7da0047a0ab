package kernel

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
)

// session is one transaction under way.
type session struct {
	*Kernel
	card reader.Transceiver
	tx   Transaction

	terminal emv.List // what the terminal says: wins over anything a card says of the same tag
	icc      emv.List // what the card gave
	tvr      emv.TVR
	tsi      emv.TSI
	cvm      emv.CVMResults

	chosen  Candidate
	app     Application
	aip     emv.AIP
	afl     emv.AFL
	records []emv.Record // those that are signed
	static  []byte

	pdolData, cdol1Data []byte

	method    authentication
	issuer    *emv.IssuerKey
	key       *emv.ICCKey
	asked     bool // for a first cryptogram: the card counts
	bypassed  bool // the cardholder will type no PIN
	signature bool

	tapped             bool // contactless
	ttq                emv.TTQ
	goOnline, pinTaken bool // of a tap
	noPIN, noSignature bool // small enough
	cdcvm              bool

	last         generated
	code         string // 8A
	decision     Decision
	spoiled      error // why an approval became a decline
	hostApproved bool
	scripts      []byte
}

// newSession begins a transaction; what another left open is over.
func (k *Kernel) newSession(t reader.Transceiver, tx Transaction) (*session, error) {
	k.open, k.read = nil, nil
	if err := tx.check(); err != nil {
		return nil, err
	}
	if t == nil || k.Random == nil || len(k.Applications) == 0 {
		return nil, errors.New("kernel: it needs a card, a source of randomness and an application at least")
	}
	for i, a := range k.Applications {
		if len(a.AID) < 5 || len(a.AID) > 16 {
			return nil, fmt.Errorf("kernel: application %d has an AID of %d bytes; want 5 to 16", i+1, len(a.AID))
		}
	}
	s := &session{Kernel: k, card: t, tx: tx, cvm: emv.NoCVMPerformed}
	return s, s.describe()
}

// describe fills in what the terminal says of itself and of the transaction.
func (s *session) describe() error {
	un := make([]byte, 4)
	if _, err := io.ReadFull(s.Random, un); err != nil {
		return fmt.Errorf("kernel: unpredictable number: %w", err)
	}
	for _, o := range []emv.TLV{
		emv.New(emv.TagAmountAuthorised, digits(s.tx.Amount.Minor, 6)),
		emv.New(emv.TagAmountAuthorisedBinary, be32(s.tx.Amount.Minor)),
		emv.New(emv.TagAmountOther, digits(s.tx.Other, 6)),
		emv.New(emv.TagAmountOtherBinary, be32(s.tx.Other)),
		emv.New(emv.TagTransactionCurrency, numeric(string(s.tx.Amount.Currency), 2)),
		emv.New(emv.TagCurrencyExponent, []byte{2}),
		emv.New(emv.TagTransactionDate, numeric(s.tx.At.Format("060102"), 3)),
		emv.New(emv.TagTransactionTime, numeric(s.tx.At.Format("150405"), 3)),
		emv.New(emv.TagTransactionType, []byte{s.tx.Type}),
		emv.New(emv.TagSequenceCounter, digits(int64(s.tx.Sequence), 4)),
		emv.New(emv.TagUnpredictableNumber, un),
		emv.New(emv.TagTerminalCountry, numeric(s.Country, 2)),
		emv.New(emv.TagTerminalType, []byte{s.Type}),
		emv.New(emv.TagTerminalCapabilities, s.Capabilities[:]),
		emv.New(emv.TagAdditionalCapabilities, s.More[:]),
		emv.New(emv.TagEntryMode, []byte{0x05}),
	} {
		s.terminal.Set(o.Tag, o.Value)
	}
	for _, o := range append(append(emv.List(nil), s.Data...), s.tx.Data...) {
		if !o.Tag.Constructed() {
			s.terminal.Set(o.Tag, o.Value)
		}
	}
	return nil
}

// now returns what the terminal says, with the results as they stand.
func (s *session) now() emv.List {
	s.terminal.Set(emv.TagTVR, append([]byte(nil), s.tvr[:]...))
	s.terminal.Set(emv.TagTSI, append([]byte(nil), s.tsi[:]...))
	s.terminal.Set(emv.TagCVMResults, append([]byte(nil), s.cvm[:]...))
	if s.code != "" {
		s.terminal.Set(emv.TagResponseCode, []byte(s.code))
	}
	return s.terminal
}

// build fills a list that the card asks for.
func (s *session) build(d emv.DOL) []byte { return d.Build(s.now(), s.icc) }

// pan returns the card's number, "" before it was read.
func (s *session) pan() card.PAN {
	if p, ok := panOf(s.icc.Value(emv.TagPAN)); ok {
		return p
	}
	return panOfTrack(s.icc.Value(emv.TagTrack2Equivalent))
}

// sequence returns the number of the card among those of its account.
func (s *session) sequence() string { return hexText(s.icc.Value(emv.TagPANSequence)) }

// offlineOnly and onlineOnly read the terminal type (EMV Book 4 Annex A1).
func (k *Kernel) offlineOnly() bool { return k.Type&0x0F == 3 || k.Type&0x0F == 6 }
func (k *Kernel) onlineOnly() bool  { return k.Type&0x0F == 1 || k.Type&0x0F == 4 }
func (s *session) unattended() bool { return s.Type&0x0F >= 4 }

// panOf takes 5A: digits and Fs.
func panOf(b []byte) (card.PAN, bool) {
	p, err := card.ParsePAN(strings.TrimRight(hexText(b), "F"))
	return p, err == nil
}

// panOfTrack takes the number of track 2 equivalent data (57); "" where there is none.
func panOfTrack(b []byte) card.PAN {
	number, _, ok := strings.Cut(hexText(b), "D")
	p, err := card.ParsePAN(number)
	if !ok || err != nil {
		return ""
	}
	return p
}

func hexText(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// digits packs a number two digits a byte.
func digits(n int64, size int) []byte { return numeric(fmt.Sprint(n), size) }

// numeric packs digits into size bytes, right-justified; what is no digits is zeros.
func numeric(text string, size int) []byte {
	if pad := 2*size - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	b, err := hex.DecodeString(text[len(text)-2*size:])
	if err != nil {
		return make([]byte, size)
	}
	return b
}

// be32 is a binary amount; more than it holds is as much as it holds (EMV Book 3 Annex A).
func be32(n int64) []byte {
	n = min(n, 0xFFFFFFFF)
	return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}
