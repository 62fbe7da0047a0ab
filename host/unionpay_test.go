package host

import (
	"context"
	"strings"
	"testing"

	"possim/host/wire"
)

// TestUnionPayMessagesAreWhole: what contradicts itself, or names an original by
// half, is answered 30 in UnionPay's dialect and posts nothing.
func TestUnionPayMessagesAreWhole(t *testing.T) {
	const begin = `
		unionpay
		signon -> 00
		card A pin=123456
		sale A 1.00 as=s -> 00 A=999999.00
	`
	for name, text := range map[string]string{
		"a void by half": `
			void A 1.00 of=s rrn= -> 30 format
			void A 1.00 of=s f61= -> 30 format
			void A 1.00 of=s f61=0000000000000601 -> 30 format A=999999.00
			void A 1.00 of=s -> 00 A=1000000.00
		`,
		"a refund by half": `
			refund A 1.00 of=s rrn= -> 30 format
			refund A 1.00 of=s f61=000001000001 -> 30 format A=999999.00
			refund A 1.00 of=s -> 00 A=1000000.00
		`,
		"a completion by half": `
			preauth A 5.00 as=h -> 00
			complete A 5.00 of=h auth= -> 30 format
			complete A 5.00 of=h f61=000001000002 -> 30 format
			cancel A 5.00 of=h auth= -> 30 format A.held=5.00
			complete A 5.00 of=h as=c -> 00
			cvoid A 5.00 of=c f61=000001000005 -> 30 format
			cvoid A 5.00 of=c -> 00
		`,
		"a reversal without a reason": `
			rev - 1.00 f39= -> 30 format A=999999.00
			rev - 1.00 -> 00 A=1000000.00
		`,
		"a day that there is not": `
			refund A 1.00 of=s f61=0000000000001301 -> 30 format
			refund A 1.00 of=s f61=0000000000000230 -> 30 format A=999999.00
		`,
		"types that contradict": `
			sale A 1.00 f60=25000001000600 -> 30 format      # a refund's
			sale A 1.00 f60=10000001000600 -> 30 format
			sale A 1.00 f25=06 -> 30 format                  # 25 is a completion's, 60.1 a sale's
			refund A 1.00 of=s f60=22000001000600 -> 30 format
			rev - 1.00 f60=25000001000600 -> 30 format
			rev - 1.00 f60=10000001000600 -> 30 format A=999999.00
			sale A 1.00 f60=36000001000600 -> 12 transaction # electronic cash: not served
			sale A 1.00 f25=91 -> 12 transaction
			sale A 1.00 f60=99000001000600 -> 12 transaction
		`,
		"field 60 cut short": `
			sale A 1.00 f60=22 -> 30 format
			sale A 1.00 f60=2200000 -> 30 format
			sale A 1.00 f60=22000001 -> 00
		`,
		"entry modes": `
			sale A 1.00 f22=992 -> 30 format
			sale A 1.00 f22=029 -> 30 format
			sale A 1.00 f22=22 -> 30 format A=999999.00
			sale A 1.00 f22=962 -> 00
		`,
		"field 53 and field 52": `
			sale A 1.00 f53=2600000000000000 -> 30 format    # a PIN's format, and no PIN
			sale A 1.00 f53=26 -> 30 format A=999999.00
			sale A 1.00 f53=0600000000000000 -> 00
			sale A 1.00 pin=123456 f22=021 -> 00
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, begin+text) })
	}
}

// TestPINThatFieldDenies: 53.1 = 0 beside field 52.
func TestPINThatFieldDenies(t *testing.T) {
	w := table(t, "unionpay\nsignon -> 00\ncard A pin=123456")
	m, err := w.message("sale", []string{"A", "1.00", "pin=123456", "f22=021"})
	if err != nil {
		t.Fatal(err)
	}
	m.Security = "0600000000000000"
	if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != wire.FormatError || !strings.Contains(d.Note, "field 52 holds one") {
		t.Errorf("got %s, %s", d.Answer.Code, d.Note)
	}
}

// TestManagementTypes: 60.1 of what moves no money is 00.
func TestManagementTypes(t *testing.T) {
	w := table(t, "unionpay")
	for _, tx := range wire.UnionPay().Transactions() {
		if served[tx.Kind]&managed == 0 {
			continue
		}
		m := wire.Message{TPDU: w.tpdu, STAN: "000001", TID: "00000001", MID: "898100054110001", Private62: []byte("100")}
		tx.Start(&m)
		m.Private60 = "22" + m.Private60[2:]
		if d := w.h.Decide(context.Background(), Request{Message: m}); d.Answer.Code != wire.FormatError {
			t.Errorf("%s with 60.1 = 22: got %s", tx.Kind, d.Answer.Code)
		}
		if d := w.h.Decide(context.Background(), Request{Message: m, Last: true}); d.Rule == "format" && strings.Contains(d.Note, "60.1") {
			t.Errorf("%s in somebody else's dialect: got %s, %s", tx.Kind, d.Answer.Code, d.Note)
		}
	}
}
