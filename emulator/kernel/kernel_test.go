package kernel

import (
	"strings"
	"testing"

	"possim/reader/emv"
)

// world is what a row may change before it runs.
type world struct {
	*chip
	k  *Kernel
	tx *Transaction
}

// row is card data and terminal data, and what must come of them at the end of Start.
type row struct {
	name          string
	alter         func(w world)
	tvr, tsi, cvm string
	decision      Decision
	cause         Cause
	code          string
	has           string // a command that must have been sent, by its first bytes
	hasNot        string
}

func (r row) run(t *testing.T) {
	w := world{newChip(), newKernel(), nil}
	tx := newSale()
	w.tx = &tx
	if r.alter != nil {
		r.alter(w)
	}
	got := start(t, w.k, w.chip, tx)
	if got.Decision != r.decision || got.Cause != r.cause || got.Code != r.code {
		t.Errorf("got %s %q %q, want %s %q %q (%v)", got.Decision, got.Cause, got.Code, r.decision, r.cause, r.code, got.Err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"TVR", got.TVR.String(), r.tvr}, {"TSI", got.TSI.String(), r.tsi}, {"CVM results", hexText(got.CVM[:]), r.cvm},
	} {
		if c.want != "" && c.got != c.want {
			t.Errorf("%s: got %s, want %s (%v)", c.what, c.got, c.want, got.Err)
		}
	}
	sent := strings.Join(w.log, " ") + " "
	if !strings.Contains(" "+sent, " "+r.has) {
		t.Errorf("%s was never sent: %s", r.has, sent)
	}
	if r.hasNot != "" && strings.Contains(" "+sent, " "+r.hasNot) {
		t.Errorf("%s was sent: %s", r.hasNot, sent)
	}
}

func runRows(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, r.run)
	}
}

// set puts an object into the card's signed record, or takes it out.
func set(tag emv.Tag, value string) func(world) {
	return func(w world) {
		if value != "-" {
			w.data.Set(tag, unhex(value))
			return
		}
		for i, o := range w.data {
			if o.Tag == tag {
				w.data = append(w.data[:i:i], w.data[i+1:]...)
				return
			}
		}
	}
}

func all(fs ...func(world)) func(world) {
	return func(w world) {
		for _, f := range fs {
			f(w)
		}
	}
}

func aip(s string) func(world) {
	return func(w world) { w.aip, _ = emv.ParseAIP(unhex(s)) }
}

func amount(fen int64) func(world) { return func(w world) { w.tx.Amount.Minor = fen } }

