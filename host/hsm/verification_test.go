package hsm

import (
	"strings"
	"testing"

	"possim/reader/card"
)

func TestCVV(t *testing.T) {
	for _, v := range []struct {
		source, cvk  string
		pan          card.PAN
		expiry, want string
		code         card.ServiceCode
	}{
		{"knovichikhin/psec tests/test_cvv.py", "99999999999999998888888888888888", "2222222222222222", "3333", "361", "111"},
		{"jPOS JCESecurityModuleTest.testCalculateCVDImpl1", "13345779133457791334577913345779", "123456789012", "1108", "204", ForCVV2},
		{"jPOS JCESecurityModuleTest.testCalculateCVDImpl2", "13345779133457798664432086644320", "123456789012", "1108", "453", ForCVV2},
		{"pablom/go-cavv visa_cavv_test.go", "0123456789ABCDEFFEDCBA9876543210", "4123456789012345", "7993", "972", "700"},
		{"CyberChef payment operations", "0123456789ABCDEFFEDCBA9876543210", "4123456789012345", "0225", "221", ForCVV2},
	} {
		got, err := CVV(tdesKey(t, v.cvk), v.pan, v.expiry, v.code)
		if err != nil || got != v.want {
			t.Errorf("%s: %q, %v, want %s", v.source, got, err, v.want)
		}
		if ok, err := VerifyCVV(tdesKey(t, v.cvk), v.pan, v.expiry, v.code, v.want); !ok || err != nil {
			t.Error(v.source, err)
		}
		for _, bad := range []string{"", "000", v.want[:2]} {
			if ok, _ := VerifyCVV(tdesKey(t, v.cvk), v.pan, v.expiry, v.code, bad); ok {
				t.Errorf("%s: %q verified", v.source, bad)
			}
		}
	}
	k := tdesKey(t, canary)
	for name, f := range map[string]func() (string, error){
		"single":  func() (string, error) { return CVV(tdesKey(t, canary[:16]), "6210947000000021", "2912", "201") },
		"PAN":     func() (string, error) { return CVV(k, "62109470000x0021", "2912", "201") },
		"expiry":  func() (string, error) { return CVV(k, "6210947000000021", "29-2", "201") },
		"service": func() (string, error) { return CVV(k, "6210947000000021", "2912", "") },
	} {
		if got, err := f(); err == nil || got != "" || strings.Contains(err.Error(), "62109") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPVV(t *testing.T) {
	const pvk = "0123456789ABCDEFFEDCBA9876543210"
	for _, v := range []struct {
		source, pvk string
		index       int
		pin         string
		pan         card.PAN
		want        string
	}{
		{"knovichikhin/psec test_generate_visa_pvv", pvk, 1, "4524", "1122334455667788", "8523"},
		{"knovichikhin/psec test_generate_visa_pvv", pvk, 2, "1912", "1122334455667788", "3244"},
		{"knovichikhin/psec test_generate_visa_pvv, three digits and a letter", pvk, 1, "0570", "1122334455667718", "3144"},
		{"knovichikhin/psec test_generate_visa_pvv", pvk, 1, "8299", "1122334455667708", "4422"},
		{"jPOS JCESecurityModuleTest.testCalculatePVVImpl1", "13345779133457791334577913345779", 0, "1234", "1234567890123", "1226"},
	} {
		got, err := PVV(tdesKey(t, v.pvk), v.index, pin(t, v.pin), v.pan)
		if err != nil || got != v.want {
			t.Errorf("%s: %q, %v, want %s", v.source, got, err, v.want)
		}
		if ok, err := VerifyPVV(tdesKey(t, v.pvk), v.index, pin(t, v.pin+"99"), v.pan, v.want); !ok || err != nil {
			t.Error(v.source, "the first four digits alone count:", err)
		}
		if ok, _ := VerifyPVV(tdesKey(t, v.pvk), v.index, pin(t, "2718"), v.pan, v.want); ok {
			t.Error(v.source, "another PIN verified")
		}
	}
	k := tdesKey(t, pvk)
	for name, f := range map[string]func() (string, error){
		"no PIN": func() (string, error) { return PVV(k, 1, PIN{}, "6210947000000021") },
		"index":  func() (string, error) { return PVV(k, 10, pin(t, "2718"), "6210947000000021") },
		"PAN":    func() (string, error) { return PVV(k, 1, pin(t, "2718"), "62109470000") },
		"key":    func() (string, error) { return PVV(aesKey(t, pvk), 1, pin(t, "2718"), "6210947000000021") },
	} {
		if _, err := f(); err == nil || strings.Contains(err.Error(), "2718") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// knovichikhin/psec tests/test_pin.py, test_generate_ibm3624_offset.
func TestIBM3624(t *testing.T) {
	for _, v := range []struct {
		pin, want string
		from, n   int
		pad       byte
	}{
		{"4524", "0000", 0, 16, 'F'}, {"4524", "0000", 0, 16, 'f'}, {"5635", "1111", 0, 16, 0}, {"0000", "6586", 0, 0, 'F'},
		{"1111", "7697", 0, 16, 'F'}, {"1234", "7710", 0, 16, 'F'}, {"5518", "0000", 0, 14, 'F'}, {"5518", "0000", 0, 14, 'f'},
		{"3675", "0000", 1, 14, '1'}, {"5550", "0000", 2, 14, '1'},
	} {
		m := IBM3624{PVK: tdesKey(t, "0123456789ABCDEFFEDCBA9876543210"), Table: "1234567890123456", From: v.from, Len: v.n, Pad: v.pad}
		got, err := m.Offset(pin(t, v.pin), "1122334455667788")
		if err != nil || got != v.want {
			t.Errorf("%s: %q, %v, want %s", v.pin, got, err, v.want)
		}
		if p, err := m.PIN(v.want, "1122334455667788"); err != nil || p.Reveal() != v.pin {
			t.Error(v.pin, err)
		}
		if ok, err := m.Verify(pin(t, v.pin), "1122334455667788", v.want); !ok || err != nil {
			t.Error(v.pin, err)
		}
		if ok, _ := m.Verify(pin(t, "2718"), "1122334455667788", v.want); ok {
			t.Error("another PIN verified")
		}
	}
	k := tdesKey(t, canary)
	for name, m := range map[string]IBM3624{
		"no key": {}, "table": {PVK: k, Table: "12"}, "pad": {PVK: k, Pad: 'x'}, "from": {PVK: k, From: 16}, "length": {PVK: k, From: 4, Len: 13},
		"negative": {PVK: k, From: -1}, "17 digits": {PVK: k, Len: 17},
	} {
		if _, err := m.Offset(pin(t, "2718"), "6210947000000021"); err == nil || strings.Contains(err.Error(), "2718") {
			t.Errorf("%s: %v", name, err)
		}
		if p, err := m.PIN("0000", "6210947000000021"); err == nil || !p.Zero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (IBM3624{PVK: k}).PIN("00x0", "6210947000000021"); err == nil {
		t.Error("an offset with a letter")
	}
}
