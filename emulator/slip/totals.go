package slip

import (
	"fmt"
	"time"

	"possim/host/money"
	"possim/host/wire"
)

// Totals is the slip of a settlement (结算总计单): what the batch came to, and
// whether the host has the same.
type Totals struct {
	MerchantName string
	MID, TID     string
	Operator     string
	Batch        string
	At           time.Time
	Currency     money.Currency
	Totals       wire.Totals
	Duplicate    bool // a reprint
}

// Text returns the slip as lines of at most Width columns.
func (s Totals) Text() string {
	var b paper
	b.title("结算总计单", s.Duplicate)
	b.field("商户名(MERCHANT NAME)", s.MerchantName)
	b.field("商户编号(MERCHANT NO)", s.MID)
	b.field("终端号(TERMINAL NO)", s.TID)
	b.field("操作员号(OPERATOR NO)", s.Operator)
	b.field("批次号(BATCH NO)", s.Batch)
	b.field("结算时间(SETTLED AT)", s.At.Format("2006/01/02 15:04:05"))
	b.rule()
	b.line("类型(TYPE)  笔数(NUM)  金额(AMT)")
	b.sums("内卡", "DOMESTIC", s.Totals.Domestic, s.Currency)
	b.sums("外卡", "FOREIGN", s.Totals.Foreign, s.Currency)
	return b.String()
}

// sums prints one group of cards.
func (p *paper) sums(chinese, english string, s wire.Sums, c money.Currency) {
	verdict := "对账平(" + english + " BALANCED)"
	if !s.Agreed.OK() {
		verdict = "对账不平(NOT BALANCED)"
	}
	p.line(chinese + verdict)
	p.sum("借记(DEBIT)", s.DebitCount, s.Debit, c)
	p.sum("贷记(CREDIT)", s.CreditCount, s.Credit, c)
}

func (p *paper) sum(name string, count int, minor int64, c money.Currency) {
	amount := money.Amount{Minor: minor, Currency: c}
	p.line(fmt.Sprintf("%s %d %s", name, count, amount))
}
