package kernel

import (
	"context"
	"strings"
	"testing"

	"possim/reader/emv"
)

// finishRow is what becomes of a sale that went online.
type finishRow struct {
	name     string
	alter    func(w world)
	answer   HostAnswer
	tvr, tsi string
	decision Decision
	code     string
	scripts  string
	reverse  bool
	order    string // instructions sent after the first GENERATE AC
}

func (r finishRow) run(t *testing.T) {
	w := world{newChip(), newKernel(), nil}
	tx := newSale()
	w.tx = &tx
	w.give[0] = emv.ARQC
	if r.alter != nil {
		r.alter(w)
	}
	if got := start(t, w.k, w.chip, tx); got.Decision != Online {
		t.Fatalf("start: %s %v", got.Decision, got.Err)
	}
	before := len(w.log)
	got, err := w.k.Finish(t.Context(), r.answer)
	if err != nil {
		t.Fatal(err)
	}
	if got.Decision != r.decision || got.Code != r.code || got.Reverse != r.reverse {
		t.Errorf("got %s %q reverse %v, want %s %q %v (%v)", got.Decision, got.Code, got.Reverse, r.decision, r.code, r.reverse, got.Err)
	}
	if r.tvr != "" && got.TVR.String() != r.tvr || r.tsi != "" && got.TSI.String() != r.tsi {
		t.Errorf("got TVR %s TSI %s, want %s %s", got.TVR, got.TSI, r.tvr, r.tsi)
	}
	if hexText(got.Scripts) != r.scripts {
		t.Errorf("scripts: got %X, want %s", got.Scripts, r.scripts)
	}
	var ins []string
	for _, c := range w.log[before:] {
		ins = append(ins, c[2:4])
	}
	if r.order != "" && strings.Join(ins, " ") != r.order {
		t.Errorf("order: got %s, want %s", ins, r.order)
	}
}

func f55(s string) emv.List {
	l, err := emv.Parse(unhex(s))
	if err != nil {
		panic(err)
	}
	return l
}

func refuse(ins byte, sw ...byte) func(world) {
	return func(w world) {
		w.hook = func(a []byte) []byte {
			if a[1] == ins {
				return sw
			}
			return nil
		}
	}
}

