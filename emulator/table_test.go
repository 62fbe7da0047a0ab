package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/emv"
)

// sentRow is what a terminal sends, as UnionPay's table of transactions has it.
type sentRow struct {
	mti, f3, f25, type60 string // 60.1 and 60.3, "22/000"
	fields               string // that the bitmap has, all of them
}

// String shows a row as the table writes it.
func (r sentRow) String() string {
	return fmt.Sprintf("%s %s %s %s: %s", r.mti, or(r.f3), or(r.f25), r.type60, r.fields)
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// rowOf reads a frame, its bitmap from the bytes themselves: TPDU, header, type, bitmap.
func rowOf(t *testing.T, frame []byte) sentRow {
	t.Helper()
	var m wire.Message
	if _, err := wire.UnionPay().Decode(frame, &m); err != nil {
		t.Fatal(err)
	}
	const bitmap = 5 + 6 + 2
	var fields []string
	for n := 2; n <= 64; n++ {
		if frame[bitmap+(n-1)/8]>>(7-(n-1)%8)&1 == 1 {
			fields = append(fields, fmt.Sprint(n))
		}
	}
	sub := m.Sub60()
	return sentRow{string(m.MTI), m.ProcessingCode, m.Condition, sub.Type + "/" + sub.Network, strings.Join(fields, " ")}
}

// What is sent by stripe and with a PIN, in the table's words: a card is fields 14, 22
// and 35, its PIN 26, 52 and 53.
const (
	stripe = "3 4 11 14 22 25 26 35 %s41 42 49 52 53 60 %s64"
	repeat = "3 4 11 22 25 39 41 42 49 60 64" // a reversal's
)

// TestTableOfTransactions holds the whole table against what the terminal really sends
// and the real host takes: which fields, a MAC or none (64), and what follows a lost
// answer: a reversal, the same message again, or nothing.
func TestTableOfTransactions(t *testing.T) {
	sale := sentRow{"0200", "000000", "00", "22/000", fmt.Sprintf(stripe, "", "")}
	hold := sentRow{"0100", "030000", "06", "10/000", fmt.Sprintf(stripe, "", "")}
	const code = "3 4 11 22 25 %s41 42 49 59 60 %s64"
	reversal := func(of sentRow) sentRow { return sentRow{"0400", of.f3, of.f25, of.type60, repeat} }
	void := sentRow{"0200", "200000", "00", "23/000", fmt.Sprintf(stripe, "37 ", "61 ")}
	cancel := sentRow{"0100", "200000", "06", "11/000", fmt.Sprintf(stripe, "38 ", "61 ")}
	complete := sentRow{"0200", "000000", "06", "20/000", fmt.Sprintf(stripe, "38 ", "61 ")}
	cvoid := sentRow{"0200", "200000", "06", "21/000", fmt.Sprintf(stripe, "37 ", "61 ")}
	qr := sentRow{"0200", "000000", "00", "22/000", fmt.Sprintf(code, "", "")}
	qrVoid := sentRow{"0200", "200000", "00", "23/000", fmt.Sprintf(code, "37 ", "61 ")}
	qrRefund := sentRow{"0220", "200000", "00", "25/000", fmt.Sprintf(code, "37 ", "61 63 ")}
	// What is repeated until it is answered outlives a PIN, and names its card by F2 too.
	refund := sentRow{"0220", "200000", "00", "25/000", "2 3 4 11 14 22 25 35 37 41 42 49 60 61 63 64"}
	notice := sentRow{"0220", "000000", "06", "24/000", "2 3 4 11 14 22 25 35 38 41 42 49 60 61 64"}
	balance := sentRow{"0200", "310000", "00", "01/000", "3 11 14 22 25 26 35 41 42 49 52 53 60 64"}
	withCode := func(r sentRow) sentRow {
		r.fields = strings.Replace(r.fields, "49 ", "49 59 ", 1)
		return r
	}
	for name, test := range map[string]struct {
		before []emulator.OrderKind
		do     emulator.OrderKind
		want   []sentRow // when it is answered
		lost   []sentRow // when the first answer is not; nil is not tried
	}{
		"sale":            {nil, emulator.Sale, []sentRow{sale}, []sentRow{sale, reversal(sale)}},
		"void":            {[]emulator.OrderKind{emulator.Sale}, emulator.Void, []sentRow{void}, []sentRow{void, reversal(void)}},
		"refund":          {[]emulator.OrderKind{emulator.Sale}, emulator.Refund, []sentRow{refund}, []sentRow{refund, refund}},
		"balance":         {nil, emulator.Balance, []sentRow{balance}, []sentRow{balance}},
		"pre-auth":        {nil, emulator.PreAuth, []sentRow{hold}, []sentRow{hold, reversal(hold)}},
		"cancel":          {[]emulator.OrderKind{emulator.PreAuth}, emulator.PreAuthCancel, []sentRow{cancel}, []sentRow{cancel, reversal(cancel)}},
		"completion":      {[]emulator.OrderKind{emulator.PreAuth}, emulator.Completion, []sentRow{complete}, []sentRow{complete, reversal(complete)}},
		"notice":          {[]emulator.OrderKind{emulator.PreAuth}, emulator.CompletionNotice, []sentRow{notice}, []sentRow{notice, notice}},
		"completion void": {[]emulator.OrderKind{emulator.PreAuth, emulator.Completion}, emulator.CompletionVoid, []sentRow{cvoid}, []sentRow{cvoid, reversal(cvoid)}},
		"code":            {nil, emulator.QR, []sentRow{qr}, []sentRow{qr, withCode(reversal(qr))}},
		"void of code":    {[]emulator.OrderKind{emulator.QR}, emulator.Void, []sentRow{qrVoid}, []sentRow{qrVoid, withCode(reversal(qrVoid))}},
		"refund of code":  {[]emulator.OrderKind{emulator.QR}, emulator.Refund, []sentRow{qrRefund}, []sentRow{qrRefund, qrRefund}},
		"sign-on":         {nil, emulator.SignOn, []sentRow{{"0800", "", "", "00/003", "11 41 42 60 62 63"}}, nil},
		"sign-off":        {nil, emulator.SignOff, []sentRow{{"0820", "", "", "00/002", "11 41 42 60"}}, nil},
		"echo":            {nil, emulator.Echo, []sentRow{{"0820", "", "", "00/301", "41 42 60"}}, nil},
		"status":          {nil, emulator.Status, []sentRow{{"0820", "", "", "00/362", "11 41 42 60 62"}}, nil},
		"download": {nil, emulator.Download, []sentRow{
			{"0800", "", "", "00/360", "11 41 42 60"}, {"0800", "", "", "00/361", "11 41 42 60"},
			{"0820", "", "", "00/372", "11 41 42 60 62"}, {"0800", "", "", "00/370", "11 41 42 60 62"}, {"0800", "", "", "00/371", "11 41 42 60"},
			{"0820", "", "", "00/382", "11 41 42 60 62"}, {"0800", "", "", "00/380", "11 41 42 60 62"}, {"0800", "", "", "00/381", "11 41 42 60"}}, nil},
		"settlement": {[]emulator.OrderKind{emulator.Sale}, emulator.Settle, []sentRow{
			{"0500", "", "", "00/201", "11 41 42 48 49 60 63"}, {"0320", "", "", "00/207", "11 41 42 48 60"}}, nil},
	} {
		for _, lost := range []bool{false, true} {
			want := test.want
			if lost {
				want = test.lost
			}
			if want == nil {
				continue
			}
			t.Run(fmt.Sprintf("%s, lost %v", name, lost), func(t *testing.T) {
				d := newDay(t, wire.UnionPay(), emulator.Config{MAC: hsm.MACECB, PINEntry: true})
				d.want(emulator.Approved, signOn)
				last := emulator.Outcome{}
				for _, kind := range test.before {
					last = d.want(emulator.Approved, tableOrder(kind, last))
				}
				d.sent = nil
				if lost {
					for _, mti := range []wire.MTI{wire.MTIFinancialAnswer, wire.MTIAuthAnswer, wire.MTIAdviceAnswer} {
						d.drop[mti] = 1
					}
				}
				if out := d.do(tableOrder(test.do, last)); !lost && out.Result != emulator.Approved {
					t.Fatalf("got %+v", out)
				}
				d.same(want)
			})
		}
	}
}

// same compares what was sent with rows of the table.
func (d *day) same(want []sentRow) {
	d.t.Helper()
	var got []sentRow
	for _, frame := range d.sent {
		got = append(got, rowOf(d.t, frame))
	}
	if !slices.Equal(got, want) {
		d.t.Errorf("sent\n\t%v\nthe table has\n\t%v", got, want)
	}
}

// tableOrder is an order of a kind that follows up the last one.
func tableOrder(kind emulator.OrderKind, last emulator.Outcome) emulator.Order {
	o := emulator.Order{Kind: kind}
	switch kind {
	case emulator.Sale, emulator.QR, emulator.PreAuth, emulator.Completion, emulator.CompletionNotice, emulator.Refund:
		o.Amount = money.Yuan(8800)
	}
	if last.STAN != "" && kind != emulator.QR && kind != emulator.Settle {
		o.Original = by(last)
	}
	return o
}

// TestTableOfChips is what the table has of chips: their sale, the result of a script,
// and the certificates in an upload.
func TestTableOfChips(t *testing.T) {
	w := chipWorld(t)
	command := emv.New(emv.TagScriptCommand, []byte{0x84, 0x1E, 0x00, 0x00, 0x04, 1, 2, 3, 4})
	w.script = emv.Template(emv.TagScriptTemplate2, emv.New(emv.TagScriptID, []byte{0, 0, 0, 9}), command).Bytes()
	issuer := w.edit
	w.edit = func(req, ans *wire.Message) {
		if req.MTI == wire.MTIFinancialRequest {
			issuer(req, ans)
			ans.Acquirer = "48980000"
		}
	}
	w.swipes, w.pins = []reader.Presentation{chipCard(t, nil).presented()}, []string{"1234"}
	if out := w.do(sale(20_000)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	w.script = nil
	if out := w.do(settle); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	d := &day{world: w}
	d.same([]sentRow{
		{"0800", "", "", "00/003", "11 41 42 60 62 63"},
		{"0200", "000000", "00", "22/000", "2 3 4 11 14 22 23 25 26 35 41 42 49 52 53 55 60 64"},
		{"0620", "000000", "00", "00/951", "3 4 11 22 23 25 32 37 38 41 42 49 55 60 61 64"},
		{"0500", "", "", "00/201", "11 41 42 48 49 60 63"},
		{"0320", "", "", "00/203", "2 4 11 22 23 41 42 55 60 62"},
		{"0320", "", "", "00/207", "11 41 42 48 60"},
	})
}