func TestOfflineDataAuthentication(t *testing.T) {
	const dda, sda, cda = "7C00", "5C00", "7D00"
	runRows(t, []row{
		{name: "DDA", tvr: "0000040000", tsi: "E800", cvm: "420300", decision: Online, has: "00880000"},
		{name: "SDA", alter: aip(sda), tvr: "0200040000", tsi: "E800", decision: Online, hasNot: "00880000"},
		{name: "CDA", alter: aip(cda), tvr: "0000040000", tsi: "E800", decision: Online, has: "80AE9000"},
		{name: "none in common", alter: aip("1C00"), tvr: "8000040000", tsi: "6800", decision: Online},
		{name: "terminal can do SDA alone", alter: func(w world) { w.k.Capabilities[2] = 0x80 }, tvr: "0200040000", decision: Online},
		{name: "authority unknown, DDA", alter: func(w world) { w.k.CAPKs = nil }, tvr: "0800040000", tsi: "E800", decision: Online, hasNot: "00880000"},
		{name: "authority unknown, SDA", alter: all(aip(sda), func(w world) { w.k.CAPKs = nil }), tvr: "4200040000", tsi: "E800", decision: Online},
		{name: "authority unknown, CDA", alter: all(aip(cda), func(w world) { w.k.CAPKs = nil }), tvr: "0400040000", tsi: "E800", decision: Online, has: "80AE8000"},
		{name: "certificate for other data", alter: func(w world) {
			w.lie = func(ins byte, a []byte) []byte {
				if ins == 0xB2 && strings.Contains(hexText(a), "5F340101") {
					return unhex(strings.Replace(hexText(a), "5F340101", "5F340102", 1))
				}
				return a
			}
		}, tvr: "0800040000", tsi: "E800", decision: Online},
		{name: "no certificate at all", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xB2 && a[3] == 0x1C {
					return ok(unhex("7003" + "8F01E0"))
				}
				return nil
			}
		}, tvr: "2800040000", tsi: "E800", decision: Online},
		{name: "issuer revoked", alter: func(w world) {
			w.k.Revoked = func(emv.RID, byte, [3]byte) bool { return true }
		}, tvr: "0800040000", decision: Online},
		{name: "certificate expired", alter: func(w world) { w.until.Year, w.until.Month = 2026, 5 }, tvr: "0800040000", decision: Online},
		{name: "dynamic signature of other data", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] != 0x88 {
					return nil
				}
				sig, _ := testKey().SignDynamic([]byte{7}, []byte{1, 2, 3, 4})
				return ok(emv.New(emv.TagResponseFormat1, sig).Bytes())
			}
		}, tvr: "0800040000", tsi: "E800", decision: Online},
		{name: "DDOL without the unpredictable number", alter: set(emv.TagDDOL, "9A03"), tvr: "0800040000", decision: Online, hasNot: "00880000"},
		{name: "DDOL of the card", alter: set(emv.TagDDOL, "9F37049A03"), tvr: "0000040000", decision: Online, has: "0088000007"},
		{name: "INTERNAL AUTHENTICATE refused", alter: func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0x88 {
					return []byte{0x69, 0x85}
				}
				return nil
			}
		}, tvr: "0800000000", tsi: "8000", decision: Fallback, cause: CauseStatus},
		{name: "CDA signature broken: TC declined", alter: all(aip(cda), set(emv.TagCVMList, "00000000000000001F00"), breakCDA),
			tvr: "0400000000", tsi: "E800", decision: Declined, code: "Z1"},
		{name: "CDA signature broken: ARQC ends in an AAC", alter: all(aip(cda), breakCDA), tvr: "0400040000", decision: Declined, code: "Z1", has: "80AE0000"},
		{name: "CDA asked for, card declines", alter: all(aip(cda), func(w world) { w.give[0] = emv.AAC }), tvr: "8000040000", tsi: "6800", decision: Declined, code: "Z1"},
	})
}

// breakCDA turns a bit of the signature in a cryptogram.
func breakCDA(w world) {
	w.lie = func(ins byte, a []byte) []byte {
		if ins == 0xAE && len(a) > 60 {
			a[len(a)-10] ^= 1
		}
		return a
	}
}

func TestRestrictions(t *testing.T) {
	runRows(t, []row{
		{name: "another version", alter: set(emv.TagCardVersion, "0020"), tvr: "0080040000", decision: Online},
		{name: "no version", alter: set(emv.TagCardVersion, "-"), tvr: "0000040000", decision: Online},
		{name: "expired", alter: set(emv.TagExpirationDate, "260531"), tvr: "0040040000", decision: Online},
		{name: "last day", alter: set(emv.TagExpirationDate, "260601"), tvr: "0000040000", decision: Online},
		{name: "expired in the last century", alter: set(emv.TagExpirationDate, "991231"), tvr: "0040040000", decision: Online},
		{name: "not yet effective", alter: set(emv.TagEffectiveDate, "260602"), tvr: "0020040000", decision: Online},
		{name: "effective today", alter: set(emv.TagEffectiveDate, "260601"), tvr: "0000040000", decision: Online},
		{name: "not outside ATMs", alter: set(emv.TagAUC, "FEC0"), tvr: "0010040000", decision: Declined, code: "Z1", has: "80AE0000"},
		{name: "abroad, domestic only", alter: all(set(emv.TagAUC, "ABC0"), set(emv.TagIssuerCountry, "0840")), tvr: "0010040000", decision: Declined, code: "Z1"},
		{name: "at home, domestic only", alter: set(emv.TagAUC, "ABC0"), tvr: "0000040000", decision: Online},
		{name: "country unknown", alter: all(set(emv.TagAUC, "0100"), set(emv.TagIssuerCountry, "-")), tvr: "0000040000", decision: Online},
		{name: "cash not allowed", alter: all(set(emv.TagAUC, "3FC0"), func(w world) { w.tx.Type = Cash }), tvr: "0010040000", decision: Declined, code: "Z1"},
		{name: "cash back not allowed", alter: all(set(emv.TagAUC, "FF00"), func(w world) { w.tx.Other = 100 }), tvr: "0010040000", decision: Declined, code: "Z1"},
		{name: "no usage control", alter: set(emv.TagAUC, "-"), tvr: "0000040000", decision: Online},
	})
}

