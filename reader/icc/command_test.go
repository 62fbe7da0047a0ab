package icc

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"possim/reader/emv"
)

// apdus plays a text of lines "command -> answer": hex, a blank between bytes ignored,
// and in the answer ".." for any data before the status word.
func apdus(t *testing.T, c *Card, text string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		send, want, _ := strings.Cut(strings.ReplaceAll(line, " ", ""), "->")
		want = strings.TrimSpace(want)
		r, err := c.Transmit(context.Background(), unhex(t, strings.TrimSpace(send)))
		got := strings.ToUpper(hex.EncodeToString(r))
		if any, loose := strings.CutPrefix(want, ".."); loose && len(got) > 4 {
			want, got = any, got[len(got)-4:]
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", line, got, err)
		}
	}
}

// Selection as EMV Book 1, 12 has it.
func TestSelection(t *testing.T) {
	p := profile(t, "unionpay-dual")
	p.Protocol = T1
	c := must[*Card](t)(New(p, State{}))
	apdus(t, c, `
		00A4040007A0000000031010        -> 6A82        # another's AID
		00B2010C00                      -> 6985        # nothing selected
		00A404000E325041592E5359532E444446303100 -> ..9000   # PPSE
		00A404000E315041592E5359532E444446303100 -> ..9000   # PSE
		00B2010C00                      -> 701B61194F08A000000333010101500A50424F43204445424954870101 9000
		00B2020C00                      -> ..9000
		00B2030C00                      -> 6A83
		00B2011400                      -> 6A82
		00A4040005A00000033300          -> ..9000      # in part: debit
		80CA9F3600                      -> 9F360200009000
		00A4040205A00000033300          -> ..9000      # next: credit
		00A4040205A00000033300          -> 6A82        # no more
		00A4040205A000000333            -> 6A82
		00A4040208A00000033301010100    -> 6A82        # next of what was not asked first
		00A4040008A00000033301010200    -> ..9000
		00A4000002 3F00                 -> 6A86        # not by name
		00A4040C05 A000000333           -> 6A86
		00A40400                        -> 6700
		00A4040011 0000000000000000000000000000000000 -> 6700
	`)
	p.NoPSE, p.PPSE = true, false
	apdus(t, must[*Card](t)(New(p, State{})), `
		00A404000E315041592E5359532E444446303100 -> 6A82
		00A404000E325041592E5359532E444446303100 -> 6A82
	`)
}

// The status words of ISO/IEC 7816-4 for what cannot be.
func TestWrongCommands(t *testing.T) {
	c := insert(t, profile(t, "visa-cvn18"), State{}).c // T=1
	apdus(t, c, `
		                   -> 6700
		00                 -> 6700
		00A404             -> 6700
		00A4040000FFFF     -> 6700      # extended
		00A4040009A0       -> 6700      # shorter than it says
		00A4040001A00000   -> 6700      # longer
		A0A4040000         -> 6E00
		80A4040007A0000000031010 -> 6E00
		00AE8000           -> 6E00
		00D6000000         -> 6D00
		80D6000000         -> 6D00
		0084000000         -> 6985      # nothing is selected
		0020008000         -> 6985
		80CA9F3600         -> 6985
		80A8000002830000   -> 6985
		80AE800000         -> 6985
		0088000004DEADBEEF -> 6985
		0082000008 0000000000000000 -> 6985
		841E000008 0000000000000000 -> 6985
		00C0000000         -> 6D00      # T=1 has no GET RESPONSE
		00A4040007A000000003101000 -> ..9000
		80CA9F3601         -> 6C05
		80CA9F36           -> 9F360200009000   # Le left out
		80CA9F3605         -> 9F360200009000
		80CA9F36FF         -> 9F360200009000
		80CA9F7900         -> 6A88
		80CA9F360100       -> 6700
		0084000100         -> 6A86
		00B2010D00         -> 6A86
		00B2010400         -> 6A86
		00B201FC00         -> 6A86
		00B2000C00         -> 6A83
		00B2090C00         -> 6A83
		00B201F400         -> 6A82
		80A8000100         -> 6A86
		80A80000           -> 6700
		80A8000002840000   -> 6A80
		80A8000003830100   -> 6700
		80A800000183       -> 6A80
		00881100           -> 6A86
		80A8000002830000   -> ..9000
		80A8000002830000   -> 6985      # once
		80AEC0000100       -> 6A86
		80AE81000100       -> 6A86
		80AE80010100       -> 6A86
		80AE80000100       -> 6700
		0088000003DEADBE   -> 6700
		0088000104DEADBEEF -> 6A86
		0082000008 0000000000000000 -> 6985  # before GENERATE AC
		00200081           -> 6A86
		00200180           -> 6A86
		0020008000         -> 63C3      # how many are left
		0020008001 00      -> 6700
		0020008808 241234FFFFFFFFFF -> 6985 # no challenge
	`)
	if atc := c.State().Apps[0].ATC; atc != 1 {
		t.Error("ATC", atc)
	}
}

