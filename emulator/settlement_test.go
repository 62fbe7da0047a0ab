package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
)

var settle = emulator.Order{Kind: emulator.Settle}

// traded is a bench after a sale of 88.00, its void, a sale of 12.00, a hold and its
// completion over 90.00.
func traded(t *testing.T) *world {
	t.Helper()
	w := secured(t)
	for i, o := range []emulator.Order{
		yuan(emulator.Sale, 8800), of(emulator.Void, 0, voucher), yuan(emulator.Sale, 1200),
		yuan(emulator.PreAuth, 8800), of(emulator.Completion, 9000, emulator.Original{Voucher: "000004"}),
	} {
		w.swipes = []reader.Presentation{good(plainTrack2)}
		if out := do(t, w, emulator.Config{}, o); out.Result != emulator.Approved {
			t.Fatalf("order %d: %+v", i, out)
		}
	}
	w.touches, w.slips, w.wire, w.seen = 0, nil, nil, nil
	return w
}

func TestSettlementBalances(t *testing.T) {
	w := traded(t)
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Approved || out.Settlement == nil || !out.Settlement.Balanced() || out.Settlement.Batch != "000001" {
		t.Fatalf("got %+v", out)
	}
	want := wire.Sums{Debit: 8800 + 1200 + 9000, DebitCount: 3, Credit: 8800, CreditCount: 1, Agreed: wire.Balanced}
	if got := out.Settlement.Totals.Domestic; got != want {
		t.Fatalf("totals %+v, want %+v", got, want)
	}
	if got := strings.Join(w.wire, " "); got != ">0500 000006 < >0320 000007 <" {
		t.Fatalf("on the wire: %s", got)
	}
	first, last := w.seen[0], w.seen[1]
	if first.Private60 != "00000001201" || first.Currency != money.CNY || first.Private63 != "01 " || last.Private60 != "00000001207" || last.Private48 != "0000" {
		t.Fatalf("0500 F60 %s, 0320 F60 %s F48 %s", first.Private60, last.Private60, last.Private48)
	}
	for _, text := range []string{"结算总计单", "内卡对账平", "借记(DEBIT) 3 190.00", "贷记(CREDIT) 1 88.00", "000001"} {
		if !strings.Contains(out.Slip, text) {
			t.Errorf("the slip does not say %q:\n%s", text, out.Slip)
		}
	}
	if w.saved.Journal != nil || w.saved.Settling != nil || w.saved.Keys != "" || w.saved.Batch != "000002" || w.saved.InBatch != 0 {
		t.Fatalf("left %+v", w.saved)
	}
	w.sees(t, "对账平")
}

func TestTheBatchAfterASettlementIsTheHosts(t *testing.T) {
	w := traded(t)
	do(t, w, emulator.Config{}, settle)
	w.batch = "000042"
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, sale(100))
	if out.Result != emulator.Approved || w.saved.Batch != "000042" || len(w.saved.Journal) != 1 {
		t.Fatalf("got %+v, kept %+v", out, w.saved)
	}
}

func TestUnbalancedSettlementUploadsDetails(t *testing.T) {
	w := secured(t)
	for range 10 {
		w.swipes = []reader.Presentation{good(plainTrack2)}
		do(t, w, emulator.Config{}, sale(1000))
	}
	w.charged["999999"], w.kinds["999999"] = 5, wire.Purchase // what only the host has
	w.seen, w.wire = nil, nil
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Approved || out.Settlement.Balanced() || !strings.Contains(out.Slip, "对账不平") {
		t.Fatalf("got %+v", out)
	}
	if got := strings.Join(w.wire, " "); got != ">0500 000011 < >0320 000012 < >0320 000013 < >0320 000014 <" {
		t.Fatalf("on the wire: %s", got)
	}
	for i, want := range []int{8, 2} {
		m := w.seen[1+i]
		details, err := wire.ParseDetails(m.Private48)
		if err != nil || len(details) != want || m.Sub60().Network != "201" {
			t.Fatalf("upload %d: %d details, 60.3 %s, %v", i, len(details), m.Sub60().Network, err)
		}
		if d := details[0]; d.PAN.Reveal() != "6222020000000015" || d.Amount != 1000 || d.STAN != fmt.Sprintf("%06d", 1+8*i) {
			t.Fatalf("upload %d begins with %+v", i, d)
		}
	}
	if end := w.seen[3]; end.Sub60().Network != "202" || end.Private48 != "0010" {
		t.Fatalf("the end is 60.3 %s, F48 %s", end.Sub60().Network, end.Private48)
	}
	w.sees(t, "对账不平")
}

