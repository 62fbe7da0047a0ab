package host

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

// tableKinds are the verbs of a table that are more than a sale.
var tableKinds = map[string]wire.Kind{
	"void": wire.Void, "refund": wire.Refund, "preauth": wire.PreAuth, "cancel": wire.PreAuthCancel,
	"complete": wire.Completion, "notice": wire.CompletionNotice, "cvoid": wire.CompletionVoid,
	"balance": wire.Balance, "qr": wire.QR, "offline": wire.OfflineSale,
}

// follow names an earlier order as table 3 of the UnionPay dialect has it.
func (w *world) follow(verb string, o order, m *wire.Message, stan int) int {
	number := wire.Original{Batch: o.asked.Batch(), STAN: o.asked.STAN}
	day := wire.Original{Date: o.answer.Date}
	switch verb {
	case "rev":
		m.ProcessingCode, m.Condition, m.Private60 = o.asked.ProcessingCode, o.asked.Condition, o.asked.Private60
		m.QR, m.TID = o.asked.QR, o.asked.TID
		stan, _ = strconv.Atoi(o.asked.STAN)
	case "void":
		m.Original, m.RRN = number.Field61(), o.answer.RRN
	case "cvoid":
		number.Date = o.answer.Date
		m.Original, m.RRN = number.Field61(), o.answer.RRN
	case "refund":
		m.Original, m.RRN = day.Field61(), o.answer.RRN
	case "cancel", "complete", "notice":
		m.Original, m.AuthCode = day.Field61(), o.answer.AuthCode
	}
	if o.asked.QR != "" {
		m.QR, m.PAN, m.EntryMode = o.asked.QR, "", "032"
	}
	return stan
}

// scan shows a payment code of a card.
func (w *world) scan(m *wire.Message, p card.PAN, given map[string]string) error {
	switch code := given["code"]; code {
	case "":
		scheme := registry.Scheme(given["scheme"])
		if scheme == "" {
			scheme = registry.UnionPay
		}
		at := w.clock
		if given["age"] != "" {
			at = at.Add(-duration(w.t, given["age"]))
		}
		var err error
		if w.code, err = registry.IssueCode(scheme, p, at); err != nil {
			return err
		}
	case "same":
	default:
		w.code = code
	}
	return m.SetScanCode(wire.QRCode(w.code))
}

// enterPIN puts a PIN into the message as the terminal does.
func (w *world) enterPIN(m *wire.Message, digits string) error {
	m.Security = "2600000000000000"
	if digits == "garbage" {
		m.PINBlock = []byte("12345678")
		return nil
	}
	pin, err := hsm.ParsePIN(digits)
	if err != nil {
		return err
	}
	m.PINBlock, err = hsm.ISO0.Encrypt(w.keys.TPK, pin, m.PAN, nil)
	return err
}

// manage sends what moves no money.
func (w *world) manage(verb string, args []string, want string) error {
	m := wire.Message{STAN: fmt.Sprintf("%06d", w.next+1), TID: "00000001", MID: registry.DefaultMID, TPDU: w.tpdu}
	kinds := map[string]wire.Kind{"signon": wire.SignOn, "signoff": wire.SignOff, "settle": wire.Settlement, "upload": wire.BatchUpload, "end": wire.BatchEnd}
	given := pairs(args)
	for k, v := range map[string]string{"net": "", "tid": "00000001", "batch": w.batch} {
		if given[k] == "" {
			given[k] = v
		}
	}
	m.TID = fmt.Sprintf("%08s", given["tid"])
	m.Private60 = "00" + fmt.Sprintf("%06s", given["batch"]) + given["net"]
	tx, _ := wire.UnionPay().Transaction(kinds[verb])
	tx.Start(&m)
	switch verb {
	case "settle":
		w.next++
		m.Private48 = given["f48"]
		if m.Private48 == "" {
			m.Private48 = totals48(args[0]) + totals48(args[1]) + "0" + strings.Repeat("0", 31)
		}
	case "upload", "end":
		w.next++
		m.Private48 = given["f48"]
	}
	w.last, w.first = m, w.h.Decide(context.Background(), Request{Message: m})
	if verb == "signon" && w.first.Answer.Code == wire.Approved {
		keys, err := hsm.OpenWorkingKeys(registry.TestTMK, w.first.Answer.Private62)
		if err != nil {
			return err
		}
		w.keys, w.batch = keys, w.first.Answer.Batch()
	}
	return w.check(w.first, want)
}

// totals48 turns 60.00/1 into amount and count.
func totals48(text string) string {
	amount, count, _ := strings.Cut(text, "/")
	n, _ := strconv.Atoi(count)
	return fmt.Sprintf("%012d%03d", fen(amount), n)
}

func fieldText(m *wire.Message, number int) string {
	switch number {
	case 37:
		return m.RRN
	case 38:
		return m.AuthCode
	case 44:
		return strings.ReplaceAll(m.Additional, " ", "_")
	case 32:
		return m.Acquirer
	case 63:
		return strings.ReplaceAll(m.Private63, " ", "_")
	case 48:
		if len(m.Private48) != 62 {
			return m.Private48
		}
		return string([]byte{m.Private48[30], m.Private48[61]}) // the flags
	case 54:
		return m.Balance
	case 60:
		return m.Private60
	case 62:
		return string(m.Private62)
	}
	return "?"
}
