package emulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
)

// miss is an exchange that brought no answer of its own. It always says which it
// was: nothing came, something came and did not match, something came and could
// not be read, or an answer came whose MAC proves nothing.
type miss struct {
	cause Cause
	note  string
}

func (m *miss) Error() string { return string(m.cause) + ": " + m.note }

// reason is F39 of the reversal that follows a miss.
func (m *miss) reason() wire.Code {
	switch m.cause {
	case BadMAC:
		return wire.MACError
	case TerminalFault:
		return wire.SystemFault
	case CardDeclined:
		return wire.OtherReason
	}
	return wire.NoResponse
}

// line is the terminal's connection to the host during one order.
type line struct {
	t        *Terminal
	link     wire.Link
	required wire.Requirement // what the last answer's header wants of the terminal
	heard    bool             // the host has answered
}

// dial connects unless the line is up. Its miss is HostDown: nothing was sent.
func (l *line) dial(ctx context.Context) error {
	if l.link != nil {
		return nil
	}
	link, err := l.t.Dial(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &miss{HostDown, err.Error()}
	}
	l.link = link
	return nil
}

// hangUp closes the line; the next exchange dials again.
func (l *line) hangUp() {
	if l.link == nil {
		return
	}
	if err := l.link.Close(); err != nil {
		l.t.Log.Debug().Err(err).Msg("hang up")
	}
	l.link = nil
}

// seals make the MAC of a request and check that of its answer. Working keys have
// one TAK for both, DUKPT a key for each.
type seals struct{ request, answer hsm.Seal }

// exchange sends a request and waits for the answer that matches it. With seals
// the request carries a MAC, and so must an approval. It returns a *miss when no
// answer came that counts; any other error is ctx's or the codec's.
func (l *line) exchange(ctx context.Context, req *wire.Message, with seals) (*wire.Message, error) {
	l.t.Dialect.Fit(req)
	frame, err := l.t.Dialect.Encode(nil, req, with.request)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", req.MTI, err)
	}
	if err := l.dial(ctx); err != nil {
		return nil, err
	}
	if err := l.link.Send(ctx, frame); err != nil {
		l.hangUp()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, wire.ErrNotSent) {
			return nil, &miss{HostDown, err.Error()}
		}
		return nil, &miss{NoAnswer, "the request may have been cut short: " + err.Error()}
	}
	return l.await(ctx, req, with.answer)
}

// await takes frames until one answers req or the time is up. A late or foreign
// answer is noted and passed over: it never passes for another message's. An
// answer of ours whose MAC does not hold ends the wait: who can forge one answer
// can forge the next.
func (l *line) await(ctx context.Context, req *wire.Message, seal hsm.Seal) (*wire.Message, error) {
	t, nothing := l.t, (*miss)(nil) // what came and did not count
	deadline := t.Now().Add(t.AnswerWait)
	for wait := t.AnswerWait; wait >= 0; wait = deadline.Sub(t.Now()) {
		frame, err := l.link.Receive(ctx, wait)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, wire.ErrNoAnswer) {
			break
		}
		if err != nil {
			l.hangUp()
			return nil, cmp.Or(nothing, &miss{NoAnswer, err.Error()})
		}
		ans := &wire.Message{}
		if mab, err := t.Dialect.Decode(frame, ans); err != nil {
			nothing = &miss{Unreadable, fmt.Sprintf("%d bytes came and could not be read: %v", len(frame), err)}
		} else if err := wire.Matches(req, ans); err != nil {
			nothing = &miss{Unmatched, fmt.Sprintf("an answer came and did not match: %v", err)}
		} else if !answers(req, ans) {
			nothing = &miss{Unreadable, fmt.Sprintf("an answer came whose response code is %q: it says neither yes nor no", ans.Code)}
		} else if err := genuine(ans, mab, seal); err != nil {
			return nil, &miss{BadMAC, fmt.Sprintf("an answer with code %s came: %v", ans.Code, err)}
		} else {
			l.required, l.heard = ans.Requirement(), true
			return ans, nil
		}
		t.Log.Warn().Str("mti", string(req.MTI)).Str("stan", req.STAN).Msg(nothing.note)
	}
	return nil, cmp.Or(nothing, &miss{NoAnswer, fmt.Sprintf("nothing came within %s", t.AnswerWait)})
}

// answers reports whether an answer to what moves money decides: it has a response
// code, two letters or digits (ISO 8583 F39, an2). An 0510 or 0830 may have none.
func answers(req, ans *wire.Message) bool {
	if !strings.Contains("124", string(req.MTI[1])) {
		return true
	}
	return len(ans.Code) == 2 && alphanumeric(ans.Code[0]) && alphanumeric(ans.Code[1])
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

var errNoMAC = errors.New("it approves and carries no MAC")

// genuine checks the MAC of an answer to a sealed request: a wrong one is refused
// whatever the answer says, a missing one where it approves (RULES: the terminal).
func genuine(ans *wire.Message, mab []byte, seal hsm.Seal) error {
	switch {
	case seal == nil:
		return nil
	case len(ans.MAC) > 0:
		return hsm.Verify(seal, mab, ans.MAC)
	case ans.Code == wire.Approved:
		return errNoMAC
	}
	return nil
}
