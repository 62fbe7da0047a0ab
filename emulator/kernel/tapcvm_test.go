package kernel_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"possim/emulator/kernel"
	"possim/reader/emv"
)

// answered alters the objects in the card's answer to GET PROCESSING OPTIONS.
func answered(alter func(emv.List) emv.List) func(*tapped) {
	return func(w *tapped) {
		w.lie = func(command, answer []byte) []byte {
			if command[1] != 0xA8 || len(answer) < 4 {
				return answer
			}
			l, err := emv.Parse(answer[:len(answer)-2])
			if err != nil {
				panic(err)
			}
			return append(emv.Template(emv.TagResponseFormat2, alter(l[0].List)...).Bytes(), 0x90, 0)
		}
	}
}

// without leaves an object out of it, with puts one in or another in its place.
func without(t emv.Tag) func(*tapped) {
	return answered(func(l emv.List) emv.List {
		var out emv.List
		for _, o := range l {
			if o.Tag != t {
				out = append(out, o)
			}
		}
		return out
	})
}

func with(t emv.Tag, value ...byte) func(*tapped) {
	return answered(func(l emv.List) emv.List {
		l.Set(t, value)
		return l
	})
}

func TestTapCVM(t *testing.T) {
	no := func(w *tapped) { w.k.Capabilities[1] = 0x08 }
	sign := func(w *tapped) { w.k.Capabilities[1] = 0x28 }
	const signed = "online   1E0000"
	runTaps(t, []taps{
		{name: "PIN", alter: tapAmount(30000), want: onlinePIN},
		{name: "signature", alter: tapAll(sign, tapAmount(30000)), want: signed},
		{name: "nothing in common", alter: tapAll(no, tapAmount(30000)), want: onlineTap},
		{name: "no wish, the reader has a signature", alter: tapAll(tapAmount(30000), without(emv.TagCTQ)), want: signed},
		{name: "no wish, the reader has a PIN", alter: tapAll(tapAmount(30000), without(emv.TagCTQ), func(w *tapped) { w.k.Capabilities[1] = 0x40 }), want: onlinePIN},
		{name: "no wish, the reader has nothing", alter: tapAll(no, tapAmount(30000), without(emv.TagCTQ)), want: declinedTap, why: "no way in common"},
		{name: "no wish and no need", alter: without(emv.TagCTQ), want: approvedTap},
		{name: "a PIN where the card approved", alter: with(emv.TagCTQ, 0x80, 0), want: onlinePIN},
		{name: "both", alter: tapAll(tapAmount(20000), with(emv.TagCTQ, 0xC0, 0)), want: onlinePIN},
		{name: "the device, online", alter: tapAll(ctq(emv.CTQCDCVM), tapAmount(30000)), want: onlineTap},
		{name: "the device, offline", alter: ctq(emv.CTQCDCVM), want: approvedTap},
		{name: "the device, which signed another thing", alter: with(emv.TagCTQ, 0, 0x80), want: declinedTap, why: "9F69"},
		{name: "PIN bypassed", alter: tapAll(tapAmount(30000), func(w *tapped) {
			w.k.PIN = func(context.Context, kernel.PINRequest) (kernel.PINEntry, error) {
				return kernel.PINEntry{Bypassed: true}, nil
			}
		}), want: "online   020001"},
		{name: "PIN pad broken", alter: tapAll(tapAmount(30000), func(w *tapped) {
			w.k.PIN = func(context.Context, kernel.PINRequest) (kernel.PINEntry, error) {
				return kernel.PINEntry{Failed: true}, nil
			}
		}), want: "online   020001"},
	})
}

// The words of a small payment's slip come from these.
func TestTapSmallPayments(t *testing.T) {
	small := func(noPIN, noSignature int64, amount int64) func(*tapped) {
		return func(w *tapped) {
			w.k.Contactless.NoPIN, w.k.Contactless.NoSignature, w.tx.Amount.Minor = noPIN, noSignature, amount
		}
	}
	signer := func(w *tapped) { w.k.Capabilities[1] = 0x28 }
	for _, c := range []struct {
		name  string
		alter func(*tapped)
		want  string // PIN, signature; no PIN, no signature, CDCVM
	}{
		{"neither", small(50000, 50000, 30000), "0 0 1 1 0"},
		{"at the limit", small(50000, 50000, 50000), "0 0 1 1 0"},
		{"over it", small(50000, 50000, 50001), "1 0 0 0 0"},
		{"no limits", small(0, 0, 30000), "1 0 0 0 0"},
		{"no PIN alone", small(50000, 0, 30000), "0 0 1 0 0"},
		{"no signature alone", tapAll(signer, small(0, 50000, 30000)), "0 0 0 1 0"},
		{"signature over its limit", tapAll(signer, small(50000, 20000, 30000)), "0 1 1 0 0"},
		{"device", tapAll(ctq(emv.CTQCDCVM), small(0, 0, 30000)), "0 0 0 0 1"},
		{"device, small", tapAll(ctq(emv.CTQCDCVM), small(50000, 50000, 30000)), "0 0 1 1 1"},
		{"offline", small(50000, 50000, 4000), "0 0 1 1 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := tapWorld(t, "unionpay-debit")
			c.alter(&w)
			r, bit := w.tap(t), map[bool]int{true: 1}
			got := fmt.Sprint(bit[r.OnlinePIN], bit[r.Signature], bit[r.NoPIN], bit[r.NoSignature], bit[r.CDCVM])
			if got != c.want || r.Decision != kernel.Online && r.Decision != kernel.Approved {
				t.Errorf("got %s %s, want %s: %v", r.Decision, got, c.want, r.Err)
			}
		})
	}
}

func TestTapErrors(t *testing.T) {
	w, _ := tapWorld(t, "unionpay-debit")
	w.tx.Amount.Minor = 30000
	pad := errors.New("the pad caught fire")
	w.k.PIN = func(context.Context, kernel.PINRequest) (kernel.PINEntry, error) { return kernel.PINEntry{}, pad }
	if r, err := w.k.Tap(t.Context(), insert(t, *w.p), *w.tx); !errors.Is(err, pad) || r.Decision != kernel.Terminated || r.Cause != kernel.CauseTerminal {
		t.Errorf("a pad that fails: %s %s %v", r.Decision, r.Cause, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := w.k.Tap(ctx, insert(t, *w.p), *w.tx); !errors.Is(err, context.Canceled) || r.Cause != kernel.CauseCancelled {
		t.Errorf("cancelled: %s %s %v", r.Decision, r.Cause, err)
	}
	if r, err := w.k.Tap(t.Context(), nil, *w.tx); err == nil || r.Decision != kernel.Terminated {
		t.Errorf("no card: %s %v", r.Decision, err)
	}
}