func TestSettlementWaitsForReversals(t *testing.T) {
	w := traded(t)
	w.lose["0210"], w.lose["0410"] = 1, 6
	w.swipes = []reader.Presentation{good(plainTrack2)}
	do(t, w, emulator.Config{}, sale(100))
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Refused || out.Cause != emulator.ReversalPending || w.saved.Settling != nil {
		t.Fatalf("got %+v", out)
	}
	if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Approved || !out.Settlement.Balanced() {
		t.Fatalf("got %+v", out)
	}
}

func TestNothingGoesIntoABatchThatIsBeingSettled(t *testing.T) {
	w := traded(t)
	w.lose["0330"] = 3
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Unknown || out.Cause != emulator.NoAnswer || w.saved.Settling == nil {
		t.Fatalf("got %+v", out)
	}
	w.lose["0330"], w.swipes = 3, []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(100)); out.Result != emulator.Refused || out.Cause != emulator.SettlePending {
		t.Fatalf("got %+v", out)
	}
	out = do(t, w, emulator.Config{}, sale(100)) // the end gets its answer first
	if out.Result != emulator.Approved || w.saved.Settling != nil || len(w.saved.Journal) != 1 {
		t.Fatalf("got %+v", out)
	}
	ends := map[string]bool{}
	for _, m := range w.seen {
		if m.MTI == "0320" {
			ends[m.STAN] = true
		}
	}
	if len(ends) != 1 {
		t.Fatalf("the end went out under %d numbers", len(ends))
	}
}

func TestDeclinedSettlementLeavesTheBatch(t *testing.T) {
	w := traded(t)
	w.edit = func(req, ans *wire.Message) {
		if req.MTI == "0500" {
			ans.Code = wire.SystemFault
		}
	}
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Declined || out.Code != "96" || w.saved.Settling != nil || len(w.saved.Journal) != 5 {
		t.Fatalf("got %+v", out)
	}
}

func TestEmptyBatchSettles(t *testing.T) {
	w := secured(t)
	if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Approved || !out.Settlement.Balanced() {
		t.Fatalf("got %+v", out)
	}
}

// TestPowerCutInASettlement throws the switch at every touch, balanced or not and
// under every loss: the batch is closed once, with its slip, and every message of a
// stage has one number.
func TestPowerCutInASettlement(t *testing.T) {
	for _, lose := range []string{"", "0500", "0510", "0320", "0330", "more 0330"} {
		for cut := 1; ; cut++ {
			w := traded(t)
			if strings.HasPrefix(lose, "more") {
				w.charged["999999"], w.kinds["999999"] = 5, wire.Purchase
			}
			w.lose[strings.TrimPrefix(lose, "more ")] = 1
			w.cutAt = cut
			at, died := cutDuring(w, settle)
			w.cutAt = 0
			if died {
				do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
				if w.saved.Journal != nil { // cut before it was begun
					do(t, w, emulator.Config{}, settle)
				}
			}
			if w.saved.Settling != nil || len(w.saved.Journal) != 0 || w.saved.Batch != "000002" || len(w.slips) == 0 {
				t.Fatalf("lost %q, cut at %q (%d): %+v, %d slips", lose, at, cut, w.saved, len(w.slips))
			}
			stans := map[string]string{}
			for _, m := range w.seen {
				if was, ok := stans[m.STAN]; ok && was != m.Private60+m.Private48 {
					t.Fatalf("lost %q, cut %d: STAN %s says two things", lose, cut, m.STAN)
				}
				stans[m.STAN] = m.Private60 + m.Private48
			}
			if !died {
				break
			}
		}
	}
}

