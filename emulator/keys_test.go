package emulator_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
)

var signOn = emulator.Order{Kind: emulator.SignOn}

// unsigned is a bench that wants MACs and whose terminal is fresh from the works.
func unsigned(t *testing.T) *world {
	w := newWorld(t)
	w.tmk, w.batch, w.config = testTMK(t), "000007", emulator.Config{MAC: hsm.MACECB}
	return w
}

func TestSignOnBringsKeysBatchAndClock(t *testing.T) {
	w := unsigned(t)
	hostClock := w.now.Add(3*time.Hour + 5*time.Second)
	w.edit = func(_, ans *wire.Message) { ans.Time, ans.Date = hostClock.Format("150405"), hostClock.Format("0102") }
	out := do(t, w, emulator.Config{}, signOn)
	if out.Result != emulator.Approved || out.Batch != "000007" {
		t.Fatalf("got %+v", out)
	}
	req := w.seen[0]
	if req.Private60 != "00"+"000001"+"003" || string(req.Private62) != "Sequence No12000000000001" || req.Private63 != "01 " || len(req.MAC) != 0 {
		t.Fatalf("F60 %s, F62 %s, F63 %q", req.Private60, req.Private62, req.Private63)
	}
	if w.saved.Clock != 3*3600+5 || w.saved.Batch != "000007" || len(w.saved.Keys) != 80 {
		t.Fatalf("kept %+v", w.saved)
	}
	for _, key := range []hsm.Key{w.tak, w.tpk} {
		if strings.Contains(w.saved.Keys, hex.EncodeToString(key.Reveal())) {
			t.Fatal("a key is kept in clear")
		}
	}
	w.edit = nil
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Approved || w.seen[1].Batch() != "000007" {
		t.Fatalf("got %+v", out)
	}
}

func TestHostClockAcrossNewYear(t *testing.T) {
	w := unsigned(t)
	w.now = time.Date(2026, 12, 31, 23, 59, 50, 0, time.UTC)
	w.edit = func(_, ans *wire.Message) { ans.Time, ans.Date = "000010", "0101" }
	do(t, w, emulator.Config{}, signOn)
	if w.saved.Clock != 20 {
		t.Fatalf("the host is ahead by %d s, want 20", w.saved.Clock)
	}
}

func TestWrongKCVRefusesTheKeys(t *testing.T) {
	for _, at := range []int{16, 39} { // in the check values of TPK and TAK
		w := unsigned(t)
		w.edit = func(_, ans *wire.Message) { ans.Private62[at] ^= 1 }
		out := do(t, w, emulator.Config{}, signOn)
		if out.Result != emulator.Refused || out.Cause != emulator.BadKeys || out.Note == "" || w.saved.Keys != "" {
			t.Fatalf("byte %d: got %+v", at, out)
		}
		w.sees(t, "密钥校验错")
		w.swipes = []reader.Presentation{good(plainTrack2)}
		if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Refused || out.Cause != emulator.BadKeys {
			t.Fatalf("a sale without keys: %+v", out)
		}
	}
}

func TestWrongKCVLeavesTheKeysOfBefore(t *testing.T) {
	w := secured(t)
	before := w.saved.Keys
	w.edit = func(_, ans *wire.Message) { ans.Private62[16] ^= 1 }
	do(t, w, emulator.Config{}, signOn)
	if w.saved.Keys != before {
		t.Fatal("refused keys were kept")
	}
}

func TestSignsOnByItself(t *testing.T) {
	w := unsigned(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(100)); out.Result != emulator.Approved || out.STAN != "000002" {
		t.Fatalf("got %+v", out)
	}
	if got := strings.Join(w.wire, " "); got != ">0800 000001 < >0200 000002 <" {
		t.Fatalf("on the wire: %s", got)
	}
}

func TestNoTMKIsSaid(t *testing.T) {
	w := unsigned(t)
	w.tmk = hsm.Key{}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(100))
	if out.Result != emulator.Refused || out.Cause != emulator.BadKeys || len(w.wire) != 0 {
		t.Fatalf("got %+v", out)
	}
}

func TestSignOnDeclined(t *testing.T) {
	w := unsigned(t)
	w.edit = func(_, ans *wire.Message) { ans.Code, ans.Private62 = wire.UnknownTerminal, nil }
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(100))
	if out.Result != emulator.Declined || out.Code != "97" || w.net() != 0 {
		t.Fatalf("got %+v", out)
	}
	w.sees(t, "终端未登记")
}

