package emulator_test

import (
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/money"
	"possim/reader"
)

// TestWhatEverySlipSays: what it was, in both languages, and of what.
func TestWhatEverySlipSays(t *testing.T) {
	for name, want := range map[string][]string{
		"sale":            {"消费(SALE)", "622202******0015 /S", "授权码(AUTH NO):000001"},
		"qr":              {"扫码支付(QR PAYMENT)", "付款码(PAYMENT CODE):", "622111*********1111", "免签名"},
		"void":            {"消费撤销(VOID)", "原凭证号(OLD VOUCHER):000001", "RMB:88.00"},
		"void of qr":      {"消费撤销(VOID)", "付款码(PAYMENT CODE):", "原凭证号(OLD VOUCHER):000001"},
		"refund":          {"退货(REFUND)", "原参考号(OLD REFER NO):", "060100000001", "原交易日期(OLD DATE):0530"},
		"pre-auth":        {"预授权(AUTH)", "授权码(AUTH NO):000001"},
		"cancel":          {"预授权撤销(AUTH CANCEL)", "原授权码(OLD AUTH NO):000001"},
		"completion":      {"预授权完成(AUTH COMPLETE)", "原授权码(OLD AUTH NO):000001", "RMB:90.00"},
		"notice":          {"预授权完成通知", "原授权码(OLD AUTH NO):123456"},
		"completion void": {"预授权完成撤销", "原凭证号(OLD VOUCHER):000002"},
	} {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			o := everyOrder()[name]
			o.begin(t, w)
			out := do(t, w, emulator.Config{}, o.Order)
			for _, text := range append(want, "模拟交易") {
				if !strings.Contains(out.Slip, text) {
					t.Errorf("the slip does not say %q:\n%s", text, out.Slip)
				}
			}
			if (name == "qr" || name == "void of qr") == strings.Contains(out.Slip, "SIGNATURE)") {
				t.Errorf("a signature is asked for, or not, as it should not:\n%s", out.Slip)
			}
		})
	}
}

// TestNoPrinter: a terminal without one books all the same, and offers nothing again.
func TestNoPrinter(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good("6222020000000015=29121010000000000")}
	terminal := w.terminal(emulator.Config{})
	terminal.Print = nil
	for _, o := range []emulator.Order{{Kind: emulator.Sale, Amount: money.Yuan(100)}, {Kind: emulator.Settle}} {
		out, err := terminal.Do(t.Context(), o)
		if err != nil || out.Result != emulator.Approved || out.Slip != "" {
			t.Errorf("%s: %+v, %v", o.Kind, out, err)
		}
		if s := terminal.State(); s.LastSlip != "" || s.Unprinted || o.Kind == emulator.Sale && len(s.Journal) != 1 {
			t.Errorf("%s: %+v", o.Kind, s)
		}
	}
	if len(w.slips) != 0 {
		t.Errorf("%d slips came out of no printer", len(w.slips))
	}
}
