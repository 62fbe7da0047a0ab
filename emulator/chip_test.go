package emulator_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

var chipIssuer = sync.OnceValue(func() *emv.IssuerKeys {
	k, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "terminal and chip", RID: emv.RIDUnionPay, Issuer: "621094"})
	if err != nil {
		panic(err)
	}
	return k
})

// chipWorld is a bench whose terminal reads chips and whose host is their issuer.
func chipWorld(t *testing.T) *world {
	w := newWorld(t)
	w.tmk, w.batch = testTMK(t), "000007"
	w.config = emulator.Config{MAC: hsm.MACECB, PINEntry: true, ChipReader: true}
	apps := emulator.DefaultApplications()
	for i := range apps {
		apps[i].FloorLimit = 10_000
	}
	w.config.EMV = emulator.EMV{Applications: apps, CAPKs: emv.CAPKs{chipIssuer().Authority.CAPK()}}
	w.edit = w.issue
	return w
}

// issue answers an ARQC as its issuer: field 55 with the ARPC, and with a script where
// the bench has one.
func (w *world) issue(req, ans *wire.Message) {
	if len(req.Chip) == 0 || req.MTI == wire.MTIReversal || req.MTI == wire.MTIScript || !slices.Contains([]wire.Code{"00", "51"}, ans.Code) {
		return
	}
	tags, err := emv.Parse(req.Chip)
	if err != nil {
		w.t.Fatalf("field 55: %v", err)
	}
	s, keys := w.scheme(req, tags)
	if err := s.Verify(keys, tags); err != nil {
		w.t.Errorf("%s: cryptogram: %v", req.MTI, err)
	}
	if emv.CID(tags.Value(emv.TagCID)[0]).Type() != emv.ARQC {
		return
	}
	proof, err := s.IssuerAuthentication(keys, tags, emv.Answer{ResponseCode: string(ans.Code)})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.wrongARPC {
		proof[0] ^= 1
	}
	ans.Chip = append(emv.New(emv.TagIssuerAuthenticationData, proof).Bytes(), w.script...)
}

func (w *world) scheme(req *wire.Message, tags emv.List) (emv.Scheme, emv.Keys) {
	s, err := emv.SchemeOf(tags.Value(emv.TagDFName), tags.Value(emv.TagIAD))
	if err != nil {
		w.t.Fatal(err)
	}
	keys, err := s.CardKeys(chipIssuer().Master, req.PAN, strings.TrimPrefix(req.CardSequence, "0"))
	if err != nil {
		w.t.Fatal(err)
	}
	return s, keys
}

// inserted is a chip card of the profile, put into the reader.
type inserted struct {
	*icc.Card
	released int
}

func chipCard(t *testing.T, change func(*icc.Profile)) *inserted {
	t.Helper()
	p, err := icc.Shipped("unionpay-debit", icc.Person{Seed: "terminal and chip", Issuer: chipIssuer(), Holder: icc.Holder{
		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, PIN: "1234", ServiceCode: "201", Name: "CANARY/HOLDER"}})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&p)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return &inserted{Card: c}
}

func (c *inserted) presented() *reader.Chip {
	return &reader.Chip{ATR: c.ATR(), Card: c, Release: func() error { c.released++; c.Reset(); return nil }}
}

// noCVM is a card that asks for no verification.
func noCVM(p *icc.Profile) {
	p.Applications[0].CVM = emv.CVMList{Rules: []emv.CVMRule{{Method: emv.CVMNone, Condition: emv.CVMAlways}}}
}

func fault(text string) func(*icc.Profile) {
	return func(p *icc.Profile) {
		f, err := icc.ParseFault(text)
		if err != nil {
			panic(err)
		}
		p.Faults = append(p.Faults, f)
	}
}