func TestEveryMACAlgorithm(t *testing.T) {
	for _, a := range []hsm.MACAlgorithm{hsm.MACECB, hsm.MACX99, hsm.MACX919, hsm.MACCMAC} {
		w := unsigned(t)
		w.config.MAC = a
		w.swipes = []reader.Presentation{good(plainTrack2)}
		out, err := w.terminal(emulator.Config{}).Do(context.Background(), sale(100))
		if err != nil || out.Result != emulator.Approved {
			t.Errorf("%s: %+v, %v", a, out, err)
		}
	}
}

// TestAnswerWithoutATrueMAC: a wrong one is not believed whatever the answer says,
// a missing one not where it approves.
func TestAnswerWithoutATrueMAC(t *testing.T) {
	tamper := func(change func(*world, *wire.Message)) func(*world) {
		return func(w *world) {
			w.spoil = func(f []byte) [][]byte {
				var m wire.Message
				if _, err := w.dialect.Decode(f, &m); err != nil || m.MTI != wire.MTIFinancialAnswer {
					return [][]byte{f}
				}
				change(w, &m)
				out, err := w.dialect.Encode(nil, &m, nil)
				if err != nil {
					w.t.Fatal(err)
				}
				return [][]byte{out}
			}
		}
	}
	for name, test := range map[string]struct {
		spoil  func(*world)
		refuse wire.Code
		want   emulator.Result
	}{
		"approval, wrong MAC":   {tamper(func(_ *world, m *wire.Message) { m.MAC[0] ^= 1 }), "", emulator.Reversed},
		"approval, no MAC":      {tamper(func(_ *world, m *wire.Message) { m.Clear(64) }), "", emulator.Reversed},
		"decline, wrong MAC":    {tamper(func(_ *world, m *wire.Message) { m.MAC[7] ^= 1 }), "51", emulator.Reversed},
		"decline made approval": {tamper(func(_ *world, m *wire.Message) { m.Code = wire.Approved }), "51", emulator.Reversed},
		"decline, no MAC":       {tamper(func(_ *world, m *wire.Message) { m.Clear(64) }), "51", emulator.Declined},
	} {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			w.refuse = test.refuse
			test.spoil(w)
			w.swipes = []reader.Presentation{good(plainTrack2)}
			out := do(t, w, emulator.Config{}, sale(8800))
			if out.Result != test.want || w.net() != 0 || len(w.slips) != 0 {
				t.Fatalf("got %+v, charged %d", out, w.net())
			}
			if test.want != emulator.Reversed {
				return
			}
			last := w.seen[len(w.seen)-1]
			if out.Cause != emulator.BadMAC || last.MTI != wire.MTIReversal || last.Code != wire.MACError {
				t.Fatalf("cause %s, then %s with reason %s", out.Cause, last.MTI, last.Code)
			}
		})
	}
}

// TestHostLostItsKeys: the host answers A0, the terminal signs on and sends the same
// message again, STAN and F60 as they were, under a new MAC.
func TestHostLostItsKeys(t *testing.T) {
	w := secured(t)
	w.tak = hsm.Key{}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	first := len(w.seen)
	out := do(t, w, emulator.Config{}, sale(8800))
	if out.Result != emulator.Approved || w.net() != 8800 {
		t.Fatalf("got %+v", out)
	}
	was, again := w.seen[first], w.seen[len(w.seen)-1]
	if again.STAN != was.STAN || again.Private60 != was.Private60 || string(again.MAC) == string(was.MAC) {
		t.Fatalf("sent again as %v after %v", again, was)
	}
}

func TestHostLostItsKeysBeforeAReversal(t *testing.T) {
	w := secured(t)
	w.lose["0210"], w.lose["0410"] = 1, 3
	w.swipes = []reader.Presentation{good(plainTrack2)}
	do(t, w, emulator.Config{}, sale(8800))
	w.tak = hsm.Key{}
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover}); out.Result != emulator.Reversed || w.net() != 0 {
		t.Fatalf("got %+v", out)
	}
}

