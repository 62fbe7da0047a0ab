package foreign

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"possim/host/wire"
)

// Import reads one log.
type Import struct {
	Format  Format        // "" is Auto
	Dialect *wire.Dialect // nil: it is found out
	Port    int           // of the host, in a capture; 0 takes every connection
	// Lenient leaves out what cannot be read; otherwise nothing is given out behind
	// the first Problem, and reading goes on to find the others.
	Lenient bool

	tell       *Tell
	each       func(Event) error
	surrogates Surrogates
	report     Report
	noted      map[string]int // a note's text to its place in the report
	conns      map[string]*peer
	last       time.Time
	place      string // of the last message
	counted    map[string]*Problem
	mirrors    mirrors
}

var errNothing = errors.New("it holds no message")

// Read reads the log and gives out its messages in their order. The error is of the
// log's file or of each; what is wrong with the log is in the Report.
func (i *Import) Read(r io.Reader, each func(Event) error) (Report, error) {
	i.each, i.tell, i.surrogates = each, NewTell(i.Dialect), Surrogates{}
	i.noted, i.conns, i.counted = map[string]int{}, map[string]*peer{}, map[string]*Problem{}
	i.report = Report{Format: i.Format, Why: "as it was asked for"}
	in, err := i.begin(r)
	if err != nil {
		return i.report, err
	}
	if i.report.Count > 0 {
		return i.report, nil
	}
	for f, err := range i.frames(in) {
		if p, ok := errors.AsType[*Problem](err); ok {
			i.problem(p)
			continue
		}
		if err == nil {
			err = i.frame(&f)
		}
		if err != nil {
			return i.report, err
		}
	}
	i.report.Dialect, i.report.Because = i.tell.Dialect()
	i.report.Conns = len(i.conns)
	if i.report.Messages == 0 && i.report.Count == 0 {
		i.problem(&Problem{Place: "1", Err: errNothing})
	}
	return i.report, nil
}

// begin unpacks the log and finds out what it is; a Problem is what it is not.
func (i *Import) begin(r io.Reader) (in *bufio.Reader, err error) {
	in, how, err := unpack(r)
	if err != nil {
		i.report.Format, i.report.Why = "", ""
		i.problem(&Problem{Place: "1", Err: err})
		return in, nil
	}
	head, err := in.Peek(headSize)
	if _, damaged := errors.AsType[*Problem](err); err != nil && err != io.EOF && !damaged {
		return nil, err
	}
	if i.Format == "" || i.Format == Auto {
		if i.report.Format, i.report.Why, err = Detect(head); err != nil {
			i.problem(&Problem{Place: "1", Err: err})
			return in, nil
		}
	}
	if how != "" {
		i.report.Why += ", " + how
	}
	return in, nil
}

// frames is the reader of the format.
func (i *Import) frames(in io.Reader) Frames {
	switch i.report.Format {
	case JPOS:
		return Q2(in)
	case PCAP:
		return Pcap(in, i.Port, i.tell)
	}
	return Hex(in, i.Port, i.tell)
}

func (i *Import) problem(p *Problem) {
	if p.Place == "" { // of the file: behind what was read last
		p.Place = cmp.Or(i.place, "1")
	}
	if p.Note {
		i.note(p.Place, p.Err.Error())
		return
	}
	if p.Counted {
		if same := i.counted[p.Err.Error()]; same != nil {
			same.Times++
			return
		}
		p.Times = 1
		i.counted[p.Err.Error()] = p
	}
	if i.report.Count++; len(i.report.Problems) < mostProblems {
		i.report.Problems = append(i.report.Problems, p)
	}
}

func (i *Import) note(place, text string) {
	if at, ok := i.noted[text]; ok {
		i.report.Notes[at].Times++
		return
	}
	if len(i.report.Notes) < mostProblems {
		i.noted[text] = len(i.report.Notes)
		i.report.Notes = append(i.report.Notes, Note{place, text, 1})
	}
}