func (w *world) do(o emulator.Order) emulator.Outcome {
	w.t.Helper()
	out, err := w.terminal(emulator.Config{}).Do(context.Background(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestChipSale(t *testing.T) {
	w, c := chipWorld(t), chipCard(t, nil)
	w.swipes, w.pins = []reader.Presentation{c.presented()}, []string{"1234"}
	out := w.do(sale(20_000))
	if out.Result != emulator.Approved || out.Code != "00" || out.Entry != "chip" || out.PAN != "6210947000000021" {
		t.Fatalf("got %+v: %s", out, out.Note)
	}
	req := w.seen[len(w.seen)-1]
	if req.EntryMode != "051" || req.CardSequence != "001" || req.Sub60().ReadCapability != "5" || len(req.PINBlock) != 8 ||
		req.Track2 == "" || req.Expiry != "2912" {
		t.Errorf("the request: F22 %s F23 %s F60 %s", req.EntryMode, req.CardSequence, req.Private60)
	}
	if r := out.Chip; !r.TSI.Has(emv.TSIIssuerAuthenticationPerformed) || r.TVR.Has(emv.TVRIssuerAuthenticationFailed) || r.Cryptogram != emv.TC {
		t.Errorf("the card in the end: TVR %s TSI %s %s", r.TVR, r.TSI, r.Cryptogram)
	}
	if c.released != 1 {
		t.Errorf("the card was let go %d times", c.released)
	}
	for _, line := range []string{"621094******0021 /I", "TC:", "AID:A000000333010101", "APP LABEL:PBOC DEBIT"} {
		if !strings.Contains(w.slips[0], line) {
			t.Errorf("the slip lacks %q:\n%s", line, w.slips[0])
		}
	}
}

// The card decides beside the host: each way a chip sale can end, and what moved.
func TestChipSaleEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		card   func(*icc.Profile)
		world  func(*world)
		amount int64
		want   string // result code cause reversal
		wire   string
		net    int64
	}{
		{name: "declined by the host", world: func(w *world) { w.refuse = "51" }, amount: 20_000,
			want: "declined 51  none", wire: ">0800 <  >0200 <"},
		{name: "answer lost", world: func(w *world) { w.lose["0210"] = 1 }, amount: 20_000,
			want: "reversed  no-answer acknowledged", wire: ">0800 <  >0200 >0400 <"},
		{name: "nobody listens", world: func(w *world) { w.down = true }, amount: 20_000,
			want: "refused  host-down none"},
		{name: "approved offline", card: noCVM, amount: 5_000, want: "approved Y1  none", wire: ">0800 <"},
		{name: "declined offline", card: func(p *icc.Profile) { p.Applications[0].Risk.AlwaysDecline = true }, amount: 5_000,
			want: "declined Z1  none", wire: ">0800 <"},
		{name: "expired", card: func(p *icc.Profile) { p.Applications[0].IACDenial = emv.TVR{0, 0x40} }, amount: 20_000,
			world: func(w *world) { w.now = w.now.AddDate(5, 0, 0) }, want: "declined Z1  none", wire: ">0800 <"},
		{name: "card declines after approval", card: func(p *icc.Profile) { p.Applications[0].Risk.DeclineAfterOnline = true }, amount: 20_000,
			want: "reversed 00 card-declined acknowledged", wire: ">0800 <  >0200 < >0400 <"},
		{name: "wrong ARPC", card: func(p *icc.Profile) { p.Applications[0].Risk.NeedsIssuer = true }, amount: 20_000,
			world: func(w *world) { w.wrongARPC = true }, want: "reversed 00 card-declined acknowledged", wire: ">0800 <  >0200 < >0400 <"},
		{name: "pulled out before GENERATE AC", card: fault("pulled-out@AE:1"), amount: 20_000, want: "refused  card-removed none", wire: ">0800 <"},
		{name: "pulled out before the second GENERATE AC", card: fault("pulled-out@AE:2"), amount: 20_000,
			want: "reversed 00 card-declined acknowledged", wire: ">0800 <  >0200 < >0400 <"},
		{name: "blocked card", card: fault("blocked"), amount: 20_000, want: "refused  card-blocked none", wire: ">0800 <"},
		{name: "blocked application", card: fault("application-blocked"), amount: 20_000, want: "refused  card-blocked none", wire: ">0800 <"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, chip := chipWorld(t), chipCard(t, c.card)
			if c.world != nil {
				w.do(emulator.Order{Kind: emulator.SignOn})
				w.swipes, w.pins = []reader.Presentation{chip.presented()}, []string{"1234"}
				c.world(w)
			}
			w.swipes, w.pins = []reader.Presentation{chip.presented()}, []string{"1234"}
			out := w.do(sale(c.amount))
			if got := fmt.Sprintf("%s %s %s %s", out.Result, out.Code, out.Cause, out.Reversal); got != c.want {
				t.Errorf("got %q, want %q: %s", got, c.want, out.Note)
			}
			if w.net() != c.net && !strings.HasPrefix(c.want, "approved") {
				t.Errorf("the host has charged %d, want %d", w.net(), c.net)
			}
			if got := w.passed(); c.wire != "" && strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(c.wire), " ") {
				t.Errorf("wire %q, want %q", got, c.wire)
			}
			if chip.released != 1 {
				t.Errorf("the card was let go %d times", chip.released)
			}
		})
	}
}

// passed is the message types on the wire, without their numbers.
func (w *world) passed() string {
	var all []string
	for _, m := range w.wire {
		all = append(all, strings.Fields(m)[0])
	}
	return strings.Join(all, " ")
}

