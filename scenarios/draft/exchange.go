package draft

import (
	"slices"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// An exchange is a request and what came back for it.
type exchange struct {
	line     int
	request  wire.Message
	kind     wire.Kind
	known    bool // kind says what it is
	answer   *wire.Message
	forged   bool    // its answer's MAC was wrong
	tampered bool    // its own was
	at       float64 // when it was sent, in seconds
	again    int     // how often it was sent again
	until    float64 // when it was for the last time
	raw      string  // a step of the recorded scenario, in its own words; then there is no request
}

// code is the response code, "" without an answer.
func (e *exchange) code() wire.Code {
	if e.answer == nil {
		return ""
	}
	return e.answer.Code
}

// session is what was recorded of one scenario, or of a whole journal without any.
type session struct {
	name      string
	file      string
	world     world
	exchanges []*exchange
}

// take adds a frame; ok is false when it is nothing that can be told.
func (s *session) take(number int, l *journal.Line, d *wire.Dialect) (ok bool) {
	var m wire.Message
	if frame := l.Frame(); frame == nil {
		return false
	} else if _, err := d.Decode(frame, &m); err != nil {
		return false
	}
	if l.FromTerminal() {
		if s.repeats(&m, l.T) {
			return true
		}
		e := &exchange{line: number, request: m, at: l.T, tampered: l.MAC == journal.Invalid}
		e.kind, e.known = wire.KindOf(&m)
		s.exchanges = append(s.exchanges, e)
		return e.known
	}
	for i := len(s.exchanges) - 1; i >= 0; i-- {
		if e := s.exchanges[i]; e.answer == nil && wire.Matches(&e.request, &m) == nil {
			e.answer, e.forged = &m, l.MAC == journal.Invalid
			return true
		}
	}
	return false
}

// repeated are the types that a terminal sends again under the same number.
var repeated = []wire.MTI{wire.MTIAdvice, wire.MTIReversal, wire.MTIReversalAdvice, wire.MTISettlement}

// repeats reports whether a request is sent again by itself, and counts it: under the
// type that says so, or an advice or a settlement under the number it had, until it is
// answered. Nobody asked for it twice.
func (s *session) repeats(m *wire.Message, at float64) bool {
	first := m.MTI.First()
	if m.MTI == first && !slices.Contains(repeated, first) {
		return false
	}
	for _, e := range s.exchanges {
		if e.raw == "" && e.answer == nil && e.request.MTI.First() == first && e.request.STAN == m.STAN && e.request.TID == m.TID {
			e.again++
			e.until = at
			return true
		}
	}
	return false
}

// An order is an exchange that somebody asked for and those that followed from it.
type order struct {
	exchange
	follow []*exchange
	label  string // other orders name it
}

// follows are the kinds that a terminal sends by itself, and what they belong to.
var follows = map[wire.Kind]bool{
	wire.Reversal: true, wire.BatchUpload: true, wire.BatchEnd: true, wire.ScriptResult: true,
	wire.ParameterEnd: true, wire.CAPKQuery: true, wire.CAPKDownload: true, wire.CAPKEnd: true,
	wire.AIDQuery: true, wire.AIDDownload: true, wire.AIDEnd: true, wire.OfflineSale: true, wire.CompletionNotice: true,
}

// orders groups the exchanges of a session.
func (s *session) orders() (all []*order) {
	for _, e := range s.exchanges {
		switch {
		case e.raw != "":
			all = append(all, &order{exchange: *e})
		case !e.known:
		case follows[e.kind] && len(all) > 0:
			last := all[len(all)-1]
			last.follow = append(last.follow, e)
		default:
			all = append(all, &order{exchange: *e})
		}
	}
	return all
}

// reversed returns the reversal of an order, nil without one.
func (o *order) reversed() *exchange {
	for _, e := range o.follow {
		if e.kind == wire.Reversal && e.request.STAN == o.request.STAN {
			return e
		}
	}
	return nil
}

// lost reports whether the terminal took no notice of the answer that the host sent: a
// log of the host has it all the same, and so has one of a late answer.
func (o *order) lost() bool {
	r := o.reversed()
	return r != nil && o.answer != nil && !o.forged && r.request.Code == wire.NoResponse
}

// last is when the last request of the order was sent.
func (o *order) last() float64 {
	end := &o.exchange
	if n := len(o.follow); n > 0 {
		end = o.follow[n-1]
	}
	return max(end.at, end.until)
}

// plain reports whether only a reversal follows the order, if anything.
func (o *order) plain() bool {
	return len(o.follow) == 0 || len(o.follow) == 1 && o.reversed() != nil && o.reversed().answer != nil
}
