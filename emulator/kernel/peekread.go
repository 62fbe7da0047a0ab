package kernel

import (
	"context"
	"errors"

	"possim/reader/emv"
)

// paymentSystems are the providers whose applications a card without a directory is asked
// for, by the beginning of their names: UnionPay, Visa, Mastercard, American Express, JCB,
// Discover, Diners, Interac, RuPay, Mir, eftpos, CB, Dankort, girocard, Elo, Troy, NSICCS.
// The later ones are from memory of the public lists of AIDs.
var paymentSystems = func() []Application {
	var all []Application
	for _, rid := range []emv.RID{emv.RIDUnionPay, emv.RIDVisa, emv.RIDMastercard, emv.RIDAmex, emv.RIDJCB, emv.RIDDiscover,
		{0xA0, 0, 0, 0x03, 0x24}, {0xA0, 0, 0, 0x02, 0x77}, {0xA0, 0, 0, 0x05, 0x24}, {0xA0, 0, 0, 0x06, 0x58}, {0xA0, 0, 0, 0x03, 0x84},
		{0xA0, 0, 0, 0, 0x42}, {0xA0, 0, 0, 0x01, 0x21}, {0xA0, 0, 0, 0x03, 0x59}, {0xA0, 0, 0, 0x06, 0x51}, {0xA0, 0, 0, 0x06, 0x72},
		{0xA0, 0, 0, 0x06, 0x02}} {
		all = append(all, Application{AID: rid[:], Partial: true})
	}
	return all
}()

// peekTerminal is what a PDOL is filled from: a terminal in China that wants nothing, for
// nothing. A tapped card is told that this terminal does contactless debit and credit the
// long way alone (9F66 byte 1, b7; Visa's and qPBOC's alike): one that took qPBOC or qVSDC
// for on offer would answer with a cryptogram.
var peekTerminal = emv.List{
	emv.New(emv.TagTTQ, []byte{0x40, 0, 0, 0}),
	emv.New(emv.TagTerminalType, []byte{0x22}),
	emv.New(emv.TagTerminalCapabilities, []byte{0xE0, 0xF8, 0xC8}),
	emv.New(emv.TagTerminalCountry, []byte{0x01, 0x56}),
	emv.New(emv.TagTransactionCurrency, []byte{0x01, 0x56}),
}

// peekCounters are what GET DATA is asked for.
var peekCounters = []emv.Tag{emv.TagATC, emv.TagLastOnlineATC, emv.TagPINTryCounter, emv.TagLogFormat}

// The most records that are read of an application, and of a file whose end nobody said.
const (
	maxPeekRecords = 255
	maxSweep       = 16
)

// peekApplication reads one application, as far as it lets itself be read. Its error is
// that of a card that stopped answering.
func (s *session) peekApplication(ctx context.Context, h *Held) error {
	for _, step := range []func(context.Context, *Held) error{s.peekSelect, s.peekOptions, s.peekRecords, s.peekData, s.peekLog} {
		problem, fatal := blame(step(ctx, h))
		if h.Problem == nil || fatal != nil {
			h.Problem = problem
		}
		h.Data = s.icc
		if fatal != nil || !s.icc.Has(emv.TagDFName) {
			return fatal
		}
	}
	return nil
}

// peekSelect selects the application. A blocked one may be read.
func (s *session) peekSelect(ctx context.Context, h *Held) error {
	l, w, err := s.selectName(ctx, "SELECT "+hexText(h.AID), h.AID, false)
	if err != nil {
		return err
	}
	h.Blocked = w == statusBlocked
	if w != statusOK && !w.warning() {
		return s.terminate(CauseStatus, "SELECT %s: the card answers %s", hexText(h.AID), w)
	}
	s.gather(l)
	s.icc.Set(emv.TagDFName, h.AID)
	if full := candidateOf(h.AID, h.terminal, fciOf(l)); full.Label != "" || full.Name != "" {
		full.Priority, full.Confirm = h.Priority, h.Confirm
		h.Candidate = full
	}
	return nil
}

// gather keeps what is new of a card's objects.
func (s *session) gather(l emv.List) {
	for o := range l.All() {
		if !o.Tag.Constructed() && !s.icc.Has(o.Tag) {
			s.icc.Set(o.Tag, o.Value)
		}
	}
}

// peekOptions opens the application, which says where its records are. One that will not,
// and one whose list makes no sense, is read without.
func (s *session) peekOptions(ctx context.Context, _ *Held) error {
	pdol, err := emv.ParseDOL(s.icc.Value(emv.TagPDOL))
	if err != nil || pdol.Length() > 0xFC {
		return nil
	}
	raw, w, err := s.do(ctx, command{name: "GET PROCESSING OPTIONS", cla: 0x80, ins: 0xA8,
		data: emv.New(emv.TagCommandTemplate, pdol.Build(peekTerminal)).Bytes(), answer: true})
	if err != nil || w != statusOK {
		return err
	}
	var e *stop
	if err := s.options(raw); err != nil && !errors.As(err, &e) {
		return err
	}
	return nil
}

// peekRecords reads the records that the application names. Where it names none, files 1
// to 10 are gone through from their first record on.
func (s *session) peekRecords(ctx context.Context, _ *Held) error {
	left := maxPeekRecords
	for _, e := range s.afl {
		for n := e.First; n <= e.Last; n++ {
			if left--; left < 0 {
				return s.terminate(CauseFormat, "the card names more than %d records", maxPeekRecords)
			}
			w, err := s.peekRecord(ctx, e.SFI, n)
			if err != nil {
				return err
			}
			if w != statusOK {
				return s.terminate(CauseStatus, "record %d of file %d: the card answers %s", n, e.SFI, w)
			}
		}
	}
	for sfi := 1; len(s.afl) == 0 && sfi <= 10; sfi++ {
		for n := 1; n <= maxSweep; n++ {
			w, err := s.peekRecord(ctx, sfi, n)
			if err != nil {
				return err
			}
			if w != statusOK {
				break
			}
		}
	}
	return nil
}

// peekRecord reads one record, and leaves what is no data objects (Book 3, 6.5.11.4).
func (s *session) peekRecord(ctx context.Context, sfi, n int) (status, error) {
	raw, w, err := s.do(ctx, readRecord(sfi, n))
	if err != nil || w != statusOK || sfi > 10 {
		return w, err
	}
	if l, err := emv.Parse(raw); err == nil {
		s.gather(l)
	}
	return w, nil
}

// peekData asks for the counters and the format of the log.
func (s *session) peekData(ctx context.Context, _ *Held) error {
	for _, t := range peekCounters {
		v, ok, err := s.getData(ctx, t)
		if err != nil {
			return err
		}
		if ok {
			s.icc.Set(t, v)
		}
	}
	return nil
}

// peekLog reads the log of transactions (Book 3, Annex D): records of a file from 11 to
// 30, the newest first, laid out as the log format says.
func (s *session) peekLog(ctx context.Context, h *Held) error {
	entry, format := s.icc.Value(emv.TagLogEntry), s.icc.Value(emv.TagLogFormat)
	layout, err := emv.ParseDOL(format)
	if err != nil || len(layout) == 0 || len(entry) != 2 || entry[0] < 11 || entry[0] > 30 {
		return nil
	}
	for n := 1; n <= int(entry[1]); n++ {
		raw, w, err := s.do(ctx, readRecord(int(entry[0]), n))
		if err != nil || w != statusOK {
			return err
		}
		l, err := layout.Split(raw)
		if err != nil {
			return s.terminate(CauseFormat, "record %d of the log: %w", n, err)
		}
		h.Log = append(h.Log, l)
	}
	return nil
}