func TestFinish(t *testing.T) {
	const arpc = "910A11223344556677883030"
	const putData = "860884DA9F5803AABBCC"
	proof := f55(arpc)
	noIssuerAuth := aip("7800")
	for _, r := range []finishRow{
		{name: "approved", answer: HostAnswer{Code: "00", F55: proof}, tvr: "0000040000", tsi: "F800", decision: Approved, code: "00", order: "82 AE"},
		{name: "approved, VIP", answer: HostAnswer{Code: "11"}, tsi: "E800", decision: Approved, code: "11", order: "AE"},
		{name: "declined", answer: HostAnswer{Code: "51", F55: proof}, tsi: "F800", decision: Declined, code: "51", order: "82 AE"},
		{name: "no proof", answer: HostAnswer{Code: "00"}, tvr: "0000040000", tsi: "E800", decision: Approved, code: "00", order: "AE"},
		{name: "proof refused, card declines", alter: all(refuse(0x82, 0x63, 0x00), func(w world) { w.give[1] = emv.AAC }),
			answer: HostAnswer{Code: "00", F55: proof}, tvr: "0000040040", tsi: "F800", decision: Declined, code: "00", reverse: true},
		{name: "proof refused, card does not mind", alter: refuse(0x82, 0x63, 0x00), answer: HostAnswer{Code: "00", F55: proof}, tvr: "0000040040", decision: Approved, code: "00"},
		{name: "proof too short", answer: HostAnswer{Code: "00", F55: f55("910411223344")}, tvr: "0000040040", decision: Approved, code: "00", order: "AE"},
		{name: "proof in CDOL2", alter: noIssuerAuth, answer: HostAnswer{Code: "00", F55: proof}, tvr: "0000040000", tsi: "E800", decision: Approved, code: "00", order: "AE"},
		{name: "no answer, default says yes", alter: all(set(emv.TagIACDefault, "0000000000"), func(w world) { w.k.Applications[0].Default = emv.TVR{} }),
			decision: Approved, code: "Y3", order: "AE"},
		{name: "no answer, default says no", alter: func(w world) { w.k.Applications[0].Default = emv.TVR{0, 0, 0x04} }, decision: Declined, code: "Z3"},
		{name: "no answer, card has no default code", alter: set(emv.TagIACDefault, "-"), decision: Declined, code: "Z3"},
		{name: "no answer, online only", alter: all(set(emv.TagIACDefault, "0000000000"), func(w world) {
			w.k.Type, w.k.Applications[0].Default = 0x21, emv.TVR{}
		}), decision: Declined, code: "Z3"},
		{name: "referral without a telephone", answer: HostAnswer{Code: "01"}, decision: Declined, code: "01"},
		{name: "referral, yes", alter: func(w world) {
			w.k.Refer = func(context.Context, string) (bool, error) { return true, nil }
		}, answer: HostAnswer{Code: "02"}, decision: Approved, code: "02"},
		{name: "referral, no", alter: func(w world) {
			w.k.Refer = func(context.Context, string) (bool, error) { return false, nil }
		}, answer: HostAnswer{Code: "02"}, decision: Declined, code: "02"},
		{name: "card declines after approval", alter: func(w world) { w.give[1] = emv.AAC }, answer: HostAnswer{Code: "00"}, decision: Declined, code: "00", reverse: true},
		{name: "card answers ARQC again", alter: func(w world) { w.give[1] = emv.ARQC }, answer: HostAnswer{Code: "00"}, decision: Terminated, code: "00", reverse: true},
		{name: "second GENERATE AC refused", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xAE && w.generated == 1 {
					return []byte{0x69, 0x85}
				}
				return nil
			}
		}, answer: HostAnswer{Code: "00"}, decision: Terminated, code: "00", reverse: true},
		{name: "script before", answer: HostAnswer{Code: "00", F55: f55("7111" + "9F180412345678" + putData)}, tvr: "0000040000", tsi: "EC00",
			decision: Approved, code: "00", scripts: "2012345678", order: "DA AE"},
		{name: "script after", answer: HostAnswer{Code: "00", F55: f55("7211" + "9F180412345678" + putData)}, tvr: "0000040000", tsi: "EC00",
			decision: Approved, code: "00", scripts: "2012345678", order: "AE DA"},
		{name: "script before fails at its second command", alter: refuse(0x1E, 0x69, 0x82),
			answer: HostAnswer{Code: "00", F55: f55("711B" + putData + "8605841E000000" + putData)}, tvr: "0000040020", tsi: "EC00",
			decision: Approved, code: "00", scripts: "1200000000", order: "DA 1E AE"},
		{name: "script after fails", alter: refuse(0xDA, 0x69, 0x82), answer: HostAnswer{Code: "00", F55: f55("720A" + putData)}, tvr: "0000040010",
			decision: Approved, code: "00", scripts: "1100000000", order: "AE DA"},
		{name: "a warning is no error", alter: refuse(0xDA, 0x62, 0x00), answer: HostAnswer{Code: "00", F55: f55("720A" + putData)}, tvr: "0000040000",
			decision: Approved, code: "00", scripts: "2000000000"},
		{name: "two scripts, the first fails", alter: refuse(0x1E, 0x69, 0x82), answer: HostAnswer{Code: "00", F55: f55("7107" + "8605841E000000" + "710A" + putData)},
			tvr: "0000040020", decision: Approved, code: "00", scripts: "1100000000" + "2000000000", order: "1E DA AE"},
		{name: "script without commands", answer: HostAnswer{Code: "00", F55: f55("71079F180412345678")}, tvr: "0000040020",
			decision: Approved, code: "00", scripts: "0012345678"},
		{name: "script that is none", answer: HostAnswer{Code: "00", F55: emv.List{emv.New(emv.TagScriptTemplate1, unhex("86FF"))}}, tvr: "0000040020",
			decision: Approved, code: "00", scripts: "0000000000"},
		{name: "script command cut short", answer: HostAnswer{Code: "00", F55: f55("7105860384DA9F")}, tvr: "0000040020",
			decision: Approved, code: "00", scripts: "1100000000"},
		{name: "CDA in both", alter: aip("7D00"), answer: HostAnswer{Code: "00"}, tvr: "0000040000", tsi: "E800", decision: Approved, code: "00", order: "AE"},
		{name: "CDA fails in the second", alter: all(aip("7D00"), func(w world) {
			w.lie = func(ins byte, a []byte) []byte {
				if ins == 0xAE && w.generated == 2 {
					a[len(a)-10] ^= 1
				}
				return a
			}
		}), answer: HostAnswer{Code: "00"}, tvr: "0400040000", decision: Declined, code: "00", reverse: true},
	} {
		t.Run(r.name, r.run)
	}
}