// A sale that the card approved offline is told of, with its certificate, once the host
// answers, and counts in the settlement.
func TestOfflineSaleIsForwarded(t *testing.T) {
	w := chipWorld(t)
	w.swipes = []reader.Presentation{chipCard(t, noCVM).presented()}
	if out := w.do(sale(5_000)); out.Code != "Y1" || len(w.saved.Offline) != 1 || len(w.saved.Journal) != 1 {
		t.Fatalf("got %+v", out)
	}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	w.do(sale(100))
	if len(w.saved.Offline) != 0 || w.net() != 5_100 {
		t.Errorf("%d stored, the host has charged %d", len(w.saved.Offline), w.net())
	}
	notice := w.seen[len(w.seen)-1]
	if notice.MTI != "0220" || notice.EntryMode != "052" || notice.PAN == "" || len(notice.Chip) == 0 || notice.Time == "" {
		t.Errorf("the notice: %s F22 %s", notice.MTI, notice.EntryMode)
	}
	if out := w.do(emulator.Order{Kind: emulator.Settle}); !out.Settlement.Balanced() || out.Settlement.Totals.Domestic.Debit != 5_100 {
		t.Errorf("settlement: %+v", out.Settlement)
	}
}

// Without a key to keep its number under, no card is approved offline: nobody could be
// told of the sale.
func TestNoOfflineSaleWithoutAKey(t *testing.T) {
	w := chipWorld(t)
	w.tmk, w.batch, w.config.MAC, w.config.PINEntry = hsm.Key{}, "", "", false
	w.swipes = []reader.Presentation{chipCard(t, noCVM).presented()}
	if out := w.do(sale(5_000)); out.Code != "00" || len(w.saved.Offline) != 0 {
		t.Errorf("got %+v", out)
	}
}

// Certificates of what the host approved are uploaded when the batch is settled.
func TestCertificatesAreUploaded(t *testing.T) {
	w := chipWorld(t)
	w.swipes, w.pins = []reader.Presentation{chipCard(t, nil).presented()}, []string{"1234"}
	w.do(sale(20_000))
	out := w.do(emulator.Order{Kind: emulator.Settle})
	if out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	i := slices.IndexFunc(w.seen, func(m wire.Message) bool { return m.Sub60().Network == "203" })
	if i < 0 {
		t.Fatal("no certificate was uploaded")
	}
	m := w.seen[i]
	tags, err := emv.Parse(m.Chip)
	if err != nil || emv.CID(tags.Value(emv.TagCID)[0]).Type() != emv.TC || m.PAN != "6210947000000021" ||
		string(m.Private62) != "610000000000020000156" {
		t.Errorf("F62 %q F55 %v %v", m.Private62, tags, err)
	}
	s, keys := w.scheme(&m, tags)
	if err := s.Verify(keys, tags); err != nil {
		t.Errorf("the certificate: %v", err)
	}
}

// Three failed chip reads make the stripe acceptable, and the message says so (RULES).
func TestFallback(t *testing.T) {
	w := chipWorld(t)
	stripe := good("6210947000000021=29122010000000000")
	mute := chipCard(t, fault("mute"))
	w.swipes = []reader.Presentation{stripe, mute.presented(), mute.presented(), stripe, mute.presented(), stripe}
	out := w.do(sale(20_000))
	if out.Result != emulator.Approved || out.Entry != "swipe" {
		t.Fatalf("got %+v: %s", out, out.Note)
	}
	req := w.seen[len(w.seen)-1]
	if req.EntryMode != "802" || req.Sub60().ICCondition != "2" || len(req.Chip) != 0 {
		t.Errorf("F22 %s F60 %s", req.EntryMode, req.Private60)
	}
	if n := len(out.Reads); n != 6 {
		t.Errorf("%d reads", n)
	}
}

// A chip that answers is never fallen back from.
func TestNoFallbackByChoice(t *testing.T) {
	w := chipWorld(t)
	stripe := good("6210947000000021=29122010000000000")
	w.swipes = []reader.Presentation{stripe, stripe, stripe, stripe}
	if out := w.do(sale(20_000)); out.Cause != emulator.ChipFirst {
		t.Errorf("got %+v", out)
	}
}

// A card that follows up what it paid is read and asked for nothing.
func TestChipVoid(t *testing.T) {
	w := chipWorld(t)
	w.swipes, w.pins = []reader.Presentation{chipCard(t, nil).presented()}, []string{"1234"}
	out := w.do(sale(20_000))
	w.swipes, w.pins = []reader.Presentation{chipCard(t, nil).presented()}, []string{"1234"}
	out = w.do(emulator.Order{Kind: emulator.Void, Original: emulator.Original{Voucher: out.STAN}})
	req := w.seen[len(w.seen)-1]
	if out.Result != emulator.Approved || req.EntryMode != "051" || len(req.Chip) != 0 || req.CardSequence != "001" || w.net() != 0 {
		t.Errorf("got %+v F22 %s net %d", out, req.EntryMode, w.net())
	}
}