// T=0: 61xx and GET RESPONSE, 6Cxx, whatever Le.
func TestProcedureBytes(t *testing.T) {
	c := insert(t, profile(t, "unionpay-debit"), State{}).c
	apdus(t, c, `
		00C0000000               -> 6985
		00A4040008A000000333010101   -> 6138
		00C0000038               -> ..9000
		00C0000038               -> 6985
		00A4040008A00000033301010100 -> 6138
		00C000003A               -> 6C38
		00C0000138               -> 6A86
		00C0000004               -> 6F368408 6134
		00C0000000               -> ..9000
		00A4040008A00000033301010138 -> 6138
		80CA9F3600               -> 6C05      # another command forgets it
		00C0000038               -> 6985
		80CA9F36                 -> 6C05
		80CA9F3604               -> 6C05
		80CA9F3605               -> 9F360200009000
		0084000000               -> 6C08
	`)
}

func TestBlocked(t *testing.T) {
	p := profile(t, "unionpay-debit")
	p.Faults = []Fault{{Kind: FaultApplication}}
	r := insert(t, p, State{})
	r.want(swInvalidated, 0, 0xA4, 4, 0, p.Applications[0].AID)
	r.pdol = make([]byte, p.Applications[0].PDOL.Length())
	r.options()
	r.ends(r.generate(byte(emv.TC)), emv.AAC)

	p.Faults = []Fault{{Kind: FaultBlocked}}
	r = insert(t, p, State{})
	r.want(swNotSupported, 0, 0xA4, 4, 0, namePSE)
	r.want(swNotSupported, 0, 0xA4, 4, 0, p.Applications[0].AID)
}

