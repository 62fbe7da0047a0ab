package kernel

import (
	"bytes"
	"context"

	"possim/reader/emv"
)

// initiate sends GET PROCESSING OPTIONS (EMV Book 3, 10.1): the card learns what its
// PDOL asks for and says what it can do (AIP) and where its data stand (AFL). again is
// true where the application refuses this transaction (6985) and another may be taken.
func (s *session) initiate(ctx context.Context, c Candidate, fci emv.List) (again bool, err error) {
	s.take(c, fci)
	pdol, err := emv.ParseDOL(fci.Value(emv.TagPDOL))
	if err != nil {
		return false, s.unreadable(CauseFormat, "PDOL (9F38): %w", err)
	}
	s.pdolData = s.build(pdol)
	raw, w, err := s.do(ctx, command{name: "GET PROCESSING OPTIONS", cla: 0x80, ins: 0xA8,
		data: emv.New(emv.TagCommandTemplate, s.pdolData).Bytes(), answer: true})
	switch {
	case err != nil:
		return false, err
	case w == statusConditions:
		return true, nil
	case w != statusOK:
		return false, s.unreadable(CauseStatus, "GET PROCESSING OPTIONS: the card answers %s", w)
	}
	return false, s.options(raw)
}

// take makes an application the one of this transaction.
func (s *session) take(c Candidate, fci emv.List) {
	s.chosen, s.app = c, c.terminal
	if full := candidateOf(c.AID, c.terminal, fci); full.Label != "" || full.Name != "" {
		full.Priority, full.Confirm = c.Priority, c.Confirm
		s.chosen = full
	}
	s.terminal.Set(emv.TagAID, c.AID)
	s.terminal.Set(emv.TagTerminalVersion, bytes.Clone(s.app.Version))
	s.terminal.Set(emv.TagFloorLimit, be32(s.app.FloorLimit))
	s.icc.Set(emv.TagDFName, c.AID)
	for o := range fci.All() {
		if !o.Tag.Constructed() {
			s.icc.Set(o.Tag, o.Value)
		}
	}
}

// options takes the answer apart: format 1 is AIP and AFL in template 80, format 2 is
// data objects in template 77 (Book 3, 6.5.8.4).
func (s *session) options(raw []byte) error {
	tag, value, _, err := emv.Cut(raw)
	if err != nil {
		return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: %w", err)
	}
	var aip, afl []byte
	switch tag {
	case emv.TagResponseFormat1:
		if len(value) < 2 {
			return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: %d bytes in template 80; want AIP and AFL", len(value))
		}
		aip, afl = value[:2], value[2:]
	case emv.TagResponseFormat2:
		l, err := emv.Parse(value)
		if err != nil {
			return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: %w", err)
		}
		aip, afl = l.Value(emv.TagAIP), l.Value(emv.TagAFL)
		for _, o := range l {
			if !o.Tag.Constructed() {
				s.icc.Set(o.Tag, o.Value)
			}
		}
	default:
		return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: an answer in template %s; want 80 or 77", tag)
	}
	if s.aip, err = emv.ParseAIP(aip); err != nil {
		return s.missing("%v", err)
	}
	if s.afl, err = emv.ParseAFL(afl); err != nil {
		return s.missing("%v", err)
	}
	s.icc.Set(emv.TagAIP, bytes.Clone(aip))
	s.icc.Set(emv.TagAFL, bytes.Clone(afl))
	return nil
}

// missing ends a transaction whose card lacks what every card must have (Book 3, 7.5).
func (s *session) missing(format string, args ...any) error {
	s.tvr.Set(emv.TVRICCDataMissing)
	return s.terminate(CauseDataMissing, format, args...)
}
