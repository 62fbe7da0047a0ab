package journal

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// Responder is the host of a journal: it answers a terminal as the host did when the
// terminal's request was recorded. It is not safe for concurrent use.
type Responder struct {
	Dialect *wire.Dialect
	Spy     *Spy // has a host answer what was not recorded; nil makes it a miss
	// Card knows the issuers of cards, whose cryptograms are verified; nil knows none but
	// the published test issuer.
	Card func(card.PAN) (Secrets, bool)

	r        *Reader
	end      bool
	waiting  []*exchange // recorded and not played yet, in order
	bound    *binding
	sessions *sessions
	test     wire.Seal
	report   Report
}

// exchange is a recorded request and its answer, nil where none was recorded.
type exchange struct {
	line, conn int
	request    *side
	about      *request
	answer     *wire.Message
	worth      Seal
}

// window is how many recorded requests a live one is looked for among: a terminal may
// do things in another order, within reason.
const window = 64

// NewResponder plays the journal that r reads. tmk is the terminals': their sign-ons
// bring the published test keys under it. bdk is that of terminals with DUKPT keys, the
// zero key where there are none.
func NewResponder(r *Reader, d *wire.Dialect, method hsm.MACAlgorithm, tmk, bdk hsm.Key) (*Responder, error) {
	out := &Responder{Dialect: d, r: r, bound: newBinding("rrn", "auth"), sessions: newSessions(tmk, bdk, method)}
	var err error
	out.test, err = out.sessions.method.Sealer(testKeys.TAK)
	return out, err
}

// fill reads on until the window is full and the last request in it has its answer.
func (s *Responder) fill() error {
	for !s.end && (len(s.waiting) < window || s.open() < len(s.waiting) && len(s.waiting) < 4*window) {
		e, err := s.r.Next()
		if err == io.EOF {
			s.end, s.report.Cut = true, s.r.Cut()
			return nil
		}
		if err != nil {
			return err
		}
		if e.Frame == nil || e.Frame.Hex == nil {
			continue
		}
		m := &wire.Message{}
		if _, err := s.Dialect.Decode(e.Frame.Frame(), m); err != nil {
			return &LineError{e.Number, 1, err}
		}
		if e.Frame.FromTerminal() {
			about := &request{card: cardOf(m)}
			if s.Card != nil {
				known, _ := s.Card(card.PAN(about.card))
				about.issuer = known.Issuer
			}
			s.waiting = append(s.waiting, &exchange{line: e.Number, conn: e.Frame.Conn, request: sideOf(m, e.Frame.MAC), about: about})
			continue
		}
		for _, x := range s.waiting {
			if x.conn == e.Frame.Conn && x.answer == nil && wire.Matches(x.request.m, m) == nil {
				x.answer, x.worth = m, e.Frame.MAC
				break
			}
		}
	}
	return nil
}

// open is the place of the first request without an answer, which may still come.
func (s *Responder) open() int {
	i := slices.IndexFunc(s.waiting, func(x *exchange) bool { return x.answer == nil })
	if i < 0 {
		return len(s.waiting)
	}
	return i
}

// Done reports whether every recorded request has come.
func (s *Responder) Done() bool { return s.end && len(s.waiting) == 0 }

// Answer answers a frame; ok is false when nothing is to be sent.
func (s *Responder) Answer(ctx context.Context, frame []byte) (answer []byte, ok bool, err error) {
	if err := s.fill(); err != nil {
		return nil, false, err
	}
	now := &wire.Message{}
	worth, err := s.sessions.worthNow(s.Dialect, frame, now)
	if err != nil {
		s.report.miss(Miss{What: CannotRead, Detail: err.Error(), Cause: looksLike(frame, s.Dialect)}, UsualMisses)
		return nil, false, nil
	}
	s.report.Requests++
	live := sideOf(now, worth)
	i, miss := s.find(live)
	if miss == nil {
		x := s.waiting[i]
		s.waiting = slices.Delete(s.waiting, i, i+1)
		err := s.fill()
		if x.answer == nil {
			return nil, false, err
		}
		s.report.Answers++
		answer, err2 := s.answer(x, now)
		return answer, err2 == nil, errors.Join(err, err2)
	}
	if s.Spy == nil {
		s.report.miss(*miss, UsualMisses)
		return nil, false, nil
	}
	answer, err = s.forward(ctx, frame, live)
	return answer, err == nil && answer != nil, err
}

// find looks for the recorded request that a live one is like; without one it says
// which is nearest, and how they differ.
func (s *Responder) find(live *side) (int, *Miss) {
	s.bound.keep()
	miss := &Miss{What: Unknown, MTI: string(live.m.MTI), Cause: "no message of this type is left in the recording"}
	nearest := -1
	for i, x := range s.waiting[:min(window, len(s.waiting))] {
		found := s.bound.compare(x.line, x.request, live, x.about)
		if len(found) == 0 {
			s.bound.keep()
			return i, nil
		}
		s.bound.takeBack()
		if x.request.m.MTI == live.m.MTI && (nearest < 0 || len(found) < nearest) {
			nearest = len(found)
			miss.Nearest, miss.Differences, miss.Cause = x.line, found, requestCause(found)
		}
	}
	miss.Detail = strings.TrimPrefix(Describe(Event{Out: true, Frame: []byte{}, Message: live.m}, Event{}.At), "+0.000s ")
	return 0, miss
}

// requestCause says in words what is most likely behind the difference of a request.
func requestCause(found []Difference) string {
	for _, d := range found {
		switch {
		case d.Field == "64" || d.Field == "128":
			return "MAC key: the terminal's TMK is not the one of this replay (--tmk), or its algorithm is another (--mac-algorithm)"
		case d.Field == "11" || d.Field == "90" || d.Field == "61" || d.Field == "37":
			return "match key: the terminal names another message than it did then"
		}
	}
	return ""
}

// answer is the recorded answer, with what the terminal chose now.
func (s *Responder) answer(x *exchange, now *wire.Message) ([]byte, error) {
	a := *x.answer
	a.Rest = slices.Clone(a.Rest)
	scope := a.MID + a.TID
	a.STAN = s.bound.live("stan", scope+a.Batch(), a.STAN)
	s.bound.renewBatch(&a)
	a.PAN = card.PAN(s.bound.live("card", "", a.PAN.Reveal()))
	if bringsKeys(&a) {
		if block := blockUnder(s.sessions.tmk, len(a.Private62)); block != nil {
			a.Private62 = block
		}
		_ = s.sessions.learn(&a) // keys of our own
	}
	return sealed(s.Dialect, &a, s.sealOf(&a), x.worth)
}

// sealOf seals an answer for its terminal.
func (s *Responder) sealOf(a *wire.Message) wire.Seal {
	if seal := s.sessions.seal(a); seal != nil {
		return seal
	}
	return s.test
}

// Report ends it and says what became of it: what was recorded and never came is a
// miss, to the end of the journal.
func (s *Responder) Report() (Report, error) {
	for {
		for _, x := range s.waiting {
			s.report.miss(Miss{Line: x.line, Conn: x.conn, MTI: string(x.request.m.MTI), What: NeverCame}, UsualMisses)
		}
		s.waiting = nil
		if s.end {
			return s.report, nil
		}
		if err := s.fill(); err != nil {
			return s.report, err
		}
	}
}
