package wire

import (
	"fmt"
	"strconv"
	"strings"

	"possim/host/money"
)

// ShownPart is a named part of a field, as it may be shown. Of field 55 the parts
// are data objects, and those in constructed ones their parts.
type ShownPart struct {
	Label string // "60.1", "9F26", "A3"
	Name  string
	Value string
	Means string // what the value stands for, where that is known
	Parts []ShownPart
}

// parts takes a field apart where it is known what is in it. note says what in it
// cannot be right, and where.
func (v *veil) parts(number int, value []byte) (parts []ShownPart, note error) {
	s := string(value)
	if len(value) == 0 || v.splits(number, s) {
		return nil, nil
	}
	switch number {
	case 44:
		return v.institutions(s)
	case 48:
		return v.sums(s)
	case 53:
		return security(s)
	case 54:
		return balances(s)
	case 55:
		return v.objects(value, 0)
	case 59:
		return v.tagged(s)
	case 60:
		return sub60Parts(s), nil
	case 61:
		return v.original(s)
	case 62:
		return v.downloads(value)
	case 63:
		return v.texts(s)
	case 90:
		return v.original90(s)
	}
	return nil, nil
}

// splits reports whether a number that is masked in the whole field could come
// apart into parts that show it.
func (v *veil) splits(number int, s string) bool {
	switch number {
	case 55, 59, 62: // their parts are masked one by one
		return false
	case 48:
		if v.class() == "03" {
			s = v.details(s)
		}
	case 44, 63:
		if v.likely(s) != s {
			return true
		}
	}
	return v.others(s) != s
}

func (v *veil) answer() bool { return len(v.mti) == 4 && (v.mti[2]-'0')%2 == 1 }

func (v *veil) class() string { return string(v.mti[:min(2, len(v.mti))]) }

func (v *veil) institutions(s string) ([]ShownPart, error) {
	in, err := ParseInstitutions(s)
	if err != nil || len(s) != 22 {
		return nil, nil // a text, which stands there as often
	}
	return []ShownPart{
		{Label: "44.1", Name: "issuer 发卡机构", Value: in.Issuer}, {Label: "44.2", Name: "acquirer 收单机构", Value: in.Acquirer},
	}, nil
}

// sums shows field 48 of a settlement or a batch upload.
func (v *veil) sums(s string) ([]ShownPart, error) {
	switch {
	case v.class() == "05":
		t, err := ParseTotals(s)
		if err != nil {
			return nil, err
		}
		return append(sumParts("48.1", "domestic 内卡", t.Domestic), sumParts("48.2", "foreign 外卡", t.Foreign)...), nil
	case v.class() == "03" && len(s) == 4:
		return []ShownPart{{Label: "48.1", Name: "total count 总笔数", Value: s}}, nil
	case v.class() == "03":
		all, err := ParseDetails(s)
		if err != nil {
			return nil, err
		}
		var parts []ShownPart
		for i, d := range all {
			parts = append(parts, ShownPart{Label: "48." + strconv.Itoa(i+1), Name: "transaction 明细", Parts: []ShownPart{
				{Name: "card type 卡类型", Value: d.CardType}, {Name: "STAN 流水号", Value: d.STAN},
				{Name: "PAN 卡号", Value: v.pan(d.PAN.Reveal())}, {Name: "amount 金额", Value: money.Format(d.Amount)},
			}})
		}
		return parts, nil
	}
	return nil, nil
}

var agreedMeans = []string{"not compared, or balanced 对账平", "balanced 对账平", "not balanced 对账不平", "in error 对账错"}

func sumParts(label, whose string, s Sums) []ShownPart {
	return []ShownPart{{Label: label, Name: whose, Parts: []ShownPart{
		{Name: "debit amount 借记金额", Value: money.Format(s.Debit)}, {Name: "debit count 借记笔数", Value: strconv.Itoa(s.DebitCount)},
		{Name: "credit amount 贷记金额", Value: money.Format(s.Credit)}, {Name: "credit count 贷记笔数", Value: strconv.Itoa(s.CreditCount)},
		{Name: "flag 对账标志", Value: strconv.Itoa(int(s.Agreed)), Means: agreedMeans[s.Agreed]},
	}}}
}

func security(s string) ([]ShownPart, error) {
	sub, err := ParseSub53(s)
	if err != nil {
		return nil, nil // other dialects have other contents here
	}
	track := "clear"
	if sub.Track {
		track = "enciphered"
	}
	return []ShownPart{
		{Label: "53.1", Name: "PIN format", Value: s[:1], Means: []string{"no PIN", "format 0 without PAN", "format 0 with PAN"}[min(2, sub.PINFormat)]},
		{Label: "53.2", Name: "algorithm", Value: s[1:2], Means: map[byte]string{0: "single length", 6: "double length", 3: "SM4"}[sub.Algorithm]},
		{Label: "53.3", Name: "track data", Value: s[2:3], Means: track},
	}, nil
}

