package kernel_test

import (
	"bytes"
	"testing"

	"possim/emulator/kernel"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

func fault(text string) func(*tapped) {
	return func(w *tapped) {
		f, err := icc.ParseFault(text)
		if err != nil {
			panic(err)
		}
		w.p.Faults = append(w.p.Faults, f)
	}
}

// says has the card answer an instruction with a status word, each time or from the nth on.
func says(ins byte, sw uint16, from int) func(*tapped) {
	return func(w *tapped) {
		n := 0
		w.lie = func(command, answer []byte) []byte {
			if command[1] == ins {
				if n++; n >= from {
					return []byte{byte(sw >> 8), byte(sw)}
				}
			}
			return answer
		}
	}
}

// replaced changes bytes in the records of a tap.
func replaced(old, with []byte) func(*tapped) {
	return func(w *tapped) {
		w.lie = func(command, answer []byte) []byte {
			if command[1] == 0xB2 {
				return bytes.Replace(answer, old, with, 1)
			}
			return answer
		}
	}
}

// A card that approves has to prove that it did, in this transaction.
func TestTapSignature(t *testing.T) {
	online, other := ctq(emv.CTQOnlineIfODAFailed), ctq(emv.CTQSwitchIfODAFailed)
	both := ctq(emv.CTQOnlineIfODAFailed, emv.CTQSwitchIfODAFailed)
	offline := func(w *tapped) { w.k.Type = 0x23 }
	wrong := fault("wrong-certificate")
	const why, otherWhy = "issuer public key certificate", "other-interface authentication  3F0000"
	related := []byte{0x9F, 0x69, 0x08, 0x01}
	runTaps(t, []taps{
		{name: "wrong certificate", alter: wrong, want: declinedTap, why: why},
		{name: "and the card wants its issuer asked", alter: tapAll(wrong, online), want: onlineTap, why: why},
		{name: "and the card wants its contacts", alter: tapAll(wrong, other), want: otherWhy, why: why},
		{name: "and the issuer before them", alter: tapAll(wrong, both), want: onlineTap, why: why},
		{name: "but there is no line", alter: tapAll(wrong, both, offline), want: otherWhy, why: why},
		{name: "nor contacts", alter: tapAll(wrong, both, offline, func(w *tapped) { w.k.Capabilities[0] = 0x40 }), want: declinedTap, why: why},
		{name: "records of another card", alter: fault("stale-data"), want: declinedTap, why: "ICC public key certificate"},
		{name: "authority unknown", alter: func(w *tapped) { w.k.CAPKs = nil }, want: declinedTap, why: "does not know the authority"},
		{name: "issuer revoked", alter: func(w *tapped) { w.k.Revoked = func(emv.RID, byte, [3]byte) bool { return true } }, want: declinedTap, why: "revoked"},
		{name: "no signature", alter: without(emv.TagSDAD), want: declinedTap, why: "9F4B"},
		{name: "no dynamic authentication", alter: with(emv.TagAIP, 0x5C, 0), want: declinedTap, why: "no dynamic"},
		{name: "version 00", alter: replaced(related, []byte{0x9F, 0x69, 0x08, 0x00}), want: declinedTap, why: "version 01"},
		{name: "no related data", alter: replaced(related, []byte{0x9F, 0x6A, 0x08, 0x01}), want: declinedTap, why: "no card authentication related data"},
		{name: "no records: it does not say until when it is good", alter: without(emv.TagAFL), want: declinedTap, why: "expired"},
		{name: "a wrong certificate matters to no one online", alter: tapAll(wrong, tapAmount(20000)), want: onlineTap},
	})
}

// Neither an answer nor the card's data of an earlier tap pass in a later one.
func TestTapReplayed(t *testing.T) {
	for name, ins := range map[string]byte{"the answer": 0xA8, "the card's data": 0xB2} {
		t.Run(name, func(t *testing.T) {
			w, _ := tapWorld(t, "unionpay-debit")
			c, kept := insert(t, *w.p), map[string][]byte{}
			good := func(command, answer []byte) []byte {
				kept[string(command[:4])] = bytes.Clone(answer)
				return answer
			}
			if r, err := w.k.Tap(t.Context(), liar{c, good}, *w.tx); err != nil || r.Decision != kernel.Approved {
				t.Fatalf("the first: %s %v %v", r.Decision, r.Err, err)
			}
			c.Reset()
			replay := func(command, answer []byte) []byte {
				if command[1] == ins {
					return kept[string(command[:4])]
				}
				return answer
			}
			if r, err := w.k.Tap(t.Context(), liar{c, replay}, *w.tx); err != nil || r.Decision != kernel.Declined || r.Err == nil {
				t.Errorf("the second: %s %v %v", r.Decision, r.Err, err)
			}
		})
	}
}

func TestTapRestrictions(t *testing.T) {
	old := func(w *tapped) { w.a.Holder.Expiry = card.Expiry{Year: 2026, Month: 5} }
	hot := func(w *tapped) { w.k.Hot = func(card.PAN, string) bool { return true } }
	cash := func(w *tapped) { w.tx.Type, w.a.AUC = kernel.Cash, emv.AUC{0x3F, 0xC0} }
	back := func(w *tapped) { w.tx.Type, w.tx.Other, w.a.AUC = kernel.Cashback, 100, emv.AUC{0xFF, 0} }
	atm := func(w *tapped) { w.k.Type, w.k.More[0] = 0x14, 0x80 }
	const card = "other-interface card  3F0000"
	runTaps(t, []taps{
		{name: "expired", alter: old, want: declinedTap, why: "expired"},
		{name: "expired, and the issuer is to be asked", alter: tapAll(old, ctq(emv.CTQOnlineIfExpired)), want: onlineTap},
		{name: "expired online is the issuer's to see", alter: tapAll(old, tapAmount(20000)), want: onlineTap},
		{name: "on its last day", alter: func(w *tapped) { w.a.Holder.Expiry.Year, w.a.Holder.Expiry.Month = 2026, 6 }, want: approvedTap},
		{name: "exception file", alter: hot, want: declinedTap, why: "exception file"},
		{name: "exception file, online", alter: tapAll(hot, tapAmount(20000)), want: declinedTap, why: "exception file"},
		{name: "declines", alter: func(w *tapped) { w.a.Risk.AlwaysDecline = true }, want: declinedTap},
		{name: "wants its issuer", alter: func(w *tapped) { w.a.Risk.AlwaysOnline = true }, want: onlineTap},
		{name: "cash", alter: cash, want: declinedTap, why: "not for cash"},
		{name: "cash by its contacts", alter: tapAll(cash, ctq(emv.CTQSwitchForCash)), want: card, why: "cash"},
		{name: "cash back", alter: back, want: declinedTap, why: "not for cash"},
		{name: "cash back by its contacts", alter: tapAll(back, ctq(emv.CTQSwitchForCashback)), want: card, why: "cashback"},
		{name: "cash machine by its contacts", alter: tapAll(atm, ctq(emv.CTQNotATM)), want: card, why: "ATM"},
		{name: "a cash machine may", alter: atm, want: onlineTap},
	})
}

func TestTapFaults(t *testing.T) {
	const again, ended = "try-again no-answer  3F0000", "terminated format  3F0000"
	runTaps(t, []taps{
		{name: "mute", alter: fault("mute"), want: again, why: "no answer"},
		{name: "gone at once", alter: fault("pulled-out@1"), want: again, why: "SELECT PPSE"},
		{name: "torn away from its answer", alter: fault("pulled-out@A8:1"), want: again, why: "GET PROCESSING OPTIONS"},
		{name: "torn away from its records", alter: fault("pulled-out@B2:3"), want: again, why: "READ RECORD"},
		{name: "no directory", alter: says(0xA4, 0x6A82, 1), want: "terminated no-application  3F0000", why: "kernel 7"},
		{name: "blocked", alter: fault("blocked"), want: "terminated card-blocked  3F0000", why: "6A81"},
		{name: "application blocked", alter: fault("application-blocked"), want: "terminated application-blocked  3F0000", why: "blocked"},
		{name: "application gone", alter: says(0xA4, 0x6A82, 2), want: "terminated no-application  3F0000", why: "kernel 7"},
		{name: "another interface", alter: says(0xA8, 0x6984, 1), want: "other-interface conditions  3F0000", why: "6984"},
		{name: "not for this", alter: says(0xA8, 0x6985, 1), want: "other-interface conditions  3F0000", why: "6985"},
		{name: "a phone that is locked", alter: says(0xA8, 0x6986, 1), want: "try-again see-phone  3F0000", why: "unlock"},
		{name: "another status", alter: says(0xA8, 0x6A80, 1), want: "terminated status  3F0000", why: "6A80"},
		{name: "a record missing", alter: says(0xB2, 0x6A83, 2), want: "terminated status  3F0000", why: "6A83"},
		{name: "no cryptogram", alter: without(emv.TagCryptogram), want: "other-interface mode  3F0000", why: "mag-stripe"},
		{name: "no counter", alter: without(emv.TagATC), want: "terminated data-missing  3F0000", why: "ATC"},
		{name: "no track", alter: without(emv.TagTrack2Equivalent), want: "terminated data-missing  3F0000", why: "57"},
		{name: "no AIP", alter: without(emv.TagAIP), want: "terminated data-missing  3F0000", why: "AIP"},
		{name: "a false AFL", alter: with(emv.TagAFL, 1, 2, 3), want: "terminated data-missing  3F0000", why: "AFL"},
		{name: "no CID: the issuer data say it", alter: without(emv.TagCID), want: approvedTap},
		{name: "approves what was to go online", alter: tapAll(tapAmount(20000), with(emv.TagCID, 0x40)), want: "terminated cryptogram-type  3F0000", why: "TC"},
		{name: "approves what it did not sign", alter: tapAll(tapAmount(6000), with(emv.TagCID, 0x40)), want: declinedTap, why: "expired"},
		{name: "a cryptogram of no kind", alter: with(emv.TagCID, 0xC0), want: "terminated cryptogram-type  3F0000", why: "asked for TC"},
		{name: "two numbers", alter: with(emv.TagTrack2Equivalent, 0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0xD2, 0x91, 0x22, 0x01), want: ended, why: "another"},
		{name: "two sequence numbers", alter: with(emv.TagPANSequence, 2), want: ended, why: "5F34"},
		{name: "an object twice", alter: answered(func(l emv.List) emv.List { return append(l, l[0]) }), want: ended, why: "twice"},
	})
}

// The next application is taken where the first will not, or may not, have the tap.
func TestTapTwoApplications(t *testing.T) {
	refuse := func(n int) func(*tapped) {
		return func(w *tapped) {
			seen := 0
			w.lie = func(command, answer []byte) []byte {
				if command[1] == 0xA8 {
					if seen++; seen <= n {
						return []byte{0x69, 0x85}
					}
				}
				return answer
			}
		}
	}
	bar := func(w *tapped) {
		a := w.k.Applications[0]
		a.AID, a.Contactless = w.p.Applications[0].AID, &kernel.Contactless{Limit: 1}
		w.k.Applications = append([]kernel.Application{a}, w.k.Applications...)
	}
	for name, c := range map[string]struct {
		alter func(*tapped)
		want  string
	}{
		"by priority":              {func(*tapped) {}, "approved PBOC DEBIT "},
		"the other's priority":     {func(w *tapped) { w.p.Applications[0].Priority = 3 }, "approved PBOC CREDIT "},
		"the first refuses":        {refuse(1), "approved PBOC CREDIT "},
		"both refuse":              {refuse(2), "other-interface  conditions"},
		"the first has a limit":    {bar, "approved PBOC CREDIT "},
		"Visa's is not kernel 7's": {func(w *tapped) { w.k.Applications[0].AID = []byte{0xA0, 0, 0, 0, 3, 0x10, 0x10} }, "other-interface  no-application"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := tapWorld(t, "unionpay-dual")
			c.alter(&w)
			r := w.tap(t)
			if got := string(r.Decision) + " " + r.Application.Label + " " + string(r.Cause); got != c.want {
				t.Errorf("got %s, want %s: %v", got, c.want, r.Err)
			}
		})
	}
}

// A card that was torn away before its last record has not paid, and one that was read has.
func TestTapTornCardHasNotPaid(t *testing.T) {
	for _, torn := range []bool{true, false} {
		w, _ := tapWorld(t, "unionpay-debit")
		if torn {
			fault("pulled-out@B2:7")(&w)
		}
		c := insert(t, *w.p)
		r, err := w.k.Tap(t.Context(), c, *w.tx)
		if err != nil || (r.Decision == kernel.TryAgain) != torn || (len(c.State().Apps[0].Log) == 0) != torn {
			t.Errorf("torn %v: %s, %d entries in its log: %v %v", torn, r.Decision, len(c.State().Apps[0].Log), r.Err, err)
		}
	}
}
