package host

import (
	"encoding/json"
	"os"
	"testing"

	"possim/host/money"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
)

// TestPublishedCryptograms has the rule verify published ARQCs, and the answer prove
// the published response codes, with the numbers of their cards: which are no test
// numbers, so that the rule is asked by itself.
func TestPublishedCryptograms(t *testing.T) {
	text, err := os.ReadFile("../reader/emv/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			ID      string
			In, Out map[string]any
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		if err := json.Unmarshal(text, &file.Vectors); err != nil {
			t.Fatal(err)
		}
	}
	tried := 0
	for _, v := range file.Vectors {
		in := func(name string) string { s, _ := v.In[name].(string); return s }
		out := func(name string) string { s, _ := v.Out[name].(string); return s }
		if v.ID != "pboc-001" && v.ID != "cvn-001" && v.ID != "cvn-002" && v.ID != "cvn-004" {
			continue
		}
		tried++
		t.Run(v.ID, func(t *testing.T) {
			l, aid := emv.List{}, emv.RIDVisa
			if data := in("data"); data != "" { // PBOC's come in one piece
				l, err = (emv.DOL{{Tag: emv.TagAmountAuthorised, Length: 6}, {Tag: emv.TagAmountOther, Length: 6}, {Tag: emv.TagTerminalCountry, Length: 2},
					{Tag: emv.TagTVR, Length: 5}, {Tag: emv.TagTransactionCurrency, Length: 2}, {Tag: emv.TagTransactionDate, Length: 3},
					{Tag: emv.TagTransactionType, Length: 1}, {Tag: emv.TagUnpredictableNumber, Length: 4}, {Tag: emv.TagAIP, Length: 2},
					{Tag: emv.TagATC, Length: 2}, {Tag: emv.TagAmountOther, Length: 4}}).Split(bytesOf(data))
				if err != nil {
					t.Fatal(err)
				}
				l, aid = l[:10], emv.RIDUnionPay
			}
			for name := range v.In {
				if len(name) < 3 || name[0] != 't' {
					continue
				}
				if tag, err := emv.ParseTag(name[1:]); err == nil {
					l.Set(tag, bytesOf(in(name)))
				}
			}
			switch {
			case in("tag_9f10") != "":
				l.Set(emv.TagIAD, bytesOf(in("tag_9f10")))
			case v.ID == "cvn-001":
				l.Set(emv.TagIAD, append([]byte{0x06, 0x01, 0x0A}, bytesOf(in("cvr"))...))
			case v.ID == "cvn-004":
				l.Set(emv.TagIAD, append(append([]byte{0x01, 0x10}, bytesOf(in("cvr"))...), make([]byte, 10)...))
				aid = emv.RIDMastercard
			}
			l.Set(emv.TagCryptogram, bytesOf(out("arqc")))
			l.Set(emv.TagDFName, aid[:])
			currency, kind := hexOf(l, emv.TagTransactionCurrency), hexOf(l, emv.TagTransactionType)
			amount, _ := money.Parse(hexOf(l, emv.TagAmountAuthorised)[:10]+"."+hexOf(l, emv.TagAmountAuthorised)[10:], money.CNY)
			d := &deal{h: newWorld(t).h, kind: sale, pan: card.PAN(in("pan"))}
			d.Amount, d.Currency, d.ProcessingCode, d.CardSequence = amount.Minor, money.Currency(currency[1:]), kind+"0000", "0"+in("psn")
			d.card.Issuer.AC, _ = emv.ParseKey(in("imk_ac"))
			d.chip.objects = l
			if code, problem := d.authenticate(); problem != "" {
				t.Fatalf("%s: %s", code, problem)
			}
			arc := in("arc_ascii")
			if arc == "" {
				arc = string(bytesOf(in("arpc_rc")))
			}
			if v.ID == "cvn-002" { // by method 2: its status update of zeros is a decline's
				arc = "05"
			}
			d.refused, d.code, d.chip.fresh = "balance", wire.Code(arc), true
			rec := d.record()
			if err := d.answerChip(rec, nil); err != nil {
				t.Fatal(err)
			}
			got, err := emv.Parse(rec.Chip.field55(wire.Code(arc)))
			if proof := hexOf(got, emv.TagIssuerAuthenticationData); err != nil || len(proof) < len(out("arpc")) || proof[:len(out("arpc"))] != out("arpc") {
				t.Errorf("got %s, want %s (%v)", proof, out("arpc"), err)
			}
			l.Set(emv.TagCryptogram, append(bytesOf(out("arqc"))[:7], 0))
			d.chip = chipCheck{objects: l}
			if code, problem := d.authenticate(); code != "05" || d.chip.right {
				t.Errorf("one byte off: %s %s", code, problem)
			}
		})
	}
	if tried != 4 {
		t.Errorf("%d vectors were tried, want 4", tried)
	}
}
