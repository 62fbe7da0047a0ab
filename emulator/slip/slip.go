// Package slip writes the sales slip (签购单): what a terminal prints after it
// booked a transaction.
//
// The layout follows the public UnionPay POS slip: a title, lines of
// "中文(ENGLISH):value", the amount, the sentence the cardholder signs under, and
// whose copy it is. A slip is 32 columns wide, the width of 58 mm paper in a
// 12-dot font; a Chinese character takes two columns. The card number is masked
// by its type, and every slip says that it is a simulation.
//
// [Slip] is a transaction's, [Totals] a settlement's (结算总计单).
//
//	s := slip.Slip{MerchantName: "POSSIM 测试商户", PAN: pan, Entry: slip.Swiped, ...}
//	fmt.Print(s.Text())
package slip

import (
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"possim/host/money"
	"possim/reader/card"
)

// Width is the paper's width in columns.
const Width = 32

// columns measures text. A condition of our own, since the library's default
// asks the environment for its locale and a slip must not depend on it.
var columns = &runewidth.Condition{StrictEmojiNeutral: true}

// Entry marks how the card was read, behind its number.
type Entry string

// The marks of the public slip layout.
const (
	Swiped  Entry = "S"
	Chipped Entry = "I"
	Tapped  Entry = "C"
	Keyed   Entry = "M"
	Scanned Entry = "N" // no card: a payment code
)

// Kind is the transaction's name in both languages.
type Kind struct{ Chinese, English string }

// The kinds of transaction that leave a slip.
var (
	Sale             = Kind{"消费", "SALE"}
	Void             = Kind{"消费撤销", "VOID"}
	Refund           = Kind{"退货", "REFUND"}
	PreAuth          = Kind{"预授权", "AUTH"}
	PreAuthCancel    = Kind{"预授权撤销", "AUTH CANCEL"}
	Completion       = Kind{"预授权完成", "AUTH COMPLETE"}
	CompletionNotice = Kind{"预授权完成通知", "AUTH NOTICE"}
	CompletionVoid   = Kind{"预授权完成撤销", "COMPLETE VOID"}
	QR               = Kind{"扫码支付", "QR PAYMENT"}
)

// Slip is what one slip says.
type Slip struct {
	MerchantName string
	MID, TID     string
	Operator     string
	PAN          card.PAN
	Card         string // the masked number or payment code, where PAN is not at hand
	Entry        Entry
	Kind         Kind
	Batch        string
	Voucher      string // F11
	Auth         string // F38
	RRN          string // F37
	At           time.Time
	Amount       money.Amount
	Duplicate    bool // a reprint

	OldVoucher string // of a void: what it voids
	OldRRN     string // of a refund
	OldDate    string // MMDD
	OldAuth    string // of what follows a pre-authorisation

	Chip *Chip // of a chip that took part in deciding
}

// Text returns the slip as lines of at most Width columns.
func (s Slip) Text() string {
	var b paper
	b.title("银联POS签购单", s.Duplicate)
	b.field("商户名(MERCHANT NAME)", s.MerchantName)
	b.field("商户编号(MERCHANT NO)", s.MID)
	b.field("终端号(TERMINAL NO)", s.TID)
	b.field("操作员号(OPERATOR NO)", s.Operator)
	b.rule()
	b.paidWith(s)
	b.field("交易类别(TRANS TYPE)", s.Kind.Chinese+"("+s.Kind.English+")")
	b.field("批次号(BATCH NO)", s.Batch)
	b.field("凭证号(VOUCHER NO)", s.Voucher)
	b.field("授权码(AUTH NO)", s.Auth)
	b.field("参考号(REFER NO)", s.RRN)
	b.field("日期/时间(DATE/TIME)", s.At.Format("2006/01/02 15:04:05"))
	b.field("金额(AMOUNT)", symbol(s.Amount.Currency)+s.Amount.String())
	b.field("原凭证号(OLD VOUCHER)", s.OldVoucher)
	b.field("原参考号(OLD REFER NO)", s.OldRRN)
	b.field("原交易日期(OLD DATE)", s.OldDate)
	b.field("原授权码(OLD AUTH NO)", s.OldAuth)
	b.rule()
	b.chip(s.Chip)
	if s.Entry == Scanned {
		b.line("扫码交易，免签名")
		b.line("CODE PAYMENT, NO SIGNATURE")
	} else {
		b.verified(s.Chip)
	}
	b.centre("商户存根(MERCHANT COPY)")
	return b.String()
}

// title opens a slip. Every one says that it is a simulation.
func (p *paper) title(text string, duplicate bool) {
	p.centre(text)
	if duplicate {
		p.centre("重打印凭证/DUPLICATED")
	}
	p.centre("模拟交易 不作凭证 / SIMULATED")
	p.rule()
}

// paidWith names the card, or the payment code in its place.
func (p *paper) paidWith(s Slip) {
	number := s.Card
	if number == "" {
		number = s.PAN.String()
	}
	if s.Entry == Scanned {
		p.field("付款码(PAYMENT CODE)", number)
		return
	}
	p.field("卡号(CARD NO)", number+" /"+string(s.Entry))
}

// signature is where the cardholder signs, and under what.
func (p *paper) signature() {
	p.line("持卡人签名(CARDHOLDER SIGNATURE)")
	p.line("")
	p.line("本人确认以上交易，")
	p.line("同意将其记入本卡账户")
	p.line("I ACKNOWLEDGE SATISFACTORY")
	p.line("RECEIPT OF RELATIVE")
	p.line("GOODS/SERVICE")
}

// symbol is how a slip names a currency; an unknown one keeps its number.
func symbol(c money.Currency) string {
	if c == money.CNY {
		return "RMB:"
	}
	return c.Code() + ":"
}

// paper collects lines and breaks them at Width columns.
type paper struct{ strings.Builder }

func (p *paper) rule() { p.line(strings.Repeat("-", Width)) }

// field writes "label:value", the value on a line of its own when both do not
// fit; a value the transaction does not have is left out.
func (p *paper) field(label, value string) {
	if value == "" {
		return
	}
	if columns.StringWidth(label)+1+columns.StringWidth(value) <= Width {
		p.line(label + ":" + value)
		return
	}
	p.line(label + ":")
	p.line("  " + value)
}

func (p *paper) centre(text string) {
	pad := max(0, (Width-columns.StringWidth(text))/2)
	p.line(strings.Repeat(" ", pad) + text)
}

// line writes text, wrapped by columns and not by runes: twenty Chinese
// characters are forty columns.
func (p *paper) line(text string) {
	p.WriteString(columns.Wrap(text, Width))
	p.WriteByte('\n')
}
