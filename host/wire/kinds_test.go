package wire

import (
	"slices"
	"testing"
)

func kindsOf(d *Dialect) []Kind {
	var all []Kind
	for _, t := range d.Transactions() {
		all = append(all, t.Kind)
	}
	return all
}

// TestKindTable reads requests as terminals of several makers write them, with a
// whole field 60, a short one and none.
func TestKindTable(t *testing.T) {
	code := "A30196211111111111111111"
	tests := []struct {
		want Kind
		m    Message
	}{
		{Purchase, Message{MTI: "0200", ProcessingCode: "000000", Condition: "00", Private60: "22000757"}},
		{Purchase, Message{MTI: "0200", ProcessingCode: "000000", Condition: "00", QR: "A2007010020400"}},
		{QR, Message{MTI: "0200", ProcessingCode: "000000", Condition: "00", EntryMode: "032", QR: code, Private60: "2200000100060"}},
		{QR, Message{MTI: "0200", ProcessingCode: "000000", Condition: "00", EntryMode: "042", QR: code}},
		{QR, Message{MTI: "0200", ProcessingCode: "000000", EntryMode: "031"}},
		{Void, Message{MTI: "0200", ProcessingCode: "200000", Condition: "00", Private60: "23000001"}},
		{Void, Message{MTI: "0200", ProcessingCode: "200000"}},
		{Void, Message{MTI: "0200", ProcessingCode: "200000", Condition: "00", QR: code, Private60: "2300000100060"}},
		{CompletionVoid, Message{MTI: "0200", ProcessingCode: "200000", Condition: "06", Private60: "2100000100060"}},
		{CompletionVoid, Message{MTI: "0200", ProcessingCode: "200000", Private60: "21000001"}},
		{CompletionVoid, Message{MTI: "0200", ProcessingCode: "200000", Condition: "06"}},
		{Completion, Message{MTI: "0200", ProcessingCode: "000000", Condition: "06", Private60: "2000000100050"}},
		{Completion, Message{MTI: "0200", ProcessingCode: "000000", Condition: "06"}},
		{CompletionNotice, Message{MTI: "0220", ProcessingCode: "000000", Condition: "06", Private60: "2400000100050"}},
		{CompletionNotice, Message{MTI: "0220", ProcessingCode: "000000"}},
		{OfflineSale, Message{MTI: "0220", ProcessingCode: "000000", Condition: "00", Private60: "3000000100050"}},
		{OfflineSale, Message{MTI: "0221", ProcessingCode: "000000", Condition: "00"}},
		{OfflineSale, Message{MTI: "0220", ProcessingCode: "000000", Private60: "30000001"}},
		{Refund, Message{MTI: "0220", ProcessingCode: "200000", Condition: "00", Private60: "2500000100050"}},
		{Refund, Message{MTI: "0221", ProcessingCode: "200000"}},
		{PreAuth, Message{MTI: "0100", ProcessingCode: "030000", Condition: "06", Private60: "1000000100050"}},
		{PreAuth, Message{MTI: "0100", ProcessingCode: "000000"}},
		{PreAuthCancel, Message{MTI: "0100", ProcessingCode: "200000", Condition: "06", Private60: "1100000100050"}},
		{Balance, Message{MTI: "0200", ProcessingCode: "310000", Condition: "00", Private60: "0100000100050"}},
		{Balance, Message{MTI: "0200", ProcessingCode: "310000"}},
		{Reversal, Message{MTI: "0400", ProcessingCode: "200000", Condition: "06", Private60: "2100000100050"}},
		{SignOn, Message{MTI: "0800", Private60: "00000000001"}}, {SignOn, Message{MTI: "0800", Private60: "00000000003"}},
		{SignOn, Message{MTI: "0800", Private60: "00000000004"}}, {SignOn, Message{MTI: "0800", Private60: "00000000005"}},
		{SignOn, Message{MTI: "0800", NetworkCode: "001"}}, {SignOff, Message{MTI: "0800", NetworkCode: "002"}},
		{SignOff, Message{MTI: "0820", Private60: "00000001002"}}, {Echo, Message{MTI: "0820", Private60: "00000001301"}},
		{Status, Message{MTI: "0820", Private60: "00000001362"}},
		{Settlement, Message{MTI: "0500", Private60: "00000006201"}}, {Settlement, Message{MTI: "0500"}},
		{BatchUpload, Message{MTI: "0320", Private60: "00000001201"}}, {BatchUpload, Message{MTI: "0320", Private60: "0000025320350"}},
		{BatchEnd, Message{MTI: "0320", Private60: "00000001207"}}, {BatchEnd, Message{MTI: "0320", Private60: "00000001202"}},
		{ScriptResult, Message{MTI: "0620", ProcessingCode: "000000", Private60: "0000000195150"}},
		{ParameterDownload, Message{MTI: "0800", Private60: "00000001360"}}, {ParameterEnd, Message{MTI: "0800", Private60: "00000001361"}},
		{CAPKQuery, Message{MTI: "0820", Private60: "00000001372"}}, {CAPKDownload, Message{MTI: "0800", Private60: "00000001370"}},
		{CAPKEnd, Message{MTI: "0800", Private60: "00000001371"}}, {AIDQuery, Message{MTI: "0820", Private60: "00000001382"}},
		{AIDDownload, Message{MTI: "0800", Private60: "00000001380"}}, {AIDEnd, Message{MTI: "0800", Private60: "00000001381"}},
	}
	seen := map[Kind]bool{}
	for _, tt := range tests {
		seen[tt.want] = true
		if got, _ := KindOf(&tt.m); got != tt.want {
			t.Errorf("%s: got %q, want %q", spell(tt.m), got, tt.want)
		}
	}
	for _, k := range kindsOf(UnionPay()) {
		if !seen[k] {
			t.Errorf("no request of kind %q is tried", k)
		}
	}
}

