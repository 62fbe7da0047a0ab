package emulator

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"possim/host/hsm"
	"possim/host/wire"
)

// keys returns the working keys of the last sign-on; ok is false without any that
// the TMK opens.
func (t *Terminal) keys() (keys hsm.WorkingKeys, ok bool) {
	if t.DUKPT.loaded() {
		return t.derived(), true
	}
	if t.state.Keys == "" || t.TMK.Zero() {
		return hsm.WorkingKeys{}, false
	}
	if t.opened.from == t.state.Keys {
		return t.opened.keys, true
	}
	block, err := hex.DecodeString(t.state.Keys)
	if err == nil {
		keys, err = hsm.OpenWorkingKeys(t.TMK, block)
	}
	if err != nil {
		t.Log.Warn().Err(err).Msg("the working keys that were kept do not open: signing on again")
		return hsm.WorkingKeys{}, false
	}
	t.opened.from, t.opened.keys = t.state.Keys, keys
	return keys, true
}

// needsKeys reports whether financial orders of this terminal need working keys.
func (t *Terminal) needsKeys() bool {
	return t.MAC != "" || !(t.TMK.Zero() && !t.DUKPT.loaded()) && (t.PINEntry || t.EncryptTracks)
}

// ready signs on by itself where keys are needed and there are none.
func (x *txn) ready(ctx context.Context) (bool, error) {
	if _, ok := x.keys(); ok || !x.needsKeys() {
		return false, nil
	}
	signed, err := x.signOn(ctx, x.line)
	if err != nil || signed.Result == Approved {
		return err != nil, err
	}
	x.out.Result, x.out.Cause, x.out.Code, x.out.Note = signed.Result, signed.Cause, signed.Code, signed.Note
	return true, nil
}

// signOn asks the host for working keys (签到). What it brings is taken over in one
// durable write: keys, batch and clock. A key whose check value is wrong refuses
// them all, and those of before stay.
func (t *Terminal) signOn(ctx context.Context, l *line) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone}
	if err := t.Face.Show(ctx, screenSigningOn); err != nil {
		return out, err
	}
	if t.MAC != "" && t.TMK.Zero() && !t.DUKPT.loaded() {
		out.Note = "no TMK is loaded, and this terminal seals its messages: load one"
		return t.refuse(ctx, out, BadKeys, screenBadKeys)
	}
	ans, out, over, err := t.manage(ctx, l, wire.SignOn, func(m *wire.Message) (err error) {
		if sub := m.Sub60(); sub.Type != "" {
			if sub.Network = doubleLength; t.EncryptTracks {
				sub.Network = doubleLengthAndTrack
			}
			m.Private60 = sub.String()
		}
		m.Private62, err = wire.Sequence62(cmp.Or(t.Licence, "0000"+t.TID))
		m.Private63 = wire.Operator63(t.operator())
		return err
	})
	if err != nil || over {
		return out, err
	}
	block, err := t.checkKeys(ans.Private62)
	if err != nil {
		out.Note, out.Code = err.Error(), "" // the host approved; the terminal did not
		return t.refuse(ctx, out, BadKeys, screenBadKeys)
	}
	if err := t.commit(func(s *State) { t.takeOver(s, ans, block) }); err != nil {
		return out, err
	}
	out.Batch = cmp.Or(t.state.Batch, firstBatch)
	return out, t.Face.Show(ctx, screenSignedOn)
}

// 60.3 of a sign-on.
const (
	doubleLength         = "003"
	doubleLengthAndTrack = "004"
)