func TestRiskManagement(t *testing.T) {
	quiet := set(emv.TagCVMList, "00000000000000001F00")
	limits := all(quiet, set(emv.TagLowerOfflineLimit, "03"), set(emv.TagUpperOfflineLimit, "06"))
	counters := func(atc, last int) func(world) { return func(w world) { w.atc, w.last = atc, last } }
	runRows(t, []row{
		{name: "nothing to say: approved offline", alter: quiet, tvr: "0000000000", tsi: "E800", cvm: "1F0002", decision: Approved, code: "Y1", has: "80AE4000"},
		{name: "at the floor", alter: all(quiet, amount(100000)), tvr: "0000008000", decision: Online, has: "80AE8000"},
		{name: "just under the floor", alter: all(quiet, amount(99999)), tvr: "0000000000", decision: Approved, code: "Y1"},
		{name: "split sale", alter: all(quiet, func(w world) {
			w.k.Recent = func(cardPAN, string) int64 { return 99000 }
		}), tvr: "0000008000", decision: Online},
		{name: "selected at random", alter: all(quiet, func(w world) { w.k.Applications[0].Target = 99 }), tvr: "0000001000", decision: Online},
		{name: "biased: over the threshold the maximum counts", alter: all(quiet, amount(99999), func(w world) {
			w.k.Applications[0].MaxTarget, w.k.Applications[0].Threshold = 99, 100
		}), tvr: "0000001000", decision: Online},
		{name: "biased: under the threshold it does not", alter: all(quiet, amount(99), func(w world) {
			w.k.Applications[0].MaxTarget, w.k.Applications[0].Threshold = 99, 100
		}), tvr: "0000000000", decision: Approved, code: "Y1"},
		{name: "forced online", alter: all(quiet, func(w world) { w.tx.ForceOnline = true }), tvr: "0000000800", decision: Online},
		{name: "exception file", alter: all(quiet, func(w world) {
			w.k.Hot = func(p cardPAN, seq string) bool { return p.Reveal() == testPAN && seq == "01" }
			w.k.Applications[0].Denial = emv.TVR{0x10}
		}), tvr: "1000000000", decision: Declined, code: "Z1"},
		{name: "velocity: within", alter: all(limits, counters(7, 4)), tvr: "0000000000", decision: Approved, code: "Y1", has: "80CA9F13"},
		{name: "velocity: lower exceeded", alter: all(limits, counters(8, 4)), tvr: "0000004000", decision: Online},
		{name: "velocity: both exceeded", alter: all(limits, counters(11, 4)), tvr: "0000006000", decision: Online},
		{name: "velocity: counter runs backwards", alter: all(limits, counters(4, 4)), tvr: "0000006000", decision: Online},
		{name: "velocity: new card", alter: all(limits, counters(1, 0)), tvr: "0008000000", decision: Approved, code: "Y1"},
		{name: "velocity: counters not given", alter: all(limits, func(w world) {
			w.hook = func(a []byte) []byte {
				if a[1] == 0xCA {
					return []byte{0x6A, 0x88}
				}
				return nil
			}
		}), tvr: "0000006000", decision: Online},
		{name: "velocity: one limit alone", alter: all(quiet, set(emv.TagLowerOfflineLimit, "00")), tvr: "0000000000", decision: Approved, code: "Y1", hasNot: "80CA9F36"},
		{name: "card asks for none", alter: all(quiet, aip("7400"), amount(100000)), tvr: "0000000000", tsi: "E000", decision: Approved, code: "Y1"},
	})
}