// TestKindFlags holds the flags against UnionPay's table of transactions: what is
// reversed, what is sealed, and what may not go before a pending reversal.
func TestKindFlags(t *testing.T) {
	reversible := []Kind{Purchase, Void, PreAuth, PreAuthCancel, Completion, CompletionVoid, QR}
	sealed := append([]Kind{Balance, Refund, CompletionNotice, OfflineSale, Reversal, ScriptResult}, reversible...)
	financial := append([]Kind{Balance, Refund, CompletionNotice, OfflineSale}, reversible...)
	for _, name := range Names() {
		d, _ := ByName(name)
		for _, tx := range d.Transactions() {
			got := [3]bool{tx.Reversible, tx.Sealed, tx.Financial}
			want := [3]bool{slices.Contains(reversible, tx.Kind), slices.Contains(sealed, tx.Kind), slices.Contains(financial, tx.Kind)}
			if got != want {
				t.Errorf("%s %s: got %v, want %v", name, tx.Kind, got, want)
			}
		}
	}
	if n := len(UnionPay().Transactions()); n != 28 {
		t.Errorf("unionpay has %d kinds, want 28", n)
	}
	if _, ok := ISO87ASCII().Transaction(BatchUpload); ok {
		t.Error("ISO 8583:1987 has no batch upload")
	}
}

// TestStartKeeps: what is settled already stays.
func TestStartKeeps(t *testing.T) {
	d := UnionPay()
	for _, tt := range []struct {
		kind       Kind
		m          Message
		f60, entry string
	}{
		{SignOn, Message{}, "00000000003", ""},
		{SignOn, Message{Private60: "00000042004"}, "00000042004", ""},
		{BatchEnd, Message{Private60: "00000042202"}, "00000042202", ""},
		{QR, Message{Private60: "2200004200060"}, "2200004200060", "032"},
		{QR, Message{EntryMode: "031"}, "22000000000", "031"},
		{Void, Message{EntryMode: "051"}, "23000000000", "051"},
	} {
		tx, _ := d.Transaction(tt.kind)
		tx.Start(&tt.m)
		if tt.m.Private60 != tt.f60 || tt.m.EntryMode != tt.entry {
			t.Errorf("%s: field 60 %s, entry mode %s, want %s, %s", tt.kind, tt.m.Private60, tt.m.EntryMode, tt.f60, tt.entry)
		}
	}
}