// TestReversalAnsweredUnderOtherKeys: an acknowledgement whose MAC does not hold may
// mean that the host has other keys by now, which a sign-on settles.
func TestReversalAnsweredUnderOtherKeys(t *testing.T) {
	w := secured(t)
	w.lose["0210"] = 1
	wrong := true
	w.spoil = func(f []byte) [][]byte {
		var m wire.Message
		if _, err := w.dialect.Decode(f, &m); err != nil || m.MTI != wire.MTIReversalAnswer || !wrong {
			return [][]byte{f}
		}
		wrong = false
		f[len(f)-1] ^= 1
		return [][]byte{f}
	}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(8800))
	if out.Result != emulator.Reversed || out.Cause != emulator.NoAnswer || w.net() != 0 {
		t.Fatalf("got %+v", out)
	}
	if got := strings.Join(w.wire, " "); got != ">0800 999999 < >0200 000001 >0400 000001 < >0800 000002 < >0400 000001 <" {
		t.Fatalf("on the wire: %s", got)
	}
}

func TestBatchTheHostDoesNotHave(t *testing.T) {
	w := secured(t)
	w.batch = "000009"
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(8800))
	if out.Result != emulator.Approved || out.STAN != "000001" || w.saved.Batch != "000009" || w.saved.Journal[0].Batch != "000009" {
		t.Fatalf("got %+v, kept %+v", out, w.saved.Journal)
	}
}

// TestPowerCutWhileTheBatchChanges: the request was refused under one batch and
// went out again under another; what is open must be the one that counts.
func TestPowerCutWhileTheBatchChanges(t *testing.T) {
	for cut := 1; ; cut++ {
		w := secured(t)
		w.batch = "000009"
		w.swipes, w.touches, w.cutAt, w.slips = []reader.Presentation{good(plainTrack2)}, 0, cut, nil
		_, died := cutDuring(w, sale(8800))
		if !died {
			return
		}
		w.cutAt = 0
		do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
		if counted := w.net() != 0; counted != (len(w.slips) > 0) {
			t.Fatalf("cut %d: charged %d, %d slips, wire %v", cut, w.net(), len(w.slips), w.wire)
		}
	}
}

func TestEncipheredTrack(t *testing.T) {
	w := unsigned(t)
	w.config.EncryptTracks = true
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	req := w.seen[1]
	if w.seen[0].Sub60().Network != "004" || req.Security != "0610000000000000" || req.Track2 == plainTrack2 {
		t.Fatalf("60.3 %s, F53 %s", w.seen[0].Sub60().Network, req.Security)
	}
	if clear, err := hsm.DecryptTrack2(w.tdk, req.Track2); err != nil || clear != plainTrack2 {
		t.Fatalf("it opens to another track: %v", err)
	}
}

// The eighth digit of the header is 3: the host wants a sign-on before what is next.
func TestHeaderThatAsksForASignOn(t *testing.T) {
	w := secured(t)
	w.edit = func(_, ans *wire.Message) {
		ans.Header = []byte{0x60, 0x31, 0, 0, 0, 0}
		ans.Require(wire.RequireSignOn)
	}
	w.swipes = []reader.Presentation{good(plainTrack2), good(plainTrack2)}
	do(t, w, emulator.Config{}, sale(1))
	w.edit = nil
	do(t, w, emulator.Config{}, sale(1))
	if got := strings.Join(w.wire[2:], " "); got != ">0200 000001 < >0800 000002 < >0200 000003 <" {
		t.Fatalf("on the wire: %s", got)
	}
}

func TestSignOffEndsTheKeys(t *testing.T) {
	w := secured(t)
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.SignOff}); out.Result != emulator.Approved || w.saved.Keys != "" {
		t.Fatalf("got %+v", out)
	}
}

func TestStatusAndOperator(t *testing.T) {
	w := secured(t)
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Status}); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	if m := w.seen[len(w.seen)-1]; m.MTI != "0820" || m.Sub60().Network != "362" {
		t.Fatalf("sent %v", m)
	}
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Operator, Operator: "7"}); out.Cause != emulator.BadOperator {
		t.Fatalf("got %+v", out)
	}
	do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Operator, Operator: "07"})
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); !strings.Contains(out.Slip, "(OPERATOR NO):07") {
		t.Fatalf("the slip does not name the operator:\n%s", out.Slip)
	}
	do(t, w, emulator.Config{}, signOn)
	if m := w.seen[len(w.seen)-1]; m.Private63 != "07 " {
		t.Fatalf("F63 is %q", m.Private63)
	}
}

