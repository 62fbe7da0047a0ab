package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"possim/reader/card"
)

// flat lists parts as "label name=value (means)", those inside after a colon.
func flat(parts []ShownPart) string {
	var all []string
	for _, p := range parts {
		s := strings.TrimSpace(p.Label + " " + p.Name)
		if p.Value != "" || len(p.Parts) == 0 {
			s += "=" + p.Value
		}
		if p.Means != "" {
			s += " (" + p.Means + ")"
		}
		if len(p.Parts) > 0 {
			s += ":[" + flat(p.Parts) + "]"
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

// TestParts takes fields apart whose content depends on the message around them.
func TestParts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		number int
		m      Message
		want   string
	}{
		{"a settlement's sums", 48, Message{MTI: "0510", Private48: "0000000000110110000000000020021" + "0000000000000000000000000000002"},
			"48.1 domestic 内卡:[debit amount 借记金额=0.11; debit count 借记笔数=11; credit amount 贷记金额=0.02; credit count 贷记笔数=2; flag 对账标志=1 (balanced 对账平)]; " +
				"48.2 foreign 外卡:[debit amount 借记金额=0.00; debit count 借记笔数=0; credit amount 贷记金额=0.00; credit count 贷记笔数=0; flag 对账标志=2 (not balanced 对账不平)]"},
		{"a batch end", 48, Message{MTI: "0320", Private48: "0030"}, "48.1 total count 总笔数=0030"},
		{"a private field of a sale", 48, Message{MTI: "0200", Private48: "0"}, ""},
		{"security", 53, Message{MTI: "0200", Security: "2610000000000000"}, "53.1 PIN format=2 (format 0 with PAN); 53.2 algorithm=6 (double length); 53.3 track data=1 (enciphered)"},
		{"a balance", 54, Message{MTI: "0210", Balance: "1002156D000000000001"}, "54.1 balance 余额:[account type=10; amount type=02 (available); currency=156 (CNY); amount=-0.01]"},
		{"a script in chip data", 55, Message{MTI: "0210", Chip: []byte{0x91, 2, 0x30, 0x30, 0x72, 0x09, 0x9F, 0x18, 0x01, 0x01, 0x86, 0x03, 0x84, 0x24, 0x00, 0x9F, 0x36, 1, 9}},
			"91 issuer authentication data=3030; 72 issuer script template 2:[9F18 issuer script identifier=01; 86 issuer script command=842400]; 9F36 application transaction counter=09"},
		{"chip data with a card in it", 55, Message{MTI: "0200", Chip: []byte{0x70, 13, 0x5A, 8, 0x62, 0x10, 0x94, 0x70, 0, 0, 0, 0x21, 0x5F, 0x20, 0, 0x5F, 0x20, 2, 'A', 'B'}},
			"70 record template:[5A application PAN=621094******0021; 5F20 cardholder name=****]; 5F20 cardholder name=****"},
		{"a payment code", 59, Message{MTI: "0200", QR: "A3019" + "6234567890123456789"}, "A3 payment code 付款码=623456*********6789 (UnionPay 云闪付)"},
		{"a terminal", 59, Message{MTI: "0200", QR: "A2018" + "0100204" + "03006000021"}, "A2 terminal information 终端信息:[01 device type 设备类型=04; 03 random factor 加密随机因子=000021]"},
		{"field 60, short", 60, Message{MTI: "0200", Private60: "22000757"}, "60.1 transaction type 交易类型码=22 (sale 消费); 60.2 batch 批次号=000757"},
		{"the original", 61, Message{MTI: "0220", Original: "0000000000000529"}, "61.1 original batch 原批次号=000000; 61.2 original STAN 原流水号=000000; 61.3 original date 原交易日期=0529"},
		{"a sign-on's serial", 62, Message{MTI: "0800", Private60: "00000000003", Private62: []byte("Sequence No12306099999906")}, "62 serial number 终端硬件序列号=306099999906"},
		{"working keys", 62, Message{MTI: "0810", Private60: "00000519003", Private62: []byte(strings.Repeat("k", 16) + "\x90\x0E\xCC\xE3" + strings.Repeat("k", 16) + "\xCF\xF1\x59\x2A")},
			"62.1 TPK=**** (KCV 900ECCE3); 62.2 TAK=**** (KCV CFF1592A)"},
		{"a query", 62, Message{MTI: "0820", Private60: "00000001372", Private62: []byte("117")}, "62 entries received 已下载数目=117 (after those)"},
		{"a list", 62, Message{MTI: "0830", Private60: "00000001382", Private62: []byte("2\x9F\x06\x05\xA0\x00\x00\x03\x33")}, "62.1 state 下载标志=2 (more follows); 9F06 application identifier (terminal)=A000000333"},
		{"a status report", 62, Message{MTI: "0820", Private60: "00000001362", Private62: []byte("011021030")},
			"62.01 state 状态=1; 62.02 state 状态=1; 62.03 state 状态=0"},
		{"a chip's approval", 62, Message{MTI: "0320", Private60: "00000253203", Private62: []byte("610000000000001234156")},
			"62.1 usage 用法=61; 62.2 card class 卡类别=00 (domestic 内卡); 62.3 response code 应答码=00; 62.4 amount 金额=000000001234; 62.5 currency 货币=156"},
		{"a chip's refusal", 62, Message{MTI: "0320", Private60: "00000253206", Private62: []byte("71010000000000123415621")},
			"62.1 usage 用法=71; 62.2 card class 卡类别=01 (foreign 外卡); 62.3 response code 应答码=00; 62.4 amount 金额=000000001234; 62.5 currency 货币=156; " +
				"62.6 declined by 拒绝类型=2 (the issuer's ARPC); 62.7 result 结果=1"},
		{"another usage", 62, Message{MTI: "0320", Private60: "00000253203", Private62: []byte("92000000")}, ""},
		{"an operator", 63, Message{MTI: "0200", Private63: "01 "}, "63.1 operator 操作员=01"},
		{"texts", 63, Message{MTI: "0210", Private63: "CUP\xBD\xBB\xD2\xD7"}, "63.1 scheme 国际信用卡公司代码=CUP; 63.2 issuer text=交易"},
		{"institutions", 44, Message{MTI: "0210", Additional: "01020000   48020000   "}, "44.1 issuer 发卡机构=01020000; 44.2 acquirer 收单机构=48020000"},
	} {
		frame, err := UnionPay().Encode(nil, &tt.m, nil)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		p := UnionPay().Inspect(frame, nil)
		for _, f := range p.Fields {
			if got := flat(f.Parts); f.Number == tt.number && got != tt.want {
				t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
			}
		}
		if len(p.Notes) > 0 {
			t.Errorf("%s: %q", tt.name, p.Notes)
		}
	}
}

// TestNotes says which part of a field cannot be right, and where.
func TestNotes(t *testing.T) {
	for _, tt := range []struct {
		m    Message
		want string
	}{
		{Message{MTI: "0200", Original: "12345"}, "field 61, 61.1 batch (at 0): want 6 characters, and 5 are left"},
		{Message{MTI: "0220", Original: "0000000000001301"}, "field 61, 61.3 date (at 12): there is no such day"},
		{Message{MTI: "0820", Private60: "00000001362", Private62: []byte("01102")}, "field 62, state of part 02 (at 5): want 1 characters, and 0 are left"},
		{Message{MTI: "0320", Private60: "00000253203", Private62: []byte("61000000")}, "field 62, amount 金额 (at 6): want 12 characters, and 2 are left"},
		{Message{MTI: "0200", QR: "A3019123"}, "field 59, item 1, value (at 5): want 19 characters, and 3 are left"},
		{Message{MTI: "0830", Private60: "00000001372", Private62: []byte("2\x9F\x06\x05\xA0")}, "field 62, objects (at 1): not BER-TLV"},
		{Message{MTI: "0210", Private63: "CUP\xFF\xFF"}, "field 63, 63.2 issuer text (at 3): not GBK"},
		{Message{MTI: "0500", Private48: "12"}, "field 48, domestic debit amount (at 0): want 12 characters, and 2 are left"},
		{Message{MTI: "0200", Chip: []byte{0x9F, 0x36, 2, 0, 1, 0x72, 3, 0x86, 9, 1}}, "field 55, in 72: byte 0: not BER-TLV"},
		{Message{MTI: "0200", Private60: "22000001F00"}, "field 60, half bytes that are no decimal digits"},
	} {
		frame, err := UnionPay().Encode(nil, &tt.m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p := UnionPay().Inspect(frame, nil); len(p.Notes) != 1 || p.Notes[0] != tt.want || p.Err != nil {
			t.Errorf("got %q, %v, want %s", p.Notes, p.Err, tt.want)
		}
	}
}

// TestCodesNeverShow: a payment code, and an enciphered working key, wherever they
// stand.
func TestCodesNeverShow(t *testing.T) {
	const code = "6234567890123456789"
	keys := []byte(strings.Repeat("\xAB\xCD", 30))
	for _, name := range Names() {
		d, _ := ByName(name)
		for _, m := range []Message{
			{MTI: "0200", QR: "A3019" + code}, {MTI: "0200", QR: "A3019" + code + "A"}, {MTI: "0200", QR: "code " + code},
			{MTI: "0200", QR: "A3019" + code, Private62: []byte("again " + code), Additional: code}, {MTI: "0200", Rest: []Field{{57, Secret("PB0022FF55" + code)}}},
			{MTI: "0810", Private60: "00000001004", Private62: keys}, {MTI: "0810", Private62: keys},
		} {
			frame, err := d.Encode(nil, &m, nil)
			if err != nil {
				t.Fatal(err)
			}
			for cut := range frame {
				p := d.Inspect(frame[:cut+1], nil)
				asJSON, _ := json.Marshal(p)
				if out := p.String() + string(asJSON); strings.Contains(out, code[5:16]) || strings.Contains(out, "ABCDABCDAB") {
					t.Fatalf("%s: it shows in\n%s", name, out)
				}
			}
		}
	}
	for _, m := range []Message{
		{MTI: "0210", PAN: canary, Additional: "no " + canary}, {MTI: "0210", Additional: "6210947000000021      "},
		{MTI: "0200", PAN: canary, Original: canary}, {MTI: "0200", PAN: card.PAN(canary[:18] + "F"), Private60: canary[:18]}, {MTI: "0200", PAN: canary, Private60: canary}, {MTI: "0210", PAN: canary, Private63: canary},
	} {
		frame, err := UnionPay().Encode(nil, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p := UnionPay().Inspect(frame, nil); len(p.Fields[len(p.Fields)-1].Parts) > 0 {
			t.Errorf("a masked number comes apart:\n%s", p)
		}
	}
	if out := fmt.Sprintf("%v %+v", Tagged{"A3", Secret(code)}, TLV{"5A", Secret(code)}); strings.Contains(out, code[6:12]) {
		t.Error(out)
	}
}
