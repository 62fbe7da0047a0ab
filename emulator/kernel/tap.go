package kernel

import (
	"bytes"
	"context"
	"fmt"

	"possim/reader"
	"possim/reader/emv"
)

// Tap runs a contactless transaction of UnionPay's qPBOC (kernel 7; JR/T 0025.12) to its
// end: the card has said all it has to say with its answer to GET PROCESSING OPTIONS and
// its records, and may go. An Online result is the issuer's to decide; there is no Finish.
// What no card may decide by itself, a refund or a pre-authorisation, is to be ForceOnline.
//
// As with Start, whatever the card does is a Result. OtherInterface asks for the card to
// be inserted or swiped, TryAgain for another tap. An error says that the caller's world
// failed.
func (k *Kernel) Tap(ctx context.Context, t reader.Transceiver, tx Transaction) (Result, error) {
	s, err := k.newSession(t, tx)
	if err != nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: err}, err
	}
	s.tapped = true
	s.terminal.Set(emv.TagEntryMode, []byte{0x07}) // contactless chip (ISO 8583, field 22)
	err = s.runTap(ctx)
	// qPBOC has no terminal verification results: the issuer is sent zeros, and PIN entry
	// and the walk up the certificates leave nothing in them.
	s.tvr, s.tsi = emv.TVR{}, emv.TSI{}
	return s.result(ctx, err)
}

// runTap is the order of JR/T 0025.12, 6: preprocessing, application selection and
// initiation, records; then, with the card gone, what comes of it.
func (s *session) runTap(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		s.selectTap,
		s.readTap,
		s.concludeTap,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// other ends a tap whose card can pay by its contacts or its stripe alone.
func (s *session) other(c Cause, format string, args ...any) error {
	return &stop{OtherInterface, c, fmt.Errorf(format, args...)}
}

// readTap reads the records that an answer names: certificates and, in the last one, what
// the card signs with. What it said before it may repeat, and not change.
func (s *session) readTap(ctx context.Context) error {
	if raw, ok := s.icc.Get(emv.TagAFL); ok && len(raw) > 0 {
		var err error
		if s.afl, err = emv.ParseAFL(raw); err != nil {
			return s.missing("%v", err)
		}
		seen, err := s.readFiles(ctx)
		if err != nil {
			return err
		}
		if err := s.takeRecords(seen); err != nil {
			return err
		}
	}
	if !s.icc.Has(emv.TagTrack2Equivalent) || !s.pan().Valid() {
		return s.missing("the card has no track 2 (57) with its number")
	}
	if raw, ok := s.icc.Get(emv.TagPAN); ok {
		if p, valid := panOf(raw); !valid || p != panOfTrack(s.icc.Value(emv.TagTrack2Equivalent)) {
			return s.terminate(CauseFormat, "the card's number (5A) is another than that of its track 2 (57)")
		}
	}
	return nil
}

// takeRecords adds what the records gave.
func (s *session) takeRecords(seen emv.List) error {
	for o := range seen.All() {
		if o.Tag.Constructed() || o.Tag == emv.TagDFName {
			continue
		}
		if said, ok := s.icc.Get(o.Tag); ok && !bytes.Equal(said, o.Value) {
			return s.terminate(CauseFormat, "the card says one thing of %s (%s) and then another in its records", o.Tag, o.Tag.Name())
		}
		s.icc.Set(o.Tag, o.Value)
	}
	return nil
}
