package host

import (
	"context"
	"testing"

	"possim/host/wire"
)

// TestInstitutions: who answers, in UnionPay's dialect and elsewhere. A repeat gets
// the same (again).
func TestInstitutions(t *testing.T) {
	for name, text := range map[string]string{
		"UnionPay": `
			unionpay
			card A balance=10.00
			sale A 1.00 -> 00 F32=48980000 F44=01980000___48980000___ F63=CUP
			again -> 00 F32=48980000 F44=01980000___48980000___ F63=CUP
			rev - 1.00 -> 00 F32=48980000 F44=01980000___48980000___ F63=CUP # though a reversal names no card
			sale A 99.00 -> 51 F32=48980000 F44=01980000___48980000___ F63=CUP
			rev - 5.00 stan=99 -> 25 F63=000
			signon -> 00 F32=48980000 F44= F63=
		`,
		"elsewhere": `
			card A
			sale A 1.00 -> 00 F32=48980000 F44= F63=
		`,
		"payment codes": `
			unionpay
			card A
			qr A 1.00 -> 00 F63=CUP
			rev - 1.00 entry=032 -> 00 F63=CUP
			qr A 1.00 scheme=alipay as=q -> 00 F63=000
			void A 1.00 of=q -> 00 F63=000
		`,
		"a wrong PIN is told of in the issuer's text": `
			unionpay
			signon -> 00
			card A pin=123456
			sale A 1.00 pin=654321 f22=021 -> 55 F44=01980000___48980000___ F63=CUPPIN_tries_left_2
			again -> 55 F63=CUPPIN_tries_left_2
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestAcquirerThatIsNotNamed: the default is UnionPay's dialect's alone.
func TestAcquirerThatIsNotNamed(t *testing.T) {
	w := newWorld(t)
	w.h.Acquirer = ""
	w.run("card A\nsale A 1.00 -> 00 F32=\nunionpay\nsale A 1.00 -> 00 F32=48980000")
	m, _ := w.message("sale", []string{"A", "2.00"})
	if d := w.h.Decide(context.Background(), Request{Message: m, Last: true}); d.Answer.Acquirer != "" || d.Answer.Private63 != "" {
		t.Errorf("somebody else's dialect with a TPDU: got %+v", d.Answer)
	}
	w.h.Acquirer, w.h.Issuer = "01234567890", "9"
	w.run("sale A 1.00 -> 00 F32=01234567890 F44=9__________01234567890")
}

func TestSchemes(t *testing.T) {
	h := &Host{}
	for number, want := range map[string]string{
		"622202******0015": "CUP", "411111******1111": "VIS", "555555******4444": "MCC", "222100******0000": "MCC", "272099******0000": "MCC",
		"272100******0000": "000", "352800******0000": "JCB", "358999******0000": "JCB", "359000******0000": "000", "378282******0005": "AMX",
		"676700******0000": "MAE", "601111******1117": "000", "": "000",
	} {
		if got := h.scheme(&record{PAN: number}); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
	h.Schemes = map[string]string{"62": "CUP", "622202": "DCC"}
	if got := h.scheme(&record{PAN: "622202******0015"}); got != "DCC" {
		t.Errorf("the longest beginning: got %s", got)
	}
	DefaultSchemes()["62"] = "JCB"
	if got := new(Host).scheme(&record{Scan: wire.QRCode("6234567890123456789").String()}); got != "CUP" {
		t.Errorf("a table that was handed out changed the host's: got %s", got)
	}
}
