package slip_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"possim/emulator/slip"
	"possim/host/money"
	"possim/host/wire"
)

var settled = slip.Totals{
	MerchantName: "测试商户", MID: "898100054110001", TID: "00000001", Operator: "01", Batch: "000001",
	At: time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC), Currency: money.CNY,
	Totals: wire.Totals{
		Domestic: wire.Sums{Debit: 19_000, DebitCount: 3, Credit: 8_800, CreditCount: 1, Agreed: wire.Balanced},
		Foreign:  wire.Sums{Agreed: wire.Unbalanced},
	},
}

func ExampleTotals() {
	for line := range strings.Lines(settled.Text()) {
		fmt.Print(strings.TrimLeft(line, " "))
	}
	// Output:
	// 结算总计单
	// 模拟交易 不作凭证 / SIMULATED
	// --------------------------------
	// 商户名(MERCHANT NAME):测试商户
	// 商户编号(MERCHANT NO):
	// 898100054110001
	// 终端号(TERMINAL NO):00000001
	// 操作员号(OPERATOR NO):01
	// 批次号(BATCH NO):000001
	// 结算时间(SETTLED AT):
	// 2026/06/01 22:00:00
	// --------------------------------
	// 类型(TYPE)  笔数(NUM)  金额(AMT)
	// 内卡对账平(DOMESTIC BALANCED)
	// 借记(DEBIT) 3 190.00
	// 贷记(CREDIT) 1 88.00
	// 外卡对账不平(NOT BALANCED)
	// 借记(DEBIT) 0 0.00
	// 贷记(CREDIT) 0 0.00
}

// every is a slip of each kind with all it can say.
func every() (texts []string) {
	again := settled
	again.Duplicate = true
	again.Totals.Domestic.Debit, again.Totals.Domestic.DebitCount = 999_999_999_999, 999
	texts = append(texts, settled.Text(), again.Text())
	for _, k := range []slip.Kind{slip.Sale, slip.Void, slip.Refund, slip.PreAuth, slip.PreAuthCancel,
		slip.Completion, slip.CompletionNotice, slip.CompletionVoid, slip.QR} {
		s := sample
		s.Kind, s.OldVoucher, s.OldRRN, s.OldDate, s.OldAuth = k, "000001", "061000000001", "0531", "654321"
		texts = append(texts, s.Text())
		s.Entry, s.Card = slip.Scanned, "622111*********1111"
		texts = append(texts, s.Text())
	}
	return texts
}

func TestEverySlipFitsThePaper(t *testing.T) {
	for _, text := range every() {
		for line := range strings.Lines(text) {
			if w := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); w > slip.Width {
				t.Errorf("line of %d columns on paper of %d: %q", w, slip.Width, line)
			}
		}
		if strings.Contains(text, sample.PAN.Reveal()) {
			t.Errorf("the slip shows the card number:\n%s", text)
		}
	}
}

func TestCodePaymentAsksForNoSignature(t *testing.T) {
	s := sample
	s.Entry, s.Card, s.Kind = slip.Scanned, "622111*********1111", slip.QR
	text := s.Text()
	if strings.Contains(text, "CARDHOLDER SIGNATURE") || !strings.Contains(text, "免签名") || !strings.Contains(text, "付款码(PAYMENT CODE)") {
		t.Fatalf("got:\n%s", text)
	}
}
