package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/wire"
)

// The base keys of ANSI X9.24-1 and X9.24-3, published, and the initial key of the
// former with its serial number.
const (
	baseTDES    = "0123456789ABCDEFFEDCBA9876543210"
	baseAES     = "aes:FEDCBA9876543210F1F1F1F1F1F1F1F1"
	initialTDES = "6AC292FAA1315B4D858AB3A3D7D5933A+FFFF9876543210E00000"
)

// TestDUKPT sells over TCP with keys of each message's own, TDES and AES, in every
// dialect, beside terminals that sign on; with another base key a MAC does not verify.
func TestDUKPT(t *testing.T) {
	dir := t.TempDir()
	for _, dialect := range wire.Names() {
		for name, base := range map[string]string{"tdes": baseTDES, "aes": baseAES} {
			h := startHost(t, "--dialect", dialect, "--mac", "require", "--dukpt", base)
			sale := func(state string, more ...string) (int, emulator.Words) {
				return saleJSON(t, append([]string{"1.00", "--swipe", "good", "--host", h.addr, "--dialect", dialect, "--mac", "require",
					"--state", filepath.Join(dir, dialect+name+state)}, more...)...)
			}
			for range 2 {
				if code, got := sale("", "--dukpt", base); code != exitOK {
					t.Errorf("%s %s: exit %d, %+v", dialect, name, code, got)
				}
			}
			if name == "tdes" {
				if code, got := sale("initial", "--tid", "00000002", "--dukpt", initialTDES); code != exitOK {
					t.Errorf("%s: an initial key: exit %d, %+v", dialect, code, got)
				}
			}
			if code, got := sale("signs-on", "--tid", "00000003"); code != exitOK {
				t.Errorf("%s %s: beside it one that signs on: exit %d, %+v", dialect, name, code, got)
			}
			other := strings.Replace(base, "BA98", "BA58", 1) // not in parity alone
			if code, got := sale("other", "--tid", "00000004", "--dukpt", other); code != exitFailed || got.Code != wire.MACError {
				t.Errorf("%s %s: under another base key: exit %d, %+v", dialect, name, code, got)
			}
			h.stop()
			if strings.Contains(h.log.String(), base[4:]) {
				t.Errorf("%s: the log shows the key", name)
			}
		}
	}
}

// TestPINFormatFlag has the host verify PINs of each format: the right one is approved,
// another answered 55. Format 4 goes in somebody's dialect whose field 52 has 16 bytes.
func TestPINFormatFlag(t *testing.T) {
	dir := t.TempDir()
	wide := filepath.Join(dir, "wide.xml")
	if err := os.WriteFile(wide, []byte(wideDialect), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ format, dialect, dukpt string }{
		{"0", "unionpay", ""}, {"1", "unionpay", ""}, {"3", "unionpay", ""}, {"0", "iso87ascii", ""}, {"3", "iso87bcd", ""},
		{"0", "unionpay", baseTDES}, {"3", "iso87ascii", baseTDES}, {"4", wide, baseAES},
	} {
		keys := []string{"--mac", "require", "--dialect", test.dialect}
		if test.dukpt != "" {
			keys = append(keys, "--dukpt", test.dukpt)
		}
		h := startHost(t, keys...)
		for pin, want := range map[string]wire.Code{"123456": wire.Approved, "908172": wire.WrongPIN} {
			args := append([]string{"1.00", "--swipe", "pinned", "--pin", pin, "--pin-format", test.format, "--host", h.addr,
				"--state", filepath.Join(dir, test.format+filepath.Base(test.dialect)+test.dukpt)}, keys...)
			if code, got := saleJSON(t, args...); got.Code != want || (code == exitOK) != (want == wire.Approved) {
				t.Errorf("format %s in %s with %q: exit %d, %+v, want %s", test.format, filepath.Base(test.dialect), test.dukpt, code, got, want)
			}
		}
		h.stop()
	}
}

// TestKeyFlagsRefused: what no terminal could do is said before anything is sent, and
// no key is shown.
func TestKeyFlagsRefused(t *testing.T) {
	sale := []string{"sale", "1.00", "--swipe", "good"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{append(sale, "--dukpt", baseTDES+"0"), "one is missing or too many"},
		{append(sale, "--dukpt", baseTDES[:16]), "DUKPT has keys of 32"},
		{append(sale, "--dukpt", baseTDES+"+00"), "want 20 hex digits"},
		{append(sale, "--dukpt", baseAES+"+FFFF9876543210E00000"), "the other family"},
		{append(sale, "--dukpt", baseTDES, "--tmk", secretTMK), "exclude each other"},
		{append(sale, "--dukpt", baseAES, "--mac-algorithm", "ecb"), "want cmac"},
		{append(sale, "--dukpt", baseTDES, "--tid", "SHOP0001"), "8 digits"},
		{append(sale, "--dukpt", baseAES, "--pin", "123456"), "format 4 alone"},
		{append(sale, "--pin-format", "4"), "field 52 of the dialect unionpay holds 8"},
		{append(sale, "--pin-format", "2"), "want 0, 1, 3 or 4"},
		{[]string{"host", "--dukpt", initialTDES}, "without +KSN"},
		{[]string{"run", "--dukpt", initialTDES}, "without +KSN"},
	} {
		a, stdout, stderr := testApp("")
		code := a.run(t.Context(), append(test.args, "--log", "error"))
		all := stdout.String() + stderr.String()
		if code != exitUsage || !strings.Contains(all, test.want) {
			t.Errorf("%v: exit %d, %s; want %q", test.args[0], code, all, test.want)
		}
		for _, secret := range []string{baseTDES[:16], baseAES[4:20], initialTDES[:16], secretTMK[:16]} {
			if strings.Contains(all, secret) {
				t.Errorf("the key is shown: %s", all)
			}
		}
	}
}

// wideDialect is a specification whose field 52 holds an AES block.
const wideDialect = `<isopackager>
<isofield id="0" length="4" name="MTI" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="1" length="16" name="bitmap" class="org.jpos.iso.IFA_BITMAP"/>
<isofield id="3" length="6" name="code" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="4" length="12" name="amount" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="11" length="6" name="STAN" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="12" length="6" name="time" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="13" length="4" name="date" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="22" length="3" name="entry" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="25" length="2" name="condition" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="35" length="37" name="track 2" class="org.jpos.iso.IFA_LLCHAR"/>
<isofield id="37" length="12" name="RRN" class="org.jpos.iso.IF_CHAR"/>
<isofield id="38" length="6" name="auth" class="org.jpos.iso.IF_CHAR"/>
<isofield id="39" length="2" name="code" class="org.jpos.iso.IF_CHAR"/>
<isofield id="41" length="8" name="TID" class="org.jpos.iso.IF_CHAR"/>
<isofield id="42" length="15" name="MID" class="org.jpos.iso.IF_CHAR"/>
<isofield id="49" length="3" name="currency" class="org.jpos.iso.IF_CHAR"/>
<isofield id="52" length="16" name="PIN" class="org.jpos.iso.IFA_BINARY"/>
<isofield id="62" length="99" name="KSN" class="org.jpos.iso.IFA_LLLCHAR"/>
<isofield id="64" length="8" name="MAC" class="org.jpos.iso.IFA_BINARY"/>
<isofield id="70" length="3" name="function" class="org.jpos.iso.IFA_NUMERIC"/>
<isofield id="90" length="42" name="original" class="org.jpos.iso.IFA_NUMERIC"/>
</isopackager>`