func TestFaults(t *testing.T) {
	p := profile(t, "unionpay-debit")
	with := func(names ...string) *Card {
		q := p
		q.Faults = nil
		for _, name := range names {
			f := must[Fault](t)(ParseFault(name))
			if f.String() != name {
				t.Errorf("%s prints %s", name, f)
			}
			q.Faults = append(q.Faults, f)
		}
		return must[*Card](t)(New(q, State{}))
	}
	play := func(c *Card, want ...error) {
		t.Helper()
		for i, w := range want {
			if _, err := c.Transmit(context.Background(), unhex(t, "00A4040008A000000333010101")); !errors.Is(err, w) {
				t.Errorf("command %d: %v; want %v", i+1, err, w)
			}
			_, _ = c.Transmit(context.Background(), unhex(t, "00C0000038")) // does not count
		}
	}
	c := with("mute")
	if play(c, ErrMute); c.ATR() != nil {
		t.Error("a mute card has an ATR")
	}
	if bytes.Equal(with("wrong-atr").ATR(), with().ATR()) {
		t.Error("the ATR is right")
	}
	c = with("timeout@2")
	play(c, nil, ErrTimeout, ErrTimeout)
	c.Reset()
	play(c, nil, nil)
	c = with("pulled-out@3")
	play(c, nil, nil, ErrRemoved)
	c.Reset()
	play(c, ErrRemoved)
	play(with("pulled-out@AE:1"), nil, nil, nil)
	play(with("pulled-out@A4:2"), nil, ErrRemoved)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := with().Transmit(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, bad := range []string{"", "broken", "timeout", "mute@1", "timeout@0", "timeout@x", "pulled-out@AE", "pulled-out@AEE:1", "pulled-out@00:1"} {
		if _, err := ParseFault(bad); err == nil {
			t.Errorf("%q is a fault", bad)
		}
	}
}

// What a terminal finds wrong with the card's data.
func TestFaultyData(t *testing.T) {
	p := profile(t, "unionpay-debit")
	p.Faults = []Fault{{Kind: FaultWrongCertificate}}
	r := insert(t, p, State{}).open()
	var signature *emv.SignatureError
	if _, err := r.issuerKey(); !errors.As(err, &signature) {
		t.Error(err)
	}
	p.Faults = []Fault{{Kind: FaultStaleData}}
	r = insert(t, p, State{}).open()
	issuer := must[emv.IssuerKey](t)(r.issuerKey())
	if _, err := issuer.VerifyStatic(r.data.Value(emv.TagSSAD), r.static()); !errors.As(err, &signature) {
		t.Error("SDA:", err)
	}
	if _, err := issuer.Recover(emv.ICCCertificate(r.data), r.static(), ""); !errors.As(err, &signature) {
		t.Error("DDA:", err)
	}
}

func TestBadProfiles(t *testing.T) {
	for i, spoil := range []func(*Profile){
		func(p *Profile) { p.Applications = nil },
		func(p *Profile) { p.Seed = "" },
		func(p *Profile) { p.Faults = []Fault{{Kind: "x"}} },
		func(p *Profile) { p.ATR = make([]byte, 34) },
		func(p *Profile) { p.Applications[0].AID = []byte{1} },
		func(p *Profile) { p.Applications[0].Holder.PAN = "1" },
		func(p *Profile) { p.Applications[0].Holder.PIN = "12" },
		func(p *Profile) { p.Applications[0].Holder.Sequence = "1" },
		func(p *Profile) { p.Applications[0].Holder.ServiceCode = "1" },
		func(p *Profile) { p.Applications[0].Holder.Discretionary = "x" },
		func(p *Profile) { p.Applications[0].Label = strings.Repeat("x", 17) },
		func(p *Profile) { p.Applications[0].Tries = 16 },
		func(p *Profile) { p.Applications[0].Priority = 16 },
		func(p *Profile) { p.Applications[0].Issuer = nil },
		func(p *Profile) { p.Applications[0].Issuer = &emv.IssuerKeys{} },
		func(p *Profile) { p.Applications[0].Scheme = emv.Scheme{} },
		func(p *Profile) { p.Applications[0].Scheme = emv.MastercardCVN16 },
		func(p *Profile) { p.Applications[0].CDOL1 = nil },
		func(p *Profile) { p.Applications[0].CDOL1 = dol("9F02:5 9F1A:2 95:5 5F2A:2 9A:3 9C:1 9F37:4") },
		func(p *Profile) { p.Applications[0].CDOL2 = nil },
		func(p *Profile) { p.Applications[0].PDOL = dol("9F4E:253") },
		func(p *Profile) { p.Applications[0].DDOL = dol("9F36:2") },
		func(p *Profile) { p.Applications[0].Bits = 1 },
		func(p *Profile) { p.Applications[0].Bits = 1760 },
		func(p *Profile) { p.Applications[0].Extra = emv.List{emv.New(emv.TagMerchantName, make([]byte, 255))} },
	} {
		p := profile(t, "unionpay-debit")
		spoil(&p)
		if _, err := New(p, State{}); err == nil {
			t.Errorf("profile %d makes a card", i)
		}
	}
	if _, err := New(profile(t, "unionpay-debit"), State{Apps: make([]AppState, 3)}); err == nil {
		t.Error("another card's state")
	}
	if _, err := Shipped("x", Person{}); err == nil || !strings.Contains(err.Error(), "unionpay-debit") {
		t.Error(err)
	}
	if _, err := Shipped("visa-cvn18", Person{}); err == nil {
		t.Error("a card without a number")
	}
}

func TestProtocolNames(t *testing.T) {
	if fmt.Sprint(T0, T1) != "T=0 T=1" {
		t.Error(T0, T1)
	}
}
