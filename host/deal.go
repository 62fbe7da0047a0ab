package host

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

// deal is one request on its way through the rules.
type deal struct {
	Request
	h    *Host
	kind kind
	at   time.Time // arrival, in the host's zone
	day  ledger.Day
	into time.Duration // how long the business day has lasted

	tid, mid string
	pan      card.PAN
	track    card.Track2 // as presented, where it was
	scanned  wire.QRCode // the payment code, where there is one
	codeAge  time.Duration
	token    string      // of card or code, once it is known
	expiry   card.Expiry // as presented
	card     registry.Card
	terminal registry.Terminal
	merchant registry.Merchant

	key     ledger.Key     // set by the rule "repeat": from then on refusals are recorded
	of      ledger.Posting // what this follows up: the sale of a void
	first   record         // and its record
	pin     pinCheck
	chip    chipCheck
	refused string    // the rule that refused
	code    wire.Code // its response code, where the rule leaves a choice
	note    string
}

// look reads what every rule needs from a request.
func (h *Host) look(r Request) *deal {
	d := &deal{Request: r, h: h, kind: kindOf(&r.Message), at: h.now()}
	d.day, d.into = h.day(d.at)
	d.tid, d.mid = strings.TrimRight(r.TID, " "), strings.TrimRight(r.MID, " ")
	return d
}

// batch is 60.2, or "" where the message carries none: field 60 is optional in
// ISO 8583:1987, and what somebody else keeps in it is no batch number.
func batch(m *wire.Message) string {
	if b := m.Batch(); allDigits(b) {
		return b
	}
	return ""
}

// keyOn names a request (RULES: repeats and reversals): MID, TID, batch or else
// the business day, message class, STAN. A batch has six digits and a day eight.
func (d *deal) keyOn(day ledger.Day, class wire.MTI, stan string) ledger.Key {
	period := batch(&d.Message)
	if period == "" {
		period = strconv.Itoa(int(day))
	}
	return d.keyIn(period, class, stan)
}

func (d *deal) keyIn(period string, class wire.MTI, stan string) ledger.Key {
	return ledger.Key(strings.Join([]string{d.mid, d.tid, period, string(class), stan}, "/"))
}

// print is what a repeat may not change: PAN (or payment code), F3 and F4, and of a
// settlement its totals. It is keyed, since the hash of a card number is no secret.
func (d *deal) print() (p [16]byte) {
	holder := d.pan.Reveal()
	if d.scanned != "" {
		holder = d.scanned.Reveal()
	}
	parts := []string{"print", holder, d.ProcessingCode, strconv.FormatInt(d.Amount, 10)}
	if d.kind == settlement {
		parts = append(parts, d.Private48)
	}
	copy(p[:], d.h.mac(parts...))
	return p
}

// Token returns the name of a card in the book.
func (h *Host) Token(pan card.PAN) string {
	return "card:" + hex.EncodeToString(h.mac("card", pan.Reveal())[:16])
}

func (h *Host) mac(parts ...string) []byte {
	m := hmac.New(sha256.New, h.TokenKey)
	for _, p := range parts {
		fmt.Fprintf(m, "%d:%s", len(p), p)
	}
	return m.Sum(nil)
}

// commit hands the book one Tx, with what every Tx of this deal carries.
func (d *deal) commit(ctx context.Context, tx ledger.Tx, rec record) (ledger.Result, error) {
	tx.At, tx.Day, tx.Memo = d.at, d.day, rec.encode()
	return d.h.Book.Commit(ctx, tx)
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// printable quotes what came from outside before it gets into a sentence.
func printable(s string) string {
	if len(s) > 20 {
		s = s[:20]
	}
	return strconv.Quote(s)
}
