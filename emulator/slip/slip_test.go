package slip_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"possim/emulator/slip"
	"possim/host/money"
)

var sample = slip.Slip{
	MerchantName: "一家名字长得在一行里放不下的测试商户 POSSIM", MID: "898100054110001", TID: "00000001", Operator: "01",
	PAN: "6222020000000015", Entry: slip.Swiped, Kind: slip.Sale, Batch: "000001",
	Voucher: "000007", Auth: "123456", RRN: "061000000007",
	At: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Amount: money.Yuan(123456),
}

func Example() {
	s := slip.Slip{
		MerchantName: "测试商户", MID: "898100054110001", TID: "00000001",
		PAN: "6222020000000015", Entry: slip.Swiped, Kind: slip.Sale, Batch: "000001",
		Voucher: "000007", Auth: "123456", RRN: "061000000007",
		At: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Amount: money.Yuan(1234),
	}
	for line := range strings.Lines(s.Text()) {
		fmt.Print(strings.TrimLeft(line, " "))
	}
	// Output:
	// 银联POS签购单
	// 模拟交易 不作凭证 / SIMULATED
	// --------------------------------
	// 商户名(MERCHANT NAME):测试商户
	// 商户编号(MERCHANT NO):
	// 898100054110001
	// 终端号(TERMINAL NO):00000001
	// --------------------------------
	// 卡号(CARD NO):
	// 622202******0015 /S
	// 交易类别(TRANS TYPE):消费(SALE)
	// 批次号(BATCH NO):000001
	// 凭证号(VOUCHER NO):000007
	// 授权码(AUTH NO):123456
	// 参考号(REFER NO):061000000007
	// 日期/时间(DATE/TIME):
	// 2026/06/01 09:00:00
	// 金额(AMOUNT):RMB:12.34
	// --------------------------------
	// 持卡人签名(CARDHOLDER SIGNATURE)
	//
	// 本人确认以上交易，
	// 同意将其记入本卡账户
	// I ACKNOWLEDGE SATISFACTORY
	// RECEIPT OF RELATIVE
	// GOODS/SERVICE
	// 商户存根(MERCHANT COPY)
}

func TestNoLineIsWiderThanThePaper(t *testing.T) {
	for line := range strings.Lines(sample.Text()) {
		if w := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); w > slip.Width {
			t.Errorf("line of %d columns on paper of %d: %q", w, slip.Width, line)
		}
	}
}

func TestSlipNeverShowsThePAN(t *testing.T) {
	text := sample.Text()
	if strings.Contains(text, sample.PAN.Reveal()) {
		t.Fatalf("the slip shows the card number:\n%s", text)
	}
	if !strings.Contains(text, "622202******0015") {
		t.Fatalf("the slip does not name the card:\n%s", text)
	}
}

func TestReprintSaysSo(t *testing.T) {
	again := sample
	again.Duplicate = true
	if !strings.Contains(again.Text(), "重打印凭证/DUPLICATED") {
		t.Fatal("a reprint must say that it is one")
	}
	if strings.Contains(sample.Text(), "DUPLICATED") {
		t.Fatal("a first print must not")
	}
}