func balances(s string) ([]ShownPart, error) {
	all, err := ParseBalances(s)
	if err != nil {
		return nil, err
	}
	var parts []ShownPart
	for i, b := range all {
		parts = append(parts, ShownPart{Label: "54." + strconv.Itoa(i+1), Name: "balance 余额", Parts: []ShownPart{
			{Name: "account type", Value: b.Account}, {Name: "amount type", Value: b.Type, Means: map[string]string{"01": "ledger", "02": "available"}[b.Type]},
			{Name: "currency", Value: string(b.Amount.Currency), Means: b.Amount.Currency.Code()}, {Name: "amount", Value: b.Amount.String()},
		}})
	}
	return parts, nil
}

// objects shows data objects as a tree.
func (v *veil) objects(data []byte, depth int) ([]ShownPart, error) {
	all, err := ParseTLV(data)
	var parts []ShownPart
	for _, o := range all {
		part := ShownPart{Label: o.Tag, Name: tagNames[o.Tag]}
		if constructed(o.Tag) && depth < deepest {
			var inside error
			if part.Parts, inside = v.objects(o.Value, depth+1); err == nil && inside != nil {
				err = fmt.Errorf("in %s: %w", o.Tag, inside)
			}
		} else {
			part.Value = v.tag(o.Tag, o.Value)
		}
		parts = append(parts, part)
	}
	return parts, err
}

var taggedNames = map[string]string{
	TagPINCipher: "PIN cipher 密码密文", TagTerminalInfo: "terminal information 终端信息", TagScanCode: "payment code 付款码", TagVoucher: "payment voucher 付款凭证码", TagLocation: "location 位置信息",
}

var terminalNames = map[string]string{
	"01": "device type 设备类型", "02": "serial number 终端序列号 (TUSN)", "03": "random factor 加密随机因子", "04": "serial number cipher 硬件序列号密文", "05": "version 应用程序版本号",
}

// tagged shows field 59.
func (v *veil) tagged(s string) ([]ShownPart, error) {
	items, err := ParseTagged(s)
	if err != nil && len(items) == 0 && taggedNames[s[:min(2, len(s))]] != "" {
		return nil, err
	}
	if len(items) == 0 || err != nil && taggedNames[items[0].Tag] == "" {
		return nil, nil // another acquirer's content
	}
	var parts []ShownPart
	for _, item := range items {
		part := ShownPart{Label: item.Tag, Name: taggedNames[item.Tag], Value: v.printed(string(item.Value))}
		switch item.Tag {
		case TagScanCode:
			code := QRCode(item.Value)
			if scheme, ok := code.Scheme(); ok {
				part.Means = string(scheme) + " " + scheme.Chinese()
			}
			part.Value = code.String()
		case TagPINCipher:
			part.Value = hidden
		case TagTerminalInfo:
			part.Value = ""
			inner, _ := ParseTagged(string(item.Value))
			for _, t := range inner {
				part.Parts = append(part.Parts, ShownPart{Label: t.Tag, Name: terminalNames[t.Tag], Value: v.printed(string(t.Value))})
			}
		}
		parts = append(parts, part)
	}
	return parts, err
}

// original shows field 61.
func (v *veil) original(s string) ([]ShownPart, error) {
	o, err := ParseOriginal61(s)
	if err != nil {
		return nil, err
	}
	parts := []ShownPart{{Label: "61.1", Name: "original batch 原批次号", Value: o.Batch}, {Label: "61.2", Name: "original STAN 原流水号", Value: o.STAN}}
	for _, p := range []ShownPart{
		{Label: "61.3", Name: "original date 原交易日期", Value: o.Date}, {Label: "61.4", Name: "authorisation mode 授权方式", Value: o.AuthMode},
		{Label: "61.5", Name: "authorising institution 授权机构", Value: o.Institution},
	} {
		if p.Value != "" {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

func (v *veil) original90(s string) ([]ShownPart, error) {
	o, err := ParseOriginal90(s)
	if err != nil {
		return nil, err
	}
	return []ShownPart{
		{Label: "90.1", Name: "original message type", Value: string(o.MTI)}, {Label: "90.2", Name: "original STAN", Value: o.STAN},
		{Label: "90.3", Name: "original date and time", Value: o.Date + o.Time}, {Label: "90.4", Name: "acquirer", Value: s[20:31]}, {Label: "90.5", Name: "forwarder", Value: s[31:]},
	}, nil
}

// texts shows field 63.
func (v *veil) texts(s string) ([]ShownPart, error) {
	if !v.answer() {
		if len(s) != 3 {
			return nil, nil
		}
		return []ShownPart{{Label: "63.1", Name: "operator 操作员", Value: strings.TrimRight(s, " ")}}, nil
	}
	t, err := ParseTexts(s)
	if err != nil && v.gbk {
		return nil, err
	}
	if err != nil || v.printed(t.Scheme) != t.Scheme {
		return nil, nil // another acquirer's content
	}
	parts := []ShownPart{{Label: "63.1", Name: "scheme 国际信用卡公司代码", Value: t.Scheme}}
	texts, _ := t.parts()
	for i, text := range texts {
		if *text != "" {
			parts = append(parts, ShownPart{Label: "63.2", Name: strings.TrimPrefix(textNames[i], "63.2 "), Value: v.others(v.likely(*text))})
		}
	}
	return parts, nil
}