func TestPINIsAskedByRule(t *testing.T) {
	for name, test := range map[string]struct {
		service string
		fen     int64
		config  emulator.Config
		typed   []string
		asks    int
		entry   string
	}{
		"asked and typed":           {"101", 100, emulator.Config{PINEntry: true}, []string{"123456"}, 1, "021"},
		"asked and left out":        {"101", 100, emulator.Config{PINEntry: true}, nil, 1, "022"},
		"no keys to type on":        {"120", 100, emulator.Config{}, []string{"123456"}, 0, "022"},
		"credit, up to the amount":  {"101", 30000, emulator.Config{PINEntry: true, NoPINUpTo: 30000}, nil, 0, "022"},
		"credit, above the amount":  {"101", 30001, emulator.Config{PINEntry: true, NoPINUpTo: 30000}, []string{"123456"}, 1, "021"},
		"debit, up to the amount":   {"120", 30000, emulator.Config{PINEntry: true, NoPINUpTo: 30000}, []string{"1234"}, 1, "021"},
		"if possible, and it is so": {"126", 30000, emulator.Config{PINEntry: true, NoPINUpTo: 30000}, []string{"1234"}, 1, "021"},
	} {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			w.config.PINEntry, w.config.NoPINUpTo, w.pins = test.config.PINEntry, test.config.NoPINUpTo, test.typed
			w.swipes = []reader.Presentation{good(plainTrack2[:21] + card.TrackData(test.service) + plainTrack2[24:])}
			if out := do(t, w, emulator.Config{}, sale(test.fen)); out.Result != emulator.Approved {
				t.Fatalf("got %+v", out)
			}
			asked := 0
			for _, q := range w.asked {
				if q.Kind == emulator.AskPIN {
					asked++
				}
			}
			req := w.seen[len(w.seen)-1]
			if asked != test.asks || req.EntryMode != test.entry {
				t.Fatalf("asked %d times, F22 %s", asked, req.EntryMode)
			}
			if test.entry == "022" {
				if req.PINBlock != nil || req.PINCapture != "" || req.Security != "" {
					t.Fatal("fields of a PIN without one")
				}
				return
			}
			pin, err := hsm.ISO0.Decrypt(w.tpk, req.PINBlock, "6222020000000015")
			if err != nil || pin.Reveal() != test.typed[0] || req.PINCapture != "12" || req.Security != "2600000000000000" {
				t.Fatalf("F26 %s, F53 %s, %v", req.PINCapture, req.Security, err)
			}
		})
	}
}

func TestWrongPINIsAskedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		codes []wire.Code
		typed []string
		want  wire.Code
		sent  int
		texts bool // told in 63.2, as UnionPay has it, and not in words of field 44
	}{
		"right at the second try": {[]wire.Code{"55", "00"}, []string{"1111", "2222"}, "00", 2, false},
		"told in field 63":        {[]wire.Code{"55", "00"}, []string{"1111", "2222"}, "00", 2, true},
		"three wrong ones":        {[]wire.Code{"55", "55", "55"}, []string{"1111", "2222", "3333", "4444"}, "55", 3, false},
		"locked":                  {[]wire.Code{"55", "75"}, []string{"1111", "2222", "3333"}, "75", 2, false},
		"given up":                {[]wire.Code{"55"}, []string{"1111"}, "55", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			w.config.PINEntry, w.pins = true, test.typed
			sent := 0
			w.edit = func(req, ans *wire.Message) {
				if ans.Code = test.codes[sent]; ans.Code != wire.Approved {
					w.undone[req.STAN] = true
					ans.Additional = fmt.Sprintf("PIN tries left %d", 2-sent)
					if test.texts {
						ans.Private63, ans.Additional = "CUP"+ans.Additional, "01980000   48980000   "
					}
				}
				sent++
			}
			w.swipes = []reader.Presentation{good(plainTrack2)}
			out := do(t, w, emulator.Config{}, sale(100))
			if out.Code != test.want || sent != test.sent || w.saved.Open != nil {
				t.Fatalf("%d sent, got %+v", sent, out)
			}
			if out.STAN != fmt.Sprintf("%06d", test.sent) {
				t.Fatalf("the last STAN is %s", out.STAN)
			}
			if test.want == "00" {
				last := w.asked[len(w.asked)-1].Screen.Text()
				if !strings.Contains(last, "还可输入2次") || !strings.Contains(last, "TRIES LEFT: 2") {
					t.Fatalf("asked again with %q", last)
				}
			}
		})
	}
}

func TestPINCancelled(t *testing.T) {
	w := secured(t)
	w.config.PINEntry, w.pins = true, []string{"cancel"}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	before := len(w.wire)
	out := do(t, w, emulator.Config{}, sale(100))
	if out.Result != emulator.Refused || out.Cause != emulator.Cancelled || len(w.wire) != before {
		t.Fatalf("got %+v", out)
	}
}
