package kernel

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"possim/reader/emv"
)

// app is an application of a deck of cards with several.
type app struct {
	aid      string
	priority byte
	blocked  bool
	refuses  bool // GET PROCESSING OPTIONS answers 6985
}

// several makes a card have these applications, in a directory or without one.
func several(c *chip, directory bool, apps ...app) {
	var chosen string
	c.pse = directory
	next := 0
	c.hook = func(a []byte) []byte {
		switch {
		case a[1] == 0xA4 && string(a[5:5+a[4]]) != pseName:
			prefix := a[5 : 5+a[4]]
			if a[3] == 0 {
				next = 0
			}
			for ; next < len(apps); next++ {
				if !bytes.HasPrefix(unhex(apps[next].aid), prefix) {
					continue
				}
				x := apps[next]
				next++
				chosen = x.aid
				sw := []byte{0x90, 0}
				if x.blocked {
					sw = []byte{0x62, 0x83}
				}
				return append(emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, unhex(x.aid)), emv.Template(emv.TagFCIProprietary,
					emv.New(emv.TagApplicationLabel, []byte("APP "+x.aid[len(x.aid)-2:])), emv.New(emv.TagPriorityIndicator, []byte{x.priority}))).Bytes(), sw...)
			}
			return []byte{0x6A, 0x82}
		case a[1] == 0xB2 && a[3]>>3 == 1:
			if int(a[2]) > len(apps) {
				return []byte{0x6A, 0x83}
			}
			x := apps[a[2]-1]
			return ok(emv.Template(emv.TagRecordTemplate, emv.Template(emv.TagApplicationTemplate, emv.New(emv.TagADFName, unhex(x.aid)),
				emv.New(emv.TagPriorityIndicator, []byte{x.priority}))).Bytes())
		case a[1] == 0xA8:
			for _, x := range apps {
				if x.aid == chosen && x.refuses {
					return []byte{0x69, 0x85}
				}
			}
		}
		return nil
	}
}

func TestSelection(t *testing.T) {
	const one, two, credit = "A000000333010101", "A000000333010102", "A000000333010103"
	const foreign = "A0000000031010"
	for _, c := range []struct {
		name   string
		apps   []app
		choose func([]Candidate) int
		want   string // the AID chosen, or the cause
		asked  int
	}{
		{name: "by priority", apps: []app{{aid: one, priority: 2}, {aid: two, priority: 1}}, want: two},
		{name: "without priority comes last", apps: []app{{aid: one}, {aid: two, priority: 9}}, want: two},
		{name: "not the terminal's", apps: []app{{aid: foreign, priority: 1}, {aid: one, priority: 2}}, want: one},
		{name: "nothing in common", apps: []app{{aid: foreign, priority: 1}}, want: "no-application"},
		{name: "one that needs no word before one that does", apps: []app{{aid: one, priority: 0x81}, {aid: two, priority: 2}}, want: two},
		{name: "confirmation, and nobody to ask", apps: []app{{aid: one, priority: 0x81}}, want: "refused"},
		{name: "confirmed", apps: []app{{aid: one, priority: 0x81}}, choose: func([]Candidate) int { return 0 }, want: one, asked: 1},
		{name: "refused", apps: []app{{aid: one, priority: 0x81}}, choose: func([]Candidate) int { return -1 }, want: "refused", asked: 1},
		{name: "one, nothing to ask", apps: []app{{aid: one, priority: 1}}, choose: func([]Candidate) int { return 0 }, want: one},
		{name: "chosen", apps: []app{{aid: one, priority: 1}, {aid: two, priority: 2}}, choose: func(l []Candidate) int {
			return slices.IndexFunc(l, func(c Candidate) bool { return hexText(c.AID) == two })
		}, want: two, asked: 1},
		{name: "the first refuses the transaction", apps: []app{{aid: one, priority: 1, refuses: true}, {aid: two, priority: 2}}, want: two},
		{name: "all refuse", apps: []app{{aid: one, priority: 1, refuses: true}, {aid: two, priority: 2, refuses: true}}, want: "no-application"},
		{name: "the first is blocked", apps: []app{{aid: one, priority: 1, blocked: true}, {aid: two, priority: 2}}, want: two},
		{name: "all blocked", apps: []app{{aid: one, priority: 1, blocked: true}, {aid: credit, blocked: true}}, want: "application-blocked"},
	} {
		for _, directory := range []bool{true, false} {
			t.Run(c.name+map[bool]string{true: ", PSE", false: ", list"}[directory], func(t *testing.T) {
				card, k, asked := newChip(), newKernel(), 0
				several(card, directory, c.apps...)
				if c.choose != nil {
					k.Choose = func(_ context.Context, l []Candidate) (int, error) {
						asked++
						return c.choose(l), nil
					}
				}
				r := start(t, k, card, newSale())
				got := hexText(r.Application.AID)
				if r.Cause != "" {
					got = string(r.Cause)
				}
				if got != c.want || asked != c.asked {
					t.Errorf("got %s, asked %d times, want %s, %d (%v)\n%s", got, asked, c.want, c.asked, r.Err, card.log)
				}
			})
		}
	}
}

