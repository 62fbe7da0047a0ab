package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// send sends a recorded request, with what the host chose since in the place of what
// it chose then, and sealed with the keys that it gave out now.
func (p *play) send(ctx context.Context, e Entry) error {
	var m wire.Message
	if _, err := p.Dialect.Decode(e.Frame.Frame(), &m); err != nil {
		return p.undecodable(e, err)
	}
	if err := p.pace(ctx, e.Frame.T); err != nil {
		return err
	}
	p.await(ctx, m.MID+m.TID)
	l, err := p.link(ctx, e.Frame.Conn)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("line %d: %w", e.Number, err)
	}
	if !p.stage.Simulated { // a simulated terminal reads when it waits for something
		p.unexpected(ctx, l)
	}
	p.report.Requests++
	p.sent[m.MID+m.TID] = true
	if err := p.signOn(ctx, l, &m, e); err != nil {
		return err
	}
	about := request{line: e.Number, m: &m, named: m.AuthCode, card: cardOf(&m)}
	if p.stage.Card != nil {
		known, _ := p.stage.Card(card.PAN(about.card))
		about.issuer = known.Issuer
	}
	if err := p.renew(&m, e); err != nil {
		return &LineError{e.Number, 1, err}
	}
	worth := e.Frame.MAC
	p.sessions.notice(&m)
	seal := p.sessions.seal(&m)
	if worth != Unsealed && seal == nil {
		p.report.Keyless++
		seal = p.testSeal()
	}
	frame, err := sealed(p.Dialect, &m, seal, worth)
	if err != nil {
		return &LineError{e.Number, 1, err}
	}
	l.requests = append(l.requests, about)
	p.lonely[m.MID+m.TID] = unanswered{l, &m}
	if err := l.Send(ctx, frame); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.miss(e, Miss{What: NotSent, Detail: err.Error()}, nil)
		return nil
	}
	p.seen(e, nil)
	return nil
}

// testSeal seals as the journal does.
func (p *play) testSeal() wire.Seal {
	seal, err := p.sessions.method.Sealer(testKeys.TAK)
	if err != nil {
		return nil
	}
	return seal
}

// undecodable is a frame of another dialect.
func (p *play) undecodable(e Entry, err error) error {
	return &LineError{e.Number, 1, fmt.Errorf("the frame is not of the dialect %s: %w; %s", p.Dialect, err, looksLike(e.Frame.Frame(), p.Dialect))}
}

// renew puts into a request what stands for the recorded values now.
func (p *play) renew(m *wire.Message, e Entry) error {
	scope := m.MID + m.TID
	if m.RRN != "" {
		m.RRN = p.bound.live("rrn", scope, m.RRN)
	}
	if m.AuthCode != "" {
		m.AuthCode = p.bound.live("auth", scope+cardOf(m), m.AuthCode)
	}
	p.bound.renewBatch(m)
	if o := m.Original; len(o) >= 12 {
		m.Original = p.bound.live("batch", scope, o[:6]) + o[6:]
	}
	p.secrets(m, e)
	if keys := p.sessions.working(m); enciphered(m) && m.Track2 != "" && !keys.TDK.Zero() {
		clear, err := hsm.DecryptTrack2(testKeys.TDK, m.Track2)
		if err != nil {
			return err
		}
		if m.Track2, err = hsm.EncryptTrack2(keys.TDK, clear); err != nil {
			return err
		}
	}
	return nil
}

// farthest is how far ahead the answer to a request is looked for.
const farthest = 64

// answerTo finds the code of the recorded answer to a request, "" where there is none
// nearby: it says whether the PIN that was typed, or the MAC, was right.
func (p *play) answerTo(m *wire.Message, e Entry) wire.Code {
	for i := 0; i < farthest; i++ {
		if i >= len(p.ahead) {
			next, err := p.r.Next()
			if err != nil {
				return "" // it comes again
			}
			p.ahead = append(p.ahead, next)
		}
		l := p.ahead[i].Frame
		if l == nil || l.FromTerminal() || l.Conn != e.Frame.Conn || l.Hex == nil {
			continue
		}
		var a wire.Message
		if _, err := p.Dialect.Decode(l.Frame(), &a); err == nil && wire.Matches(m, &a) == nil {
			return a.Code
		}
	}
	return ""
}

// wrongPIN are the codes that answer one.
var wrongPIN = []wire.Code{"55", "75", "38"}

// secrets puts in the card's PIN, and its CVN on a swiped track, unless the answer
// was that they were wrong.
func (p *play) secrets(m *wire.Message, e Entry) {
	if m.PINBlock == nil && m.Track2 == "" || p.stage.Card == nil {
		return
	}
	pan := cardOf(m)
	known, ok := p.stage.Card(card.PAN(pan))
	if !ok {
		return
	}
	answer := p.answerTo(m, e)
	tpk := p.sessions.working(m).TPK
	if len(m.PINBlock) > 0 && !known.PIN.Zero() && !tpk.Zero() {
		if slices.Contains(wrongPIN, answer) {
			known.PIN = otherPIN(known.PIN)
		}
		format := p.stage.PIN
		if len(m.Security) > 0 && m.Security[0] == '1' {
			format = hsm.NoPAN
		}
		if tpk.Algorithm() == hsm.AES {
			format = hsm.ISO4
		}
		if block, err := format.Encrypt(tpk, known.PIN, card.PAN(pan), p.Rand); err == nil {
			m.PINBlock = block
		}
	}
	if known.CVN != "" && answer != "05" && !enciphered(m) && !strings.HasPrefix(m.EntryMode, "05") && !strings.HasPrefix(m.EntryMode, "07") {
		m.Track2 = withCVN(m.Track2, known.CVN)
	}
}

// otherPIN is one that is not the card's.
func otherPIN(pin hsm.PIN) hsm.PIN {
	digits := []byte(pin.Reveal())
	digits[0] = '0' + (digits[0]-'0'+1)%10
	other, _ := hsm.ParsePIN(string(digits)) // as long as one that was good
	return other
}

// cvnAt is where a CVN stands in a track's discretionary data: behind PVKI and PVV.
const cvnAt = 5

func withCVN(track card.TrackData, cvn string) card.TrackData {
	t, err := card.ParseTrack2(track)
	if d := t.Discretionary.Reveal(); err == nil && len(d) >= cvnAt+len(cvn) {
		t.Discretionary = card.TrackData(d[:cvnAt] + cvn + d[cvnAt+len(cvn):])
		if data, err := t.Data(); err == nil {
			return data
		}
	}
	return track
}