func TestWrongOfflinePIN(t *testing.T) {
	w := chipWorld(t)
	chip := chipCard(t, func(p *icc.Profile) {
		p.Applications[0].CVM = emv.CVMList{Rules: []emv.CVMRule{{Method: emv.CVMEncipheredPIN, Condition: emv.CVMAlways}}}
	})
	w.swipes, w.pins = []reader.Presentation{chip.presented()}, []string{"9999", "1234"}
	out := w.do(sale(20_000))
	if out.Result != emulator.Approved || out.Chip.CVM.Outcome() != emv.CVMSuccessful {
		t.Errorf("got %+v CVM %s", out, out.Chip.CVM)
	}
	if req := w.seen[len(w.seen)-1]; req.EntryMode != "052" || len(req.PINBlock) != 0 {
		t.Errorf("an offline PIN went online: F22 %s", req.EntryMode)
	}
}

// The issuer's scripts reach the card, and their results the issuer (0620).
func TestScripts(t *testing.T) {
	w := chipWorld(t)
	command := emv.New(emv.TagScriptCommand, []byte{0x84, 0x1E, 0x00, 0x00, 0x04, 1, 2, 3, 4}) // its MAC is wrong
	w.script = emv.Template(emv.TagScriptTemplate2, emv.New(emv.TagScriptID, []byte{0, 0, 0, 9}), command).Bytes()
	w.swipes, w.pins = []reader.Presentation{chipCard(t, nil).presented()}, []string{"1234"}
	if out := w.do(sale(20_000)); out.Result != emulator.Approved || !out.Chip.TVR.Has(emv.TVRScriptFailedAfter) {
		t.Fatalf("got %+v", out)
	}
	told := w.seen[len(w.seen)-1]
	if told.MTI != "0620" || told.Sub60().Network != "951" || told.RRN == "" || !bytes.Contains(told.Chip, []byte{0xDF, 0x31, 5, 0x11, 0, 0, 0, 9}) ||
		told.STAN == w.seen[len(w.seen)-2].STAN || len(told.Original) < 16 || len(w.saved.Scripts) != 0 {
		t.Errorf("the result: %s F60 %s F61 %s F55 %X", told.MTI, told.Private60, told.Original, told.Chip)
	}
}

// What a script came to goes with the reversal of a sale that the card declines.
func TestReversalTellsOfScripts(t *testing.T) {
	w := chipWorld(t)
	command := emv.New(emv.TagScriptCommand, []byte{0x84, 0x1E, 0x00, 0x00, 0x04, 1, 2, 3, 4})
	w.script = emv.Template(emv.TagScriptTemplate1, emv.New(emv.TagScriptID, []byte{0, 0, 0, 9}), command).Bytes()
	doubts := chipCard(t, func(p *icc.Profile) { p.Applications[0].Risk.DeclineAfterOnline = true })
	w.swipes, w.pins = []reader.Presentation{doubts.presented()}, []string{"1234"}
	out := w.do(sale(20_000))
	i := slices.IndexFunc(w.seen, func(m wire.Message) bool { return m.MTI == wire.MTIReversal })
	if out.Cause != emulator.CardDeclined || i < 0 {
		t.Fatalf("got %+v", out)
	}
	tags, err := emv.Parse(w.seen[i].Chip)
	if err != nil || !bytes.Equal(tags.Value(emv.TagScriptOutcome), []byte{0x11, 0, 0, 0, 9}) || tags.Has(emv.TagCryptogram) ||
		w.seen[i].PAN != "6210947000000021" || w.seen[i].CardSequence != "001" || w.seen[i].Track2 != "" {
		t.Errorf("F55 of the reversal: %X %v", w.seen[i].Chip, err)
	}
}

// Two applications: the cardholder chooses.
func TestChoice(t *testing.T) {
	w := chipWorld(t)
	p, err := icc.Shipped("unionpay-dual", icc.Person{Seed: "terminal and chip", Issuer: chipIssuer(), Holder: icc.Holder{
		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, PIN: "1234", ServiceCode: "201"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	w.swipes, w.pins, w.choice = []reader.Presentation{(&inserted{Card: c}).presented()}, []string{"1234"}, 1
	out := w.do(sale(20_000))
	if out.Result != emulator.Approved || out.Chip.Application.Label != "PBOC CREDIT" {
		t.Errorf("got %+v %s", out, out.Chip.Application.Label)
	}
}
