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

// kind is what a message asks for; a set of kinds says to which a rule applies.
type kind uint8

const (
	sale kind = 1 << iota // wire.Purchase
	reversal
	echo
	other // a request that is not served
	every = sale | reversal | echo | other
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
	token    string      // of pan, once it is known
	expiry   card.Expiry // as presented
	card     registry.Card
	terminal registry.Terminal
	merchant registry.Merchant

	key     ledger.Key // set by the rule "repeat": from then on refusals are recorded
	refused string     // the rule that refused
	code    wire.Code  // its response code, where the rule leaves a choice
	note    string
}

// look reads what every rule needs from a request.
func (h *Host) look(r Request) *deal {
	d := &deal{Request: r, h: h, kind: kindOf(&r.Message), at: h.now()}
	d.day, d.into = h.day(d.at)
	d.tid, d.mid = strings.TrimRight(r.TID, " "), strings.TrimRight(r.MID, " ")
	return d
}

// kindOf says what a message asks for.
func kindOf(m *wire.Message) kind {
	asked, _ := wire.KindOf(m)
	switch asked {
	case wire.Purchase:
		return sale
	case wire.Reversal:
		return reversal
	case wire.Echo:
		return echo
	}
	return other
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
	return ledger.Key(strings.Join([]string{d.mid, d.tid, period, string(class), stan}, "/"))
}

// print is what a repeat may not change: PAN, F3 and F4. It is keyed, since the
// hash of a card number is no secret.
func (d *deal) print() (p [16]byte) {
	copy(p[:], d.h.mac("print", d.pan.Reveal(), d.ProcessingCode, strconv.FormatInt(d.Amount, 10)))
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
