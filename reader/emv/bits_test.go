package emv

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// The values are those of emv-utils src/emv_fields.h (EMV 4.4), by the tables it cites.
func TestBits(t *testing.T) {
	for _, c := range []struct {
		got  string
		want string
	}{
		{TVR{}.With(TVRODANotPerformed, TVRExpired, TVRCVMFailed, TVRFloorLimit, TVRDefaultTDOL).String(), "8040808080"},
		{TVR{}.With(TVRSDAFailed, TVRDDAFailed, TVRCDAFailed, TVRSDASelected, TVRICCDataMissing, TVRExceptionFile).String(), "7E00000000"},
		{TVR{}.With(TVRVersionsDiffer, TVRNotEffective, TVRServiceNotAllowed, TVRNewCard).String(), "00B8000000"},
		{TVR{}.With(TVRCVMUnrecognised, TVRPINTryLimit, TVRPINPadFailed, TVRPINNotEntered, TVROnlinePIN).String(), "00007C0000"},
		{TVR{}.With(TVRLowerOfflineLimit, TVRUpperOfflineLimit, TVRRandomOnline, TVRForcedOnline).String(), "0000007800"},
		{TVR{}.With(TVRIssuerAuthenticationFailed, TVRScriptFailedBefore, TVRScriptFailedAfter).String(), "0000000070"},
		{TVR{}.With(TVRXDASelected, TVRXDAFailed, TVRECCKeyMissing, TVRECCRecoveryFailed).String(), "0100000106"},
		{TSI{}.With(TSIODAPerformed, TSICVMPerformed, TSICardRiskPerformed, TSIIssuerAuthenticationPerformed, TSITerminalRiskPerformed, TSIScriptPerformed).String(), "FC00"},
		{AIP{}.With(AIPSDA, AIPDDA, AIPCardholderVerification, AIPTerminalRisk, AIPIssuerAuthentication, AIPCDA).String(), "7D00"},
		{AUC{}.With(AUCDomesticCash, AUCNonATM, AUCATM, AUCDomesticCashback).String(), "8380"},
		{Capabilities{}.With(CanManualEntry, CanStripe, CanChip, CanPlainPIN, CanOnlinePIN, CanSignature, CanEncipheredPIN, CanNoCVM, CanSDA, CanDDA, CanCardCapture, CanCDA).String(), "E0F8E8"},
		{MoreCapabilities{}.With(HasCash, HasGoods, HasNumericKeys, HasPrintAttendant, HasCodeTable1).String(), "C000808001"},
		{TTQ{}.With(TTQEMVMode, TTQContact, TTQOnlinePIN, TTQSignature, TTQFDDA1).String(), "36000080"},
		{CTQ{}.With(CTQOnlinePIN, CTQSignature, CTQCDCVM).String(), "C080"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestBitNames(t *testing.T) {
	tvr := must[TVR](t)(ParseTVR(unhex(t, "8004008000")))
	want := []string{"offline data authentication was not performed", "RFU byte 2 bit 3", "transaction exceeds floor limit"}
	if got := tvr.Names(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !tvr.Has(TVRFloorLimit) || tvr.Has(TVRExpired) {
		t.Error("Has")
	}
	tvr.Clear(TVRFloorLimit, TVRODANotPerformed)
	tvr.Set(TVRExpired)
	if tvr.String() != "0044000000" {
		t.Error(tvr)
	}
	if _, err := ParseTVR([]byte{1}); err == nil || !strings.Contains(err.Error(), "want 5") {
		t.Error(err)
	}
	if b, err := json.Marshal(map[string]any{"tvr": tvr}); err != nil || string(b) != `{"tvr":"0044000000"}` {
		t.Error(string(b), err)
	}
	if TVRExpired.String() != "expired application" || TVRBit(0x0204).String() != "RFU byte 2 bit 3" {
		t.Error("names of bits")
	}
	tvr.Set(TVRBit(0x0901), TVRBit(0)) // no such byte: nothing happens
	if tvr.Has(TVRBit(0x0901)) {
		t.Error("a byte that is not there")
	}
}

func TestCVMList(t *testing.T) {
	const raw = "00000000000003E8 0201 4403 4103 1E03 0203 1F00"
	l := must[CVMList](t)(ParseCVMList(unhex(t, raw)))
	same(t, "coded again", l.Bytes(), raw)
	if l.X != 0 || l.Y != 1000 || len(l.Rules) != 6 {
		t.Errorf("%+v", l)
	}
	if r := l.Rules[1]; r.Method != CVMEncipheredPIN || !r.Next || r.Condition != CVMIfSupported {
		t.Errorf("%+v", r)
	}
	if got := l.Rules[1].String(); got != "enciphered PIN verified by ICC, if terminal supports the CVM, else next" {
		t.Error(got)
	}
	if !l.Rules[0].Method.Known() || CVM(0x2A).Known() || CVMNotPerformed.Known() || CVMCondition(0x0A).Known() {
		t.Error("Known")
	}
	for _, bad := range []string{"", "0000000000000000 01", "00000000000000"} {
		if _, err := ParseCVMList(unhex(t, bad)); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if got := ResultOf(l.Rules[1], CVMSuccessful); got != (CVMResults{0x44, 0x03, 0x02}) {
		t.Errorf("% X", got[:])
	}
	if got := NoCVMPerformed.String(); !strings.HasPrefix(got, "no CVM performed") {
		t.Error(got)
	}
	if r := must[CVMResults](t)(ParseCVMResults(unhex(t, "1F0302"))); r.Outcome() != CVMSuccessful || r.Rule().Method != CVMNone {
		t.Error(r)
	}
}

func TestAFL(t *testing.T) {
	a := must[AFL](t)(ParseAFL(unhex(t, "080202001001020018010201")))
	same(t, "coded again", a.Bytes(), "080202001001020018010201")
	for _, bad := range []string{"", "08020200FF", "00010100", "F8010100", "08000100", "08020100", "08010102", "09010100"} {
		if _, err := ParseAFL(unhex(t, bad)); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
}

func TestCID(t *testing.T) {
	for c, want := range map[CID]string{0x80: "ARQC", 0x40: "TC", 0x00: "AAC", 0x0A: "AAC, advice required, PIN try limit exceeded", 0xC7: "RFU cryptogram, RFU reason 7"} {
		if c.String() != want {
			t.Errorf("%02X: %s", byte(c), c)
		}
	}
}

func TestIAD(t *testing.T) {
	for raw, want := range map[string]struct {
		layout IADLayout
		cvn    byte
		cvr    string
	}{
		"07000103A04002010A010000001000D1F61152":                                       {IADPBOC, 0x01, "03A04002"},
		"06011203A0B800":                                                               {IADVisa, 0x12, "03A0B800"},
		"1F220100A0000000" + strings.Repeat("00", 24):                                  {IADVisa2, 0x22, "00A0000000"},
		"0010A00003220000DAC00000000000000000":                                         {IADMChip, 0x10, "A00003220000"},
		"0FA501A030000000" + strings.Repeat("00", 8) + "0F" + strings.Repeat("00", 15): {IADCommon, 0xA5, "A030000000"},
	} {
		i := must[IAD](t)(ParseIAD(unhex(t, raw)))
		if i.Layout != want.layout || i.CVN != want.cvn || hexText(i.CVR) != want.cvr {
			t.Errorf("%s: %+v", raw, i)
		}
	}
	for _, bad := range []string{"", "06", "0601120300A0", "0601120200A0B8", "FF", strings.Repeat("00", 40)} {
		if i, err := ParseIAD(unhex(t, bad)); err == nil {
			t.Errorf("%s: %+v", bad, i)
		}
	}
}

func TestSchemeOf(t *testing.T) {
	pboc, visa := unhex(t, "07000103A04002010A010000001000D1F61152"), unhex(t, "06011203A0B800")
	for _, c := range []struct {
		aid  string
		iad  []byte
		want string
	}{
		{"A000000333010101", pboc, "PBOC CVN 01"}, {"", pboc, "PBOC CVN 01"},
		{"A0000000031010", visa, "Visa CVN 18"}, {"", visa, "Visa CVN 18"},
		{"A0000000041010", unhex(t, "0011A00003220000DAC00000000000000000"), "Mastercard CVN 17"},
		{"", unhex(t, "0015A00003220000DAC00000000000000000"), "Mastercard CVN 21"},
	} {
		s, err := SchemeOf(unhex(t, c.aid), c.iad)
		if err != nil || s.Name != c.want {
			t.Errorf("%s %X: %s, %v", c.aid, c.iad, s.Name, err)
		}
	}
	for _, iad := range [][]byte{nil, {7, 0, 0x17, 3, 0, 0, 0}} {
		if s, err := SchemeOf(RIDUnionPay[:], iad); err == nil {
			t.Errorf("%X: %s", iad, s.Name)
		}
	}
}
