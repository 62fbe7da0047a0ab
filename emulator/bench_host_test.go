package emulator_test

import (
	"bytes"
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
)

// judge checks the MAC of a sealed request, decides, and says how the answer is sealed.
func (w *world) judge(req *wire.Message, mab []byte) (wire.Message, hsm.Seal) {
	kind, ok := wire.KindOf(req)
	if !ok {
		w.t.Errorf("a %s of no kind: %s", req.MTI, req.Private60)
	}
	tx, _ := w.dialect.Transaction(kind)
	if !tx.Sealed || w.config.MAC == "" {
		if len(req.MAC) != 0 {
			w.t.Errorf("%s carries a MAC", kind)
		}
		return w.decide(kind, req), nil
	}
	if w.tak.Zero() {
		ans := w.blank(req)
		ans.Code = wire.MACError
		return ans, nil
	}
	seal, err := w.config.MAC.Sealer(w.tak)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := hsm.Verify(seal, mab, req.MAC); err != nil {
		ans := w.blank(req)
		ans.Code = wire.MACError
		return ans, nil
	}
	return w.decide(kind, req), seal
}

func (w *world) blank(req *wire.Message) wire.Message {
	ans := req.Answer()
	ans.Clear(2)
	ans.Code = wire.Approved
	return ans
}

// decide keeps the simplest books that can be right: what pays counts its STAN
// once, what gives back counts against it, a reversal takes either back once.
func (w *world) decide(kind wire.Kind, req *wire.Message) wire.Message {
	ans := w.blank(req)
	tx, _ := w.dialect.Transaction(kind)
	if tx.Financial && w.batch != "" && req.Batch() != w.batch {
		ans.Code = wire.SignOnAgain
		return ans
	}
	switch kind {
	case wire.Reversal:
		if w.ackWith != "" {
			ans.Code = w.ackWith
		} else if w.charged[req.STAN] == 0 {
			ans.Code = wire.NotFound
		}
		w.undone[req.STAN] = ans.Code == wire.Approved
	case wire.SignOn:
		w.signOn(req, &ans)
	case wire.Balance:
		ans.Balance = "0002156C000000012345"
	case wire.Settlement:
		ans.Code = ""
		ans.Has.Remove(39)
		ans.Private48 = w.reconcile(req)
	case wire.BatchUpload, wire.BatchEnd, wire.Echo, wire.SignOff, wire.Status, wire.ScriptResult,
		wire.ParameterDownload, wire.ParameterEnd, wire.CAPKQuery, wire.CAPKDownload, wire.CAPKEnd, wire.AIDQuery, wire.AIDDownload, wire.AIDEnd:
	default:
		w.post(kind, req, &ans)
	}
	return ans
}

// post books what moves money. A 0220 may come again; nothing else may.
func (w *world) post(kind wire.Kind, req, ans *wire.Message) {
	if w.refuse != "" {
		ans.Code = w.refuse
		return
	}
	if w.charged[req.STAN] != 0 && req.MTI != wire.MTIAdvice {
		w.t.Errorf("STAN %s was used twice", req.STAN)
	}
	if kind != wire.QR && req.Track2 == "" && req.PAN == "" && req.EntryMode[:2] != "03" {
		w.t.Errorf("%s names no card", kind)
	}
	ans.RRN, ans.AuthCode = "0601"+"00"+req.STAN, req.STAN
	ans.Time, ans.Date = w.now.Format("150405"), w.now.Format("0102")
	w.charged[req.STAN], w.kinds[req.STAN] = req.Amount, kind
	if gives[kind] {
		w.charged[req.STAN] = -req.Amount
	}
}

var gives = map[wire.Kind]bool{wire.Void: true, wire.Refund: true, wire.CompletionVoid: true, wire.PreAuthCancel: true}

// signOn makes new keys and says which batch is open.
func (w *world) signOn(req, ans *wire.Message) {
	if w.tmk.Zero() {
		return
	}
	w.drawn++
	layout, err := hsm.LayoutFor(req.Sub60().Network)
	if err != nil {
		w.t.Fatal(err)
	}
	keys, err := layout.Make(bytes.NewReader(bytes.Repeat([]byte{w.drawn, 0x5A, 0xC3 ^ w.drawn, 0x17, 0x88, 0x2E, 0x91, 0x64}, 40)))
	if err != nil {
		w.t.Fatal(err)
	}
	if ans.Private62, err = layout.Build(w.tmk, keys); err != nil {
		w.t.Fatal(err)
	}
	w.tpk, w.tak, w.tdk = keys.TPK, keys.TAK, keys.TDK
	if w.batch != "" {
		sub := ans.Sub60()
		sub.Batch = w.batch
		ans.Private60 = sub.String()
	}
	ans.Time, ans.Date = w.now.Format("150405"), w.now.Format("0102")
}

// reconcile answers F48 of a 0500 with a verdict.
func (w *world) reconcile(req *wire.Message) string {
	told, err := wire.ParseTotals(req.Private48)
	if err != nil {
		w.t.Errorf("0500: %v", err)
	}
	told.Domestic.Agreed, told.Foreign.Agreed = wire.Unbalanced, wire.Balanced
	if told.Domestic.Debit-told.Domestic.Credit == w.settled() {
		told.Domestic.Agreed = wire.Balanced
	}
	text, err := told.Field48()
	if err != nil {
		w.t.Error(err)
	}
	return text
}

// settled is what the host has of the kinds that a settlement counts.
func (w *world) settled() (sum int64) {
	for stan, amount := range w.charged {
		if k := w.kinds[stan]; !w.undone[stan] && k != wire.PreAuth && k != wire.PreAuthCancel {
			sum += amount
		}
	}
	return sum
}

// testTMK is one that was published with a terminal's source.
func testTMK(t *testing.T) hsm.Key {
	t.Helper()
	tmk, err := hsm.ParseKey(hsm.TDES, "258FB0AB70D025CDB99DF2C4D302D646")
	if err != nil {
		t.Fatal(err)
	}
	return tmk
}

// secured is a bench whose terminal seals its messages and is signed on; the
// sign-on took the last STAN before the count wraps.
func secured(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.tmk, w.batch = testTMK(t), "000001"
	w.config = emulator.Config{MAC: hsm.MACECB}
	w.saved.LastSTAN = 999_998
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.SignOn}); out.Result != emulator.Approved {
		t.Fatalf("sign-on: %+v", out)
	}
	return w
}
