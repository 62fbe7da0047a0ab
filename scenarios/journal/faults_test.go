package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// failing is a host whose connection ends in an error.
type failing struct {
	*scripted
	err error
}

func (f failing) Dial(context.Context) (wire.Link, error) { return f, nil }

func (f failing) Receive(context.Context, time.Duration) ([]byte, error) { return nil, f.err }

// TestWhichOfThree: a missing answer is one of three, and each says what is most likely
// behind it.
func TestWhichOfThree(t *testing.T) {
	d := wire.ISO87ASCII()
	right := func(m *wire.Message) *wire.Message { return approval(m, "615200"+m.STAN) }
	with := func(change func(*wire.Message)) *scripted {
		return &scripted{d: d, answer: func(m *wire.Message) *wire.Message { a := right(m); change(a); return a }}
	}
	spoilt := func(spoil func([]byte) []byte) *scripted {
		return &scripted{d: d, answer: right, spoil: spoil}
	}
	other := func(frame []byte) []byte {
		var m wire.Message
		if _, err := d.Decode(frame, &m); err != nil {
			t.Fatal(err)
		}
		m.TPDU, m.Header = []byte{0x60, 0, 0, 0, 0}, []byte{0x60, 0x31, 0, 0x31, 0x11, 0x08}
		out, err := wire.UnionPay().Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	text := journalOf(t, d, nil, exchange{1, sale(1), right(sale(1))})
	for name, test := range map[string]struct {
		host interface {
			Dial(context.Context) (wire.Link, error)
		}
		want []string
	}{
		"silence":   {&scripted{d: d, answer: func(*wire.Message) *wire.Message { return nil }}, []string{"j:3: nothing came (0210)", "likely cause: framing or dialect: the host took the request and stayed silent"}},
		"hangs up":  {failing{with(func(*wire.Message) {}), wire.ErrLinkClosed}, []string{"j:3: nothing came (0210)", "likely cause: framing or dialect: the host hung up"}},
		"no length": {failing{with(func(*wire.Message) {}), fmt.Errorf("x: %w", wire.ErrCutOff)}, []string{"j:3: nothing came (0210)", "likely cause: framing: what came has no length of two bytes before it"}},
		"another's": {with(func(m *wire.Message) { m.STAN = "000007" }), []string{"j:3: something came and does not match (0210)", "field 11: recorded 000001, now 000007", "likely cause: match key: a 0210 with STAN 000007"}},
		"another's terminal": {with(func(m *wire.Message) { m.TID = "00000009" }), []string{"j:3: something came and does not match (0210)", "field 41: recorded 00000001, now 00000009",
			"likely cause: match key:"}},
		"length twice": {spoilt(func(frame []byte) []byte { return append([]byte{byte(len(frame) >> 8), byte(len(frame))}, frame...) }),
			[]string{"j:3: something came and cannot be read (0210)", "likely cause: framing: it begins with its own length"}},
		"other dialect": {spoilt(other), []string{"j:3: something came and cannot be read (0210)", "likely cause: dialect: it reads as unionpay"}},
		"garbage":       {spoilt(func([]byte) []byte { return []byte("HTTP/1.1 400 Bad Request") }), []string{"j:3: something came and cannot be read (0210)", "likely cause: dialect: no dialect here reads it"}},
		"expired":       {with(func(m *wire.Message) { m.Code = "54" }), []string{"j:3: the answer differs (0210)", "field 39: recorded 00, now 54", "likely cause: clock:"}},
		"malformed":     {with(func(m *wire.Message) { m.Code = "30" }), []string{"field 39: recorded 00, now 30", "likely cause: dialect: the host finds the request malformed"}},
		"seen":          {with(func(m *wire.Message) { m.Code = "94" }), []string{"likely cause: match key: the host has seen this terminal, batch and STAN already"}},
		"stranger":      {with(func(m *wire.Message) { m.Code = "14" }), []string{"likely cause: the host does not know the card, terminal or merchant"}},
		"no such time":  {with(func(m *wire.Message) { m.Time = "256199" }), []string{"field 12: recorded 090000, now 256199: no such time"}},
		"longer amount": {with(func(m *wire.Message) { m.Amount++ }), []string{"field 4: recorded 000000008800, now 000000008801"}},
	} {
		stage := journal.Stage{Dial: test.host.Dial, Now: func() time.Time { return start }}
		if s, ok := test.host.(*scripted); ok {
			s.t = t
		} else {
			test.host.(failing).t = t
		}
		r, err := journal.NewReader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		report, err := (&journal.Player{Dialect: d, Stage: stage}).Play(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		got := said(report)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: got\n%s\nwant %s", name, got, want)
			}
		}
	}
}

// TestMACKeyOfTheHost: answers under a MAC that the session's key does not make are
// a matter of keys, and so is a host that finds the request's wrong.
func TestMACKeyOfTheHost(t *testing.T) {
	d := wire.UnionPay()
	block, seal := session(t)
	signOn := &wire.Message{MTI: wire.MTINetwork, STAN: "000001", TID: "00000001", MID: "898100054110001", Private60: "00000001003"}
	keys := &wire.Message{MTI: wire.MTINetworkAnswer, STAN: "000001", Code: wire.Approved, TID: signOn.TID, MID: signOn.MID, Private60: "00000001003", Private62: block}
	text := journalOf(t, d, seal, exchange{1, signOn, keys}, exchange{1, sale(2), approval(sale(2), "615200000002")})
	host := func(seal wire.Seal, code wire.Code) *scripted {
		return &scripted{d: d, seal: seal, answer: func(m *wire.Message) *wire.Message {
			if m.MTI == wire.MTINetwork {
				return keys
			}
			a := approval(m, "615200000002")
			a.Code = code
			return a
		}}
	}
	wrong := func([]byte) ([]byte, error) { return []byte("00000000"), nil }
	for _, test := range []struct {
		host *scripted
		want string
	}{
		{host(seal, "00"), ""},
		{host(wrong, "00"), "field 64: recorded valid, now invalid"},
		{host(wrong, "00"), "likely cause: MAC key: the host's TMK is not the one of this replay (--tmk)"},
		{host(seal, wire.MACError), "likely cause: MAC key: the host has other keys than the TMK of this replay leads to (--tmk)"},
	} {
		report := played(t, text, test.host, journal.Stage{})
		if got := said(report); (report.Missed > 0) != (test.want != "") || !strings.Contains(got, test.want) {
			t.Errorf("got\n%s\nwant %s", got, test.want)
		}
	}
	tmk, _ := hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210")
	if got := said(played(t, text, host(seal, "00"), journal.Stage{TMK: tmk})); !strings.Contains(got, "field 62: recorded keys under the TMK, now keys that the TMK does not open") {
		t.Errorf("another TMK:\n%s", got)
	}
}