func TestSelectionStatus(t *testing.T) {
	runRows(t, []row{
		{name: "card blocked", alter: refuse(0xA4, 0x6A, 0x81), decision: Terminated, cause: CauseCardBlocked, hasNot: "80A8"},
		{name: "no directory", alter: func(w world) { w.pse = false }, decision: Online, has: "00A4040005A00000033300", tvr: "0000040000"},
		{name: "terminal without directory", alter: func(w world) { w.k.SkipPSE = true }, decision: Online, hasNot: "00A404000E"},
		{name: "exact name only", alter: func(w world) {
			w.pse = false
			w.k.Applications[0].AID, w.k.Applications[0].Partial = testAID, false
		}, decision: Online, hasNot: "00A40402"},
		{name: "directory of nonsense", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xB2 && a[3]>>3 == 1 {
					return ok(unhex("7005FFFF"))
				}
				return nil
			}
		}, decision: Online, has: "00A4040005A000000333"},
		{name: "directory without end", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xB2 && a[3]>>3 == 1 {
					return ok(unhex("700A61084F06A00000033301"))
				}
				return nil
			}
		}, decision: Terminated, cause: CauseNoApplication},
		{name: "PDOL of nonsense", alter: func(w world) { w.fci.Set(emv.TagPDOL, unhex("9F")) }, decision: Fallback, cause: CauseFormat},
		{name: "PDOL too long", alter: func(w world) { w.fci.Set(emv.TagPDOL, unhex("9F02FF9F03FF")) }, decision: Fallback, cause: CauseFormat},
		{name: "no PDOL", alter: func(w world) { w.fci = w.fci[:2] }, decision: Online, has: "80A8000002830000"},
		{name: "format 1", alter: func(w world) { w.format1 = true }, decision: Online, tvr: "0000040000"},
		{name: "options refused", alter: refuse(0xA8, 0x69, 0x84), decision: Fallback, cause: CauseStatus},
		{name: "no AFL", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xA8 {
					return ok(unhex("770482027C00"))
				}
				return nil
			}
		}, decision: Terminated, cause: CauseDataMissing, tvr: "2000000000"},
		{name: "AFL of nonsense", alter: refuse(0xA8, unhex("80067C00100000009000")...), decision: Terminated, cause: CauseDataMissing, tvr: "2000000000"},
		{name: "record missing", alter: refuse(0xB2, 0x6A, 0x83), decision: Fallback, cause: CauseStatus},
		{name: "no number", alter: set(emv.TagPAN, "-"), decision: Terminated, cause: CauseDataMissing, tvr: "2000000000"},
		{name: "no expiry", alter: set(emv.TagExpirationDate, "-"), decision: Terminated, cause: CauseDataMissing, tvr: "2000000000"},
		{name: "no CDOL2", alter: set(emv.TagCDOL2, "-"), decision: Terminated, cause: CauseDataMissing, tvr: "2000000000"},
		{name: "expiry that is no date", alter: set(emv.TagExpirationDate, "291332"), decision: Terminated, cause: CauseFormat},
		{name: "number that is none", alter: set(emv.TagPAN, "62AB"), decision: Terminated, cause: CauseFormat},
		{name: "an object twice", alter: func(w world) { w.data.Add(emv.TagPANSequence, []byte{1}) }, decision: Terminated, cause: CauseFormat},
		{name: "a card that says the terminal's data", alter: set(emv.TagAmountAuthorised, "000000000001"), decision: Online, has: "80AE800022000000001234"},
		{name: "one byte", alter: func(w world) { w.lie = func(byte, []byte) []byte { return []byte{0x90} } }, decision: Fallback, cause: CauseFormat},
		{name: "nothing", alter: func(w world) { w.lie = func(byte, []byte) []byte { return nil } }, decision: Fallback, cause: CauseFormat},
		{name: "always more", alter: func(w world) { w.lie = func(byte, []byte) []byte { return []byte{0x61, 0x10} } }, decision: Fallback, cause: CauseFormat},
		{name: "always another length", alter: func(w world) { w.lie = func(byte, []byte) []byte { return []byte{0x6C, 0x10} } }, decision: Fallback, cause: CauseFormat},
	})
}