// A second GENERATE AC carries what the issuer said and the TVR as it then stands.
func TestCDOL2CarriesTheAnswer(t *testing.T) {
	c, k := newChip(), newKernel()
	refuse(0x82, 0x63, 0x00)(world{chip: c})
	start(t, k, c, newSale())
	if _, err := k.Finish(t.Context(), HostAnswer{Code: "00", F55: f55("910A11223344556677883030")}); err != nil {
		t.Fatal(err)
	}
	last := c.log[len(c.log)-1]
	want := "80AE400029" + "3030" + "11223344556677883030" + "000000001234" + "000000000000" + "0156" + "0000040040" + "0156" + "260601" + "00"
	if !strings.HasPrefix(last, want) {
		t.Errorf("got %s, want %s...", last, want)
	}
}

func TestPulledOut(t *testing.T) {
	for _, c := range []struct {
		name     string
		at       int // the command that gets no answer
		decision Decision
		reverse  bool
	}{
		{"at SELECT", 1, Fallback, false},
		{"before GENERATE AC", 8, Fallback, false},
		{"at the first GENERATE AC", 9, Terminated, false},
		{"at EXTERNAL AUTHENTICATE", 10, Terminated, true},
		{"at the second GENERATE AC", 11, Terminated, true},
		{"at the script that follows", 12, Approved, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, k := newChip(), newKernel()
			card.fail = map[int]error{c.at: errPulled}
			r := start(t, k, card, newSale())
			if r.Decision == Online {
				var err error
				r, err = k.Finish(t.Context(), HostAnswer{Code: "00", F55: f55("910A11223344556677883030" + "720A860884DA9F5803AABBCC")})
				if err != nil {
					t.Fatal(err)
				}
			}
			if r.Decision != c.decision || r.Reverse != c.reverse || r.Err == nil {
				t.Errorf("got %s %v %v, want %s %v (%s)", r.Decision, r.Reverse, r.Err, c.decision, c.reverse, card.log)
			}
		})
	}
}

func TestFinishNeedsAStart(t *testing.T) {
	k := newKernel()
	if _, err := k.Finish(t.Context(), HostAnswer{Code: "00"}); err == nil {
		t.Error("Finish without Start has no error")
	}
	c := newChip()
	start(t, k, c, newSale())
	if _, err := k.Finish(t.Context(), HostAnswer{Code: "00"}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Finish(t.Context(), HostAnswer{Code: "00"}); err == nil {
		t.Error("a second Finish has no error")
	}
}

// A decline for a broken CDA signature stands though the card is gone when it is told.
func TestDistrustOutlivesTheCard(t *testing.T) {
	c, k := newChip(), newKernel()
	breakCDA(world{chip: c})
	aip("7D00")(world{chip: c})
	c.fail = map[int]error{9: errPulled}
	r := start(t, k, c, newSale())
	if r.Decision != Declined || r.Code != emv.OfflineDeclined || !r.TVR.Has(emv.TVRCDAFailed) || c.log[8][:4] != "80AE" {
		t.Errorf("got %s %s TVR %s: %v", r.Decision, r.Code, r.TVR, c.log)
	}
}

func TestReferralThatFails(t *testing.T) {
	c, k := newChip(), newKernel()
	k.Refer = func(context.Context, string) (bool, error) { return false, errPulled }
	start(t, k, c, newSale())
	if r, err := k.Finish(t.Context(), HostAnswer{Code: "01"}); err == nil || r.Decision != Terminated || r.Cause != CauseTerminal {
		t.Errorf("got %s %s, error %v", r.Decision, r.Cause, err)
	}
}
