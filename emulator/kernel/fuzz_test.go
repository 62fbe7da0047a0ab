package kernel

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/emv"
)

// tape answers each command with the next answer on it: a byte of length, and that many
// bytes. After the last it knows no command.
type tape struct {
	left     []byte
	commands int
}

func (c *tape) Transmit(context.Context, []byte) ([]byte, error) {
	c.commands++
	if len(c.left) == 0 {
		return []byte{0x6D, 0x00}, nil
	}
	n := min(int(c.left[0]), len(c.left)-1)
	out := c.left[1 : 1+n]
	c.left = c.left[1+n:]
	return out, nil
}

// recorder puts what a card answers on a tape.
type recorder struct {
	*chip
	tape []byte
}

func (r *recorder) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	out, err := r.chip.Transmit(ctx, apdu)
	r.tape = append(append(r.tape, byte(len(out))), out...)
	return out, err
}

// named checks what must hold whatever a card says. other is what it may come to beside
// the decisions that cards make.
func named(t *testing.T, r Result, err error, other ...Decision) {
	t.Helper()
	if err != nil {
		t.Fatalf("a card made the terminal fail: %v", err)
	}
	ended := slices.Contains(append(other, Terminated), r.Decision)
	if !ended && !slices.Contains([]Decision{Online, Approved, Declined}, r.Decision) {
		t.Fatalf("decision %q", r.Decision)
	}
	if ended != (r.Cause != "") || ended && r.Err == nil {
		t.Fatalf("%s with the cause %q and the error %v", r.Decision, r.Cause, r.Err)
	}
	if r.Err != nil && strings.Contains(r.Err.Error(), testPAN) {
		t.Fatalf("an error shows the card's number: %v", r.Err)
	}
	if r.Cause == CauseDataMissing && slices.Contains(other, Fallback) && !r.TVR.Has(emv.TVRICCDataMissing) {
		t.Fatalf("data missing, and the TVR does not say so: %s", r.TVR)
	}
}

// both runs Start and, where it went online, Finish.
func both(t *testing.T, k *Kernel, c interface {
	Transmit(context.Context, []byte) ([]byte, error)
}) {
	r, err := k.Start(t.Context(), c, newSale())
	named(t, r, err, Fallback)
	if r.Decision == Online {
		r, err = k.Finish(t.Context(), HostAnswer{Code: "00", F55: emv.List{emv.New(emv.TagIssuerAuthenticationData, unhex("11223344556677883030")),
			emv.Template(emv.TagScriptTemplate1, emv.New(emv.TagScriptCommand, unhex("84DA9F5803AABBCC")))}})
		named(t, r, err, Fallback)
	}
	_ = r.Data.Describe()
}

// FuzzCard plays any tape to the kernel. The corpus is what whole cards answered.
func FuzzCard(f *testing.F) {
	for _, alter := range []func(world){nil, aip("7D00"), aip("5C00"), list("4403"), func(w world) { w.format1 = true }, func(w world) { w.pse = false }} {
		tx := newSale()
		w := world{newChip(), newKernel(), &tx}
		if alter != nil {
			alter(w)
		}
		r := &recorder{chip: w.chip}
		if got, err := w.k.Start(f.Context(), r, tx); err == nil && got.Decision == Online {
			_, _ = w.k.Finish(f.Context(), HostAnswer{Code: "00"})
		}
		f.Add(r.tape)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &tape{left: b}
		both(t, newKernel(), c)
		if c.commands > len(b)+400 {
			t.Errorf("%d commands for a tape of %d bytes", c.commands, len(b))
		}
	})
}

// FuzzSpoiled puts other bytes into one answer of a good card.
func FuzzSpoiled(f *testing.F) {
	for n := range 11 {
		f.Add(byte(n), uint16(3), []byte{0xFF}, true)
		f.Add(byte(n), uint16(0), []byte{}, false)
	}
	f.Fuzz(func(t *testing.T, n byte, at uint16, with []byte, combined bool) {
		c, seen := newChip(), byte(0)
		if combined {
			c.aip.Set(emv.AIPCDA)
		}
		c.lie = func(_ byte, answer []byte) []byte {
			if seen++; seen-1 != n%16 {
				return answer
			}
			i := min(int(at), len(answer))
			return slices.Concat(answer[:i], with, answer[min(len(answer), i+len(with)):])
		}
		c.fail = map[int]error{}
		both(t, newKernel(), crashless{c})
	})
}

// crashless answers 6700 to commands that the test's own card cannot take apart.
type crashless struct{ *chip }

func (c crashless) Transmit(ctx context.Context, a []byte) (out []byte, err error) {
	defer func() {
		if recover() != nil {
			out, err = []byte{0x67, 0x00}, nil
		}
	}()
	return c.chip.Transmit(ctx, bytes.Clone(a))
}

// FuzzPeek plays any tape to the one that only reads. The corpus is what whole cards
// answered.
func FuzzPeek(f *testing.F) {
	for _, kind := range []reader.Kind{reader.KindChip, reader.KindTap} {
		for _, alter := range []func(*chip){nil, func(c *chip) { c.pse = false }, func(c *chip) { c.format1 = true }} {
			c := newChip()
			if alter != nil {
				alter(c)
			}
			r := &recorder{chip: c}
			if _, err := Peek(f.Context(), r, kind); err != nil {
				f.Fatal(err)
			}
			f.Add(r.tape, kind == reader.KindTap)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, tap bool) {
		kind := reader.KindChip
		if tap {
			kind = reader.KindTap
		}
		c := &tape{left: b}
		got, err := Peek(t.Context(), c, kind)
		if err != nil {
			t.Fatalf("a card made reading fail: %v", err)
		}
		if c.commands > 16*len(b)+400 {
			t.Errorf("%d commands for a tape of %d bytes", c.commands, len(b))
		}
		for _, h := range got.Applications {
			_ = h.Title() + h.Data.Describe() + h.Data.String()
			if text := fmt.Sprint(h.PAN(), h.Expiry(), h.ServiceCode(), h.Problem); strings.Contains(text, testPAN) {
				t.Fatalf("the card's number shows: %s", text)
			}
		}
	})
}