func TestGenerateAC(t *testing.T) {
	give := func(answer string) func(world) { return refuse(0xAE, unhex(answer)...) }
	quiet := set(emv.TagCVMList, "00000000000000001F00")
	runRows(t, []row{
		{name: "the card goes online where a TC was asked for", alter: all(quiet, func(w world) { w.give[0] = emv.ARQC }), decision: Online},
		{name: "the card declines", alter: all(quiet, func(w world) { w.give[0] = emv.AAC }), decision: Declined, code: "Z1"},
		{name: "a TC where an ARQC was asked for", alter: give("800B4000060102030405060708 9000"), decision: Terminated, cause: CauseCryptogramType},
		{name: "a referral of old", alter: give("800BC000060102030405060708 9000"), decision: Terminated, cause: CauseCryptogramType},
		{name: "format 1 too short", alter: give("800A80000601020304050607 9000"), decision: Terminated, cause: CauseFormat},
		{name: "format 2 without ATC", alter: give("770F9F2701809F26080102030405060708 9000"), decision: Terminated, cause: CauseDataMissing},
		{name: "format 2 without cryptogram", alter: give("77099F2701809F36020006 9000"), decision: Terminated, cause: CauseDataMissing},
		{name: "another template", alter: give("7003010101 9000"), decision: Terminated, cause: CauseFormat},
		{name: "refused", alter: give("6985"), decision: Terminated, cause: CauseConditions},
		{name: "offline only terminal, defaults", alter: func(w world) { w.k.Type = 0x23 }, decision: Approved, code: "Y1", tvr: "0000040000"},
		{name: "offline only terminal, defaults say no", alter: func(w world) {
			w.k.Type = 0x23
			w.k.Applications[0].Default = emv.TVR{0, 0, 0x04}
		}, decision: Declined, code: "Z1"},
		{name: "online only terminal", alter: all(quiet, func(w world) { w.k.Type = 0x21 }), decision: Online, tvr: "0000000000"},
		{name: "no online code on the card", alter: all(set(emv.TagIACOnline, "-"), quiet, set(emv.TagCardVersion, "0020"), func(w world) {
			w.k.Applications[0].Online = emv.TVR{}
		}), decision: Online, tvr: "0080000000"},
		{name: "TC hash, the card's TDOL", alter: all(set(emv.TagCDOL1, "9814"), set(emv.TagTDOL, "9F0206")), decision: Online, tvr: "0000040000",
			has: "80AE800014"},
		{name: "TC hash, the terminal's TDOL", alter: set(emv.TagCDOL1, "9814"), decision: Online, tvr: "0000040080"},
	})
}