// frame takes one message.
func (i *Import) frame(f *Frame) error {
	i.place = f.Place
	if f.Fields != nil {
		i.settle(f)
		d, _ := i.tell.Dialect()
		if err := ownVersion(d, typeOf(f)); err != nil {
			i.problem(&Problem{Place: f.Place, Err: err, Counted: true})
			return nil
		}
		notes, err := Convert(f, d, i.surrogates)
		if p, ok := errors.AsType[*Problem](err); ok {
			i.problem(p)
			return nil
		} else if err != nil {
			return err
		}
		for _, number := range slices.Sorted(maps.Keys(notes)) {
			text := notes[number]
			if number != 0 {
				text = fmt.Sprintf("field %d: %s", number, text)
			}
			i.note(f.Place, text)
		}
	} else if bytes, ok := i.tell.Message(f.Bytes); ok {
		f.Bytes = bytes
	}
	m, err := i.plain(f)
	if err != nil {
		i.problem(err)
		return nil
	}
	d, _ := i.tell.Dialect()
	if err := ownVersion(d, string(m.MTI)); err != nil {
		i.problem(&Problem{Place: f.Place, Err: err, Counted: true})
		return nil
	}
	if i.report.Format == JPOS {
		var twin bool
		if f.Conn, f.Side, twin = i.mirrors.see(f.Conn, f.Side, f.At, string(f.Bytes[len(m.TPDU)+len(m.Header):])); twin {
			i.note(f.Place, "the log has both ends of a connection: what the one received and the other had sent stands once")
			return nil
		}
	}
	conn := i.peer(f.Conn)
	e := Event{Place: f.Place, At: i.when(f), Conn: conn.number, FromTerminal: conn.terminal(f.Side, m.MTI), Frame: f.Bytes, Dialect: named(d)}
	i.report.Messages++
	if i.report.Count > 0 && !i.Lenient {
		return nil
	}
	return i.each(e)
}

// settle decides the dialect of a log that has fields alone: bytes before the message
// type are UnionPay's TPDU and header where there are eleven of them.
func (i *Import) settle(f *Frame) {
	if len(f.Header) == both && f.Header[0] == 0x60 {
		i.tell.Settle(wire.UnionPay(), "line "+f.Place+" has a TPDU and a header before the message type")
		return
	}
	i.tell.Settle(wire.ISO87ASCII(), "the log has the text of its fields and not their bytes")
}

// plain decodes a message, and writes one that has more or less before its message
// type than its dialect has as the dialect has it: a journal names no more than that.
func (i *Import) plain(f *Frame) (*wire.Message, *Problem) {
	d, _ := i.tell.Dialect()
	if d == nil {
		return nil, problem(f.Place, "%d bytes that are no message in any dialect", len(f.Bytes))
	}
	var m wire.Message
	own := named(d)
	if _, err := own.Decode(f.Bytes, &m); err == nil {
		return &m, nil
	}
	if _, err := d.Decode(f.Bytes, &m); err != nil {
		return nil, problem(f.Place, "no message in %s: %w", d, err)
	}
	m.TPDU, m.Header = nil, nil
	frame, err := own.Encode(nil, &m, nil)
	if err != nil {
		return nil, problem(f.Place, "%w", err)
	}
	f.Bytes = frame
	i.note(f.Place, "what stands before the message type, and its bitmap, are written as "+own.Name()+" has them")
	return &m, nil
}

// named is the dialect of d's name.
func named(d *wire.Dialect) *wire.Dialect {
	if own, err := wire.ByName(d.Name()); err == nil {
		return own
	}
	return d
}

// when is a message's time: not before that of the message before it.
func (i *Import) when(f *Frame) time.Time {
	at := f.At
	switch {
	case at.IsZero():
		at = i.last
	case at.Before(i.last) && at.Year() <= 1970: // a time of the day
		if behind := i.last.Sub(at); behind > 12*time.Hour { // over midnight
			at = at.Add((behind + 12*time.Hour).Truncate(24 * time.Hour))
		}
	}
	if at.Before(i.last) {
		if i.last.Sub(at) > time.Second { // less is packets of two connections
			i.note(f.Place, "the clock goes back: the message has the time of the one before")
		}
		at = i.last
	}
	i.last = at
	return at
}