// checkKeys opens the key block of a sign-on's answer and returns it as it is to
// be kept. A terminal that needs no keys takes an answer without any.
func (t *Terminal) checkKeys(block []byte) (string, error) {
	if t.TMK.Zero() || t.DUKPT.loaded() || len(block) == 0 && !t.needsKeys() {
		return "", nil
	}
	keys, err := hsm.OpenWorkingKeys(t.TMK, block)
	if err != nil {
		// The dialects that write characters may carry the block as such.
		packed, hexErr := hex.DecodeString(string(block))
		if hexErr != nil {
			return "", err
		}
		if keys, err = hsm.OpenWorkingKeys(t.TMK, packed); err != nil {
			return "", err
		}
		block = packed
	}
	if t.EncryptTracks && keys.TDK.Zero() {
		return "", fmt.Errorf("the host sent no TDK, and this terminal enciphers its tracks")
	}
	if t.MAC != "" {
		if _, err := t.MAC.Sealer(keys.TAK); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(block), nil
}

// takeOver takes an answered sign-on into s.
func (t *Terminal) takeOver(s *State, ans *wire.Message, block string) {
	s.Keys = block
	if batch := ans.Batch(); len(batch) == 6 && digits(batch) && batch != "000000" && batch != cmp.Or(s.Batch, firstBatch) {
		s.Batch, s.InBatch = batch, 0
	}
	if at, ok := t.hostTime(ans); ok {
		s.Clock = int64(at.Sub(t.Now().Truncate(time.Second)) / time.Second)
	}
}

// hostTime reads F12 and F13, the host's clock. They carry no year: the one that
// brings them nearest to the terminal's own clock is meant.
func (t *Terminal) hostTime(ans *wire.Message) (time.Time, bool) {
	here := t.Now()
	var best time.Time
	for year := here.Year() - 1; year <= here.Year()+1; year++ {
		at, err := time.ParseInLocation("20060102150405", fmt.Sprintf("%04d%s%s", year, ans.Date, ans.Time), here.Location())
		if err == nil && (best.IsZero() || at.Sub(here).Abs() < best.Sub(here).Abs()) {
			best = at
		}
	}
	return best, !best.IsZero()
}

// now is the terminal's clock, as the host has set it.
func (t *Terminal) now() time.Time { return t.Now().Add(time.Duration(t.state.Clock) * time.Second) }

// operator is 63.1.
func (t *Terminal) operator() string { return cmp.Or(t.state.Operator, t.Config.Operator, "01") }

// ask sends what build makes and returns the answer. A host that wants a sign-on
// first (77, A0) gets one, and the message once more with a new MAC: build is
// called again, so that PIN and track go under the new keys (RULES: the terminal).
func (t *Terminal) ask(ctx context.Context, l *line, k wire.Kind, build func(again wire.Code) (wire.Message, error)) (*wire.Message, error) {
	ans, err := t.askOnce(ctx, l, k, "", build)
	if err != nil || ans.Code != wire.SignOnAgain && (ans.Code != wire.MACError || t.MAC == "") {
		return ans, err
	}
	signed, err := t.signOn(ctx, l)
	if err != nil || signed.Result != Approved {
		return ans, err // its code stands
	}
	return t.askOnce(ctx, l, k, ans.Code, build)
}

func (t *Terminal) askOnce(ctx context.Context, l *line, k wire.Kind, again wire.Code, build func(again wire.Code) (wire.Message, error)) (*wire.Message, error) {
	tx, _ := t.Dialect.Transaction(k)
	var with seals
	if tx.Sealed {
		if none, err := t.arm(ctx, l); err != nil {
			return nil, err
		} else if none != nil {
			return nil, none
		}
		var err error
		if with, err = t.seals(); err != nil {
			return nil, err
		}
	}
	m, err := build(again)
	if err != nil {
		return nil, err
	}
	if tx.Sealed {
		t.countOn(&m)
	}
	return l.exchange(ctx, &m, with)
}

// arm sees that there are keys for a sealed message: the next ones of DUKPT, or
// those of a sign-on.
func (t *Terminal) arm(ctx context.Context, l *line) (*miss, error) {
	if t.DUKPT.loaded() {
		return nil, t.nextKSN()
	}
	if _, ok := t.keys(); ok || t.MAC == "" {
		return nil, nil
	}
	signed, err := t.signOn(ctx, l)
	if err != nil {
		return nil, err
	}
	if _, ok := t.keys(); ok {
		return nil, nil
	}
	return &miss{cmp.Or(signed.Cause, BadKeys), "not signed on: " + cmp.Or(signed.Note, "the host answers "+string(signed.Code))}, nil
}

// seals are those of the keys there are; none where the terminal seals nothing.
func (t *Terminal) seals() (s seals, err error) {
	keys, ok := t.keys()
	if t.MAC == "" || !ok {
		return seals{}, nil
	}
	if s.request, err = t.MAC.Sealer(keys.TAK); err != nil || !t.DUKPT.loaded() {
		return seals{s.request, s.request}, err
	}
	s.answer, err = t.answerSeal()
	return s, err
}

// converse sends a financial order. After a sign-on it goes out again with its own
// F11 and F60, unless the host refused its batch and has opened another: under the
// old one it could never be taken, and nothing was posted under it.
func (t *Terminal) converse(ctx context.Context, l *line, p *Pending, s secrets) (*wire.Message, error) {
	return t.ask(ctx, l, p.Kind, func(again wire.Code) (wire.Message, error) {
		if again == wire.SignOnAgain && p.batch() != cmp.Or(t.state.Batch, firstBatch) {
			if err := t.moveTo(p, t.state.Batch); err != nil {
				return wire.Message{}, err
			}
		}
		m := t.message(p)
		return m, t.disclose(&m, s)
	})
}

// moveTo books what is pending under another batch, durably, before it is sent so.
func (t *Terminal) moveTo(p *Pending, batch string) error {
	sub := wire.ParseSub60(p.Private60)
	sub.Batch = batch
	p.Private60 = sub.String()
	return t.commit(func(s *State) {
		s.InBatch++
		if s.Open != nil && s.Open.STAN == p.STAN {
			s.Open.Private60 = p.Private60
		}
		for i := range s.Offline {
			if s.Offline[i].STAN == p.STAN {
				s.Offline[i].Private60 = p.Private60
			}
		}
	})
}
