package kernel

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"possim/host/money"
	"possim/reader/emv"
)

// A card of a Chinese bank, as far as its exchange stands in public
// (shuzhiduo.com/A/mo5kn4y4Jw): ATR 3B8D800100814D220886601222275000014A. Its number was
// changed for one of tests in 57. Of the commands, the TVR alone is another: that
// terminal says that its merchant wanted to go online.
const (
	recordedPPSE   = "6F30840E325041592E5359532E4444463031A51EBF0C1B61194F08A000000333010101500A50424F43204445424954870101"
	recordedFCI    = "6F4C8408A000000333010101A540500A50424F432044454249548701019F38189F66049F02069F03069F1A0295055F2A029A039C019F37045F2D027A689F1101019F120A50424F43204445424954"
	recordedGPO    = "80A800002383212700000000000000000100000000000001560000000000015613032201" + "11223344" + "00"
	recordedAnswer = "774F82027C00941008030300100508011801020018040400" + "9F36020003" + "57136210947000000000217D30122206960000000F" +
		"9F10080701010390000001" + "9F26082D3956FFD0DEF08A" + "5F340100" + "9F6C020000"
)

// bankCard answers as recorded; its records are not in public, and it has none.
type bankCard struct{ sent []string }

func (c *bankCard) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	c.sent = append(c.sent, hexText(apdu))
	switch {
	case apdu[1] == 0xA8:
		return ok(unhex(recordedAnswer)), nil
	case apdu[1] == 0xA4 && strings.Contains(string(apdu), ppseName):
		return ok(unhex(recordedPPSE)), nil
	case apdu[1] == 0xA4:
		return ok(unhex(recordedFCI)), nil
	}
	return []byte{0x6A, 0x83}, nil
}

func TestRecordedTap(t *testing.T) {
	c, k := &bankCard{}, newKernel()
	k.Random = strings.NewReader("\x11\x22\x33\x44")
	k.Contactless = Contactless{TTQ: emv.TTQ{0x27}, Floor: 100, CVM: 100}
	r, err := k.Tap(t.Context(), c, Transaction{Amount: money.Yuan(1), Type: Cash, At: time.Date(2013, 3, 22, 12, 0, 0, 0, time.UTC)})
	want := "00A404000E325041592E5359532E444446303100 00A4040008A00000033301010100 " + recordedGPO + " 00B2030C00"
	if got := strings.Join(c.sent, " "); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
	// The card approved, and says so in 9F10 alone.
	got := fmt.Sprintf("%s %X %s %s %s %X", r.Cryptogram, r.Data.Value(emv.TagATC), r.Sequence, r.Expiry.YYMM(), r.Application.Title(), r.Tags.Value(emv.TagCID))
	if err != nil || got != "TC 0003 00 3012 PBOC DEBIT 40" || r.PAN != "6210947000000000217" {
		t.Errorf("got %s of %s: %v %v", got, r.PAN, r.Err, err)
	}
	if r.Decision != Terminated || r.Cause != CauseStatus { // its records are not in public
		t.Errorf("got %s %s: %v", r.Decision, r.Cause, r.Err)
	}
}

// What the issuer data of cards say of their cryptograms: two that were seen, the one
// above, and a decline.
func TestTapCryptogramOfIssuerData(t *testing.T) {
	for iad, want := range map[string]emv.CryptogramType{
		"07000103A04002010A010000001000D1F61152": emv.ARQC, "07020103A4B904010A0100000000001BFC423C": emv.ARQC,
		"0701010390000001": emv.TC, "0701010380000001": emv.AAC,
	} {
		s := &session{Kernel: newKernel()}
		err := s.tapCryptogram(emv.List{emv.New(emv.TagATC, []byte{0, 3}), emv.New(emv.TagCryptogram, make([]byte, 8)), emv.New(emv.TagIAD, unhex(iad))})
		if err != nil || s.last.cid.Type() != want {
			t.Errorf("%s: got %s, want %s: %v", iad, s.last.cid.Type(), want, err)
		}
	}
	s := &session{Kernel: newKernel()}
	if err := s.tapCryptogram(emv.List{emv.New(emv.TagATC, []byte{0, 3}), emv.New(emv.TagCryptogram, make([]byte, 8)),
		emv.New(emv.TagIAD, unhex("07010103B0000001"))}); err == nil {
		t.Error("a cryptogram that 9F10 reserves passes")
	}
}

// A directory entry may ask for a kernel (9F2A), and is UnionPay's or nothing.
func TestTapDirectory(t *testing.T) {
	for kernel, want := range map[string]Cause{"": CauseCryptogramType, "9F2A0107": CauseCryptogramType, "9F2A0100": CauseCryptogramType, "9F2A0103": CauseNoApplication,
		"9F2A0887000000000000F0": CauseNoApplication} {
		entry := unhex("4F08A000000333010101" + kernel)
		fci := emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, []byte(ppseName)), emv.Template(emv.TagFCIProprietary,
			emv.Template(emv.TagFCIDiscretionary, emv.Template(emv.TagApplicationTemplate, must(emv.Parse(entry))...))))
		r, err := newKernel().Tap(t.Context(), directory{&bankCard{}, fci.Bytes()}, newSale())
		if err != nil || r.Cause != want {
			t.Errorf("%q: %s %s: %v %v", kernel, r.Decision, r.Cause, r.Err, err)
		}
	}
}

// A card that does not ask for the TTQ, or answers in template 80, has another mode.
func TestTapOfAnotherMode(t *testing.T) {
	c := newChip() // its PDOL is that of its contacts
	for _, why := range []string{"9F66", "full debit/credit"} {
		r, err := newKernel().Tap(t.Context(), directory{c, unhex(recordedPPSE)}, newSale())
		if err != nil || r.Decision != OtherInterface || r.Cause != CauseMode || !strings.Contains(r.Err.Error(), why) {
			t.Errorf("%s: %s %s: %v %v", why, r.Decision, r.Cause, r.Err, err)
		}
		c.format1 = true
		c.fci.Set(emv.TagPDOL, unhex("9F6604"))
	}
}

// directory answers SELECT PPSE, and leaves the rest to a card.
type directory struct {
	card interface {
		Transmit(context.Context, []byte) ([]byte, error)
	}
	ppse []byte
}

func (d directory) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	if apdu[1] == 0xA4 && strings.Contains(string(apdu), ppseName) {
		return ok(append([]byte(nil), d.ppse...)), nil
	}
	return d.card.Transmit(ctx, apdu)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
