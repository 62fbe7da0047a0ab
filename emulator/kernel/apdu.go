package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"possim/reader/emv"
)

// status is SW1 SW2.
type status uint16

// The status words that EMV gives a meaning (Book 3, 6.3.5).
const (
	statusOK           status = 0x9000
	statusBlocked      status = 0x6283
	statusPINBlocked   status = 0x6983
	statusPINUnusable  status = 0x6984
	statusConditions   status = 0x6985
	statusNotAllowed   status = 0x6986
	statusNotSupported status = 0x6A81
	statusNotFound     status = 0x6A82
	statusNoRecord     status = 0x6A83
)

// statusOtherInterface is what 6984 means to a tapped card.
const statusOtherInterface = statusPINUnusable

// String returns the four hex digits.
func (w status) String() string { return fmt.Sprintf("%04X", uint16(w)) }

// warning reports whether SW1 is that of a command that was done (Book 3, 10.10).
func (w status) warning() bool { return w>>8 == 0x62 || w>>8 == 0x63 }

// command is an APDU before it is coded.
type command struct {
	name             string
	cla, ins, p1, p2 byte
	data             []byte
	answer           bool // data is wanted: Le is sent
}

func (c command) bytes() []byte {
	b := []byte{c.cla, c.ins, c.p1, c.p2}
	if len(c.data) > 0 {
		b = append(append(b, byte(len(c.data))), c.data...)
	}
	if c.answer {
		b = append(b, 0)
	}
	return b
}

// do sends a command and returns what the card answered. Any status is an answer; no
// answer is a stop.
func (s *session) do(ctx context.Context, c command) ([]byte, status, error) {
	if len(c.data) > 0xFF {
		return nil, 0, s.unreadable(CauseFormat, "%s: the card asks for %d bytes of data; a command holds 255", c.name, len(c.data))
	}
	data, w, err := s.exchange(ctx, c.bytes(), c.answer)
	var e *stop
	if err != nil && !errors.As(err, &e) {
		err = s.unreadable(CauseNoAnswer, "%s: no answer from the card: %w", c.name, err)
	} else if err != nil {
		err = &stop{e.decision, e.cause, fmt.Errorf("%s: %w", c.name, e.err)}
	}
	return data, w, err
}

// maxGetResponse bounds how often a card may say that there is more.
const maxGetResponse = 8

// exchange sends an APDU and does what the procedure bytes of T=0 ask for: 61xx, fetch
// more; 6Cxx, say it again with this length (EMV Book 1, 9.3.1; ISO/IEC 7816-3). A
// reader may do that itself, or leave it.
func (s *session) exchange(ctx context.Context, apdu []byte, le bool) ([]byte, status, error) {
	var out []byte
	for range maxGetResponse {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		raw, err := s.card.Transmit(ctx, bytes.Clone(apdu))
		if err != nil {
			return nil, 0, err
		}
		if len(raw) < 2 {
			return nil, 0, s.unreadable(CauseFormat, "an answer of %d bytes; want a status word at least", len(raw))
		}
		end := len(raw) - 2
		out = append(out, raw[:end]...)
		switch raw[end] {
		case 0x61:
			apdu, le = []byte{0x00, 0xC0, 0x00, 0x00, raw[end+1]}, true
		case 0x6C:
			if le {
				apdu = apdu[:len(apdu)-1]
			}
			apdu, le = append(apdu, raw[end+1]), true
		default:
			return out, status(raw[end])<<8 | status(raw[end+1]), nil
		}
	}
	return nil, 0, s.unreadable(CauseFormat, "the card said %d times that there is more", maxGetResponse)
}

// want is do for a command whose only good answer is 9000.
func (s *session) want(ctx context.Context, c command) ([]byte, error) {
	data, w, err := s.do(ctx, c)
	if err == nil && w != statusOK {
		err = s.unreadable(CauseStatus, "%s: the card answers %s; want 9000", c.name, w)
	}
	return data, err
}

// getData asks for one data object; a card need not have it (Book 3, 6.5.7).
func (s *session) getData(ctx context.Context, t emv.Tag) ([]byte, bool, error) {
	b, w, err := s.do(ctx, command{name: "GET DATA " + t.String(), cla: 0x80, ins: 0xCA, p1: byte(t >> 8), p2: byte(t), answer: true})
	if err != nil || w != statusOK {
		return nil, false, err
	}
	l, err := emv.Parse(b)
	if err != nil {
		return nil, false, nil
	}
	v, ok := l.Get(t)
	return v, ok, nil
}