func TestISODialectsSettleWithoutUploads(t *testing.T) {
	for _, name := range []string{"iso87ascii", "iso87bcd"} {
		w := newWorld(t)
		w.dialect, _ = wire.ByName(name)
		w.swipes = []reader.Presentation{good(plainTrack2)}
		do(t, w, emulator.Config{}, sale(100))
		if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Approved || !out.Settlement.Balanced() || w.seen[len(w.seen)-1].MTI != "0500" {
			t.Fatalf("%s: got %+v", name, out)
		}
	}
}

func TestVoucherNumbersAreNeverReusedInABatch(t *testing.T) {
	w := newWorld(t)
	w.saved.InBatch = 800_000
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Refused || out.Cause != emulator.BatchFull {
		t.Fatalf("got %+v", out)
	}
	if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	if out := do(t, w, emulator.Config{}, sale(1)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
}

func TestScriptResultsGoBeforeTheSettlement(t *testing.T) {
	w := traded(t)
	w.saved.Scripts = []emulator.Pending{{Kind: wire.ScriptResult, MTI: wire.MTIScript, STAN: "000001", ProcessingCode: "000000",
		Private60: "00000001951", Currency: money.CNY, Chip: []byte{0xDF, 0x31, 1, 0x20}}}
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Approved || w.seen[0].MTI != "0620" || len(w.seen[0].Chip) != 4 || len(w.saved.Scripts) != 0 {
		t.Fatalf("got %+v, first %v", out, w.seen[0])
	}
}

// TestSignOnInTheMiddleOfASettlement: the host has closed the batch and opens
// another, the terminal did not hear of it. The end goes out again for the batch it
// belongs to, and the new one stays.
func TestSignOnInTheMiddleOfASettlement(t *testing.T) {
	w := traded(t)
	w.lose["0330"] = 3
	do(t, w, emulator.Config{}, settle)
	w.batch = "000002"
	do(t, w, emulator.Config{}, signOn)
	keys := w.saved.Keys
	out := do(t, w, emulator.Config{}, settle)
	if last := w.seen[len(w.seen)-1]; last.Batch() != "000001" || out.Settlement.Batch != "000001" {
		t.Fatalf("the end is of batch %s: %+v", last.Batch(), out)
	}
	if w.saved.Batch != "000002" || w.saved.Keys != keys || w.saved.Settling != nil || w.saved.Journal != nil {
		t.Fatalf("left %+v", w.saved)
	}
}

func TestSettlementOfABatchTheHostDoesNotHave(t *testing.T) {
	w := traded(t)
	w.batch = "000009"
	w.edit = func(req, ans *wire.Message) {
		if req.MTI == "0500" && req.Batch() != w.batch {
			ans.Code, ans.Private48 = wire.SignOnAgain, ""
		}
	}
	out := do(t, w, emulator.Config{}, settle)
	if out.Result != emulator.Approved || out.Settlement.Batch != "000009" || w.saved.Batch != "000010" || len(w.saved.Journal) != 0 {
		t.Fatalf("got %+v, left %+v", out, w.saved)
	}
}

// TestUploadDeclined: what follows the totals is tried twice and then let be.
func TestUploadDeclined(t *testing.T) {
	w := traded(t)
	w.edit = func(req, ans *wire.Message) {
		if req.MTI == "0320" {
			ans.Code = wire.InvalidTxn
		}
	}
	if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Declined || out.Code != "12" || w.saved.Settling == nil {
		t.Fatalf("got %+v", out)
	}
	if out := do(t, w, emulator.Config{}, settle); out.Result != emulator.Approved || w.saved.Settling != nil || len(w.saved.Journal) != 0 {
		t.Fatalf("got %+v", out)
	}
}