// T=0: data is fetched with GET RESPONSE, and a wrong length is said again.
func TestProcedureBytes(t *testing.T) {
	c, k := newChip(), newKernel()
	var waiting []byte
	c.hook = func(a []byte) []byte {
		if a[1] == 0xC0 {
			if int(a[4]) != len(waiting) {
				t.Errorf("GET RESPONSE asks for %d bytes of %d", a[4], len(waiting))
			}
			return ok(waiting)
		}
		out := c.answer(a)
		data := out[:len(out)-2]
		switch {
		case len(data) == 0 || len(data) > 255:
			return out
		case len(a) == 5 && int(a[4]) != len(data):
			return []byte{0x6C, byte(len(data))}
		case len(a) > 5:
			waiting = data
			return []byte{0x61, byte(len(data))}
		}
		return out
	}
	if r := start(t, k, c, newSale()); r.Decision != Online || r.TVR.String() != "0000040000" {
		t.Errorf("got %s %s (%v)", r.Decision, r.TVR, r.Err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, k := newChip(), newKernel()
	k.PIN = func(context.Context, PINRequest) (PINEntry, error) { cancel(); return PINEntry{}, ctx.Err() }
	r, err := k.Start(ctx, c, newSale())
	if !errors.Is(err, context.Canceled) || r.Decision != Terminated || r.Cause != CauseCancelled {
		t.Errorf("got %s %s, error %v", r.Decision, r.Cause, err)
	}
}

// mute is a card whose answer never comes.
type mute struct{}

func (mute) Transmit(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// late is a context whose deadline has passed.
type late struct{ context.Context }

func (late) Done() <-chan struct{} { c := make(chan struct{}); close(c); return c }
func (late) Err() error            { return context.DeadlineExceeded }

func TestMuteEndsByDeadline(t *testing.T) {
	r, err := newKernel().Start(late{t.Context()}, mute{}, newSale())
	if err != nil || r.Decision != Fallback || r.Cause != CauseNoAnswer || !errors.Is(r.Err, context.DeadlineExceeded) {
		t.Errorf("got %s %s %v, error %v", r.Decision, r.Cause, r.Err, err)
	}
}

func TestTerminalsOwnFailures(t *testing.T) {
	boom := errors.New("boom")
	for name, alter := range map[string]func(w world){
		"no randomness":       func(w world) { w.k.Random = strings.NewReader("abc") },
		"no application":      func(w world) { w.k.Applications = nil },
		"AID too short":       func(w world) { w.k.Applications[0].AID = []byte{1} },
		"no time":             func(w world) { *w.tx = Transaction{} },
		"cash back too large": func(w world) { w.tx.Other = 5000 },
		"negative amount":     func(w world) { w.tx.Amount.Minor = -1 },
		"pad fails": func(w world) {
			w.k.PIN = func(context.Context, PINRequest) (PINEntry, error) { return PINEntry{}, boom }
		},
		"no digits from the pad": func(w world) {
			list("0103")(w)
			w.k.PIN = func(context.Context, PINRequest) (PINEntry, error) { return PINEntry{}, nil }
		},
		"choice fails": func(w world) {
			several(w.chip, true, app{aid: hexText(testAID), priority: 0x81})
			w.k.Choose = func(context.Context, []Candidate) (int, error) { return 0, boom }
		},
		"choice out of range": func(w world) {
			several(w.chip, true, app{aid: hexText(testAID), priority: 0x81})
			w.k.Choose = func(context.Context, []Candidate) (int, error) { return 1, nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			tx := newSale()
			w := world{newChip(), newKernel(), &tx}
			alter(w)
			if r, err := w.k.Start(t.Context(), w.chip, tx); err == nil || r.Decision != Terminated || r.Cause != CauseTerminal {
				t.Errorf("got %s %s, error %v", r.Decision, r.Cause, err)
			}
		})
	}
}
