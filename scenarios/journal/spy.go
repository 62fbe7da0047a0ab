package journal

import (
	"context"
	"fmt"
	"io"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// Spy passes requests that were not recorded on to a host. The terminal has the keys
// that the journal's sign-on brought, and the host gives out its own: between them each
// message is sealed again, and what is enciphered in it enciphered again. Keys of each
// message's own (DUKPT) are the same on both sides.
type Spy struct {
	Exchange func(ctx context.Context, frame []byte) ([]byte, error) // with the host; nil, nil is silence
	Rand     io.Reader                                               // fills PIN blocks
	sessions *sessions                                               // with the host
	signed   map[string]bool
}

// forward has the host answer a live request; nil is silence.
func (s *Responder) forward(ctx context.Context, frame []byte, live *side) ([]byte, error) {
	s.report.Forwarded++
	spy, m := s.Spy, live.m
	if spy.sessions == nil {
		spy.sessions, spy.signed = newSessions(s.sessions.tmk, s.sessions.bdk, s.sessions.method), map[string]bool{}
	}
	if _, derived := serial(m); !derived && (live.seal != Unsealed || len(m.PINBlock) > 0 || enciphered(m)) {
		if err := spy.signOn(ctx, s.Dialect, m); err != nil {
			return nil, err
		}
		var err error
		if frame, err = spy.across(s.Dialect, *m, live.seal, s.sessions, spy.sessions); err != nil {
			return nil, err
		}
	}
	return s.back(ctx, frame)
}

// back gives the terminal what the host answers.
func (s *Responder) back(ctx context.Context, frame []byte) ([]byte, error) {
	answer, err := s.Spy.Exchange(ctx, frame)
	if err != nil || answer == nil {
		return nil, err
	}
	a := &wire.Message{}
	worth, err := s.Spy.sessions.worthNow(s.Dialect, answer, a)
	if err != nil {
		return answer, nil // the terminal may read it
	}
	if bringsKeys(a) { // the terminal signed on to the host itself
		_ = s.sessions.learn(a)
		_ = s.Spy.sessions.learn(a)
		return answer, nil
	}
	if _, derived := s.sessions.serials[a.MID+a.TID]; derived || worth == Unsealed {
		return answer, nil
	}
	return sealed(s.Dialect, a, s.sealOf(a), worth)
}

// signOn gets the host's keys for a terminal once.
func (s *Spy) signOn(ctx context.Context, d *wire.Dialect, m *wire.Message) error {
	of := m.MID + m.TID
	tx, has := d.Transaction(wire.SignOn)
	if !has || s.signed[of] || !s.sessions.working(m).TAK.Zero() {
		return nil
	}
	request, err := askForKeys(tx, m)
	if err != nil {
		return err
	}
	frame, err := d.Encode(nil, request, nil)
	if err != nil {
		return err
	}
	answer, err := s.Exchange(ctx, frame)
	if err != nil || answer == nil {
		return err
	}
	a := &wire.Message{}
	if _, err := d.Decode(answer, a); err != nil {
		return fmt.Errorf("the host's answer to a sign-on: %w", err)
	}
	s.signed[of] = true
	return s.sessions.learn(a)
}

// across is a request of the terminal's session in the host's.
func (s *Spy) across(d *wire.Dialect, m wire.Message, worth Seal, from, to *sessions) ([]byte, error) {
	was, is, pan := from.working(&m), to.working(&m), card.PAN(cardOf(&m))
	if was.TPK.Zero() {
		was = testKeys
	}
	if enciphered(&m) && m.Track2 != "" && !is.TDK.Zero() {
		clear, err := hsm.DecryptTrack2(was.TDK, m.Track2)
		if err != nil {
			return nil, err
		}
		if m.Track2, err = hsm.EncryptTrack2(is.TDK, clear); err != nil {
			return nil, err
		}
	}
	if len(m.PINBlock) > 0 && !is.TPK.Zero() {
		format := hsm.ISO0
		if m.Security != "" && m.Security[0] == '1' {
			format = hsm.NoPAN
		}
		block, err := hsm.TranslatePIN(was.TPK, format, m.PINBlock, is.TPK, format, pan, s.Rand)
		if err == nil { // else it is for the host to say that there is no PIN in it
			m.PINBlock = block
		}
	}
	seal := to.seal(&m)
	if seal == nil {
		worth = Unsealed
	}
	return sealed(d, &m, seal, worth)
}
