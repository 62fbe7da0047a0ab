package host

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

// deal is one request on its way through the rules.
type deal struct {
	Request
	h       *Host
	dialect *wire.Dialect // of its frame, where it came in one
	bytes   int           // of the frame

	kind kind
	at   time.Time // arrival, in the host's zone
	day  ledger.Day
	into time.Duration // how long the business day has lasted

	tid, mid string
	batch    string // 60.2
	pan      card.PAN
	track    card.Track2 // as presented, where it was
	scanned  wire.QRCode // the payment code, where there is one
	codeAge  time.Duration
	token    string      // of card or code, once it is known
	met      bool        // the card's account is open
	masked   string      // pan, masked, where it was met
	expiry   card.Expiry // as presented
	card     registry.Card
	terminal registry.Terminal
	merchant registry.Merchant
	verified bool // its MAC is right
	sealing  sealing
	looked   bool // at the terminal's session again

	key     ledger.Key     // set by the rule "repeat": from then on refusals are recorded
	of      ledger.Posting // what this follows up: the sale of a void
	first   record         // and its record
	pin     pinCheck
	chip    chipCheck
	refused string    // the rule that refused
	code    wire.Code // its response code, where the rule leaves a choice
	note    string

	merchantName, terminalName string // in the book, once they were asked for

	rec     record // what is recorded of it
	out     Decision
	asked   [6]ledger.Guard // room for what a Tx asks
	moved   [10]ledger.Move // and moves
	unknown bool            // the outcome of a commit: the book may still have its Tx
}

// deals are used again: each is some kilobytes, and nothing of it outlives its decision.
var deals = sync.Pool{New: func() any { return new(deal) }}

func dismiss(d *deal) {
	if d.unknown {
		return
	}
	*d = deal{}
	deals.Put(d)
}

// deal is one for a request that is about to be read.
func (h *Host) deal() *deal {
	d := deals.Get().(*deal)
	d.h = h
	return d
}

// look takes what every rule needs from the request.
func (d *deal) look() {
	d.kind, d.at = kindOf(&d.Message), d.h.now()
	d.day, d.into = d.h.day(d.at)
	d.batch = batch(&d.Message)
	d.tid, d.mid = strings.TrimRight(d.TID, " "), strings.TrimRight(d.MID, " ")
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
	period := d.batch
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
	sum := d.h.mac(parts...)
	copy(p[:], sum[:])
	return p
}

// Token returns the name of a card in the book.
func (h *Host) Token(pan card.PAN) string {
	if known, ok := h.cards.find(pan); ok {
		return known.token
	}
	return h.token("card", pan.Reveal())
}

// name finds the token of the card.
func (d *deal) name() {
	known, ok := d.h.cards.find(d.pan)
	if d.token, d.masked, d.met = known.token, known.masked, ok; !ok {
		d.token = d.h.token("card", d.pan.Reveal())
	}
}

// cards are those whose account is open, so that neither token nor masked number is
// computed for every sale. It holds no more cards than the registry does.
type cards struct {
	mu sync.RWMutex
	of map[card.PAN]known
}

type known struct{ token, masked string }

func (c *cards) find(pan card.PAN) (k known, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k, ok = c.of[pan]
	return k, ok
}

func (c *cards) keep(pan card.PAN, k known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[card.PAN]known{}
	}
	c.of[pan] = k
}

// token names what is secret: whose kind it is, a colon, and half an HMAC of it.
func (h *Host) token(kind, secret string) string {
	sum := h.mac(kind, secret)
	var room [64]byte
	return string(hex.AppendEncode(append(append(room[:0], kind...), ':'), sum[:16]))
}

// A keyed is an HMAC that has seen its key, and room for what it is of.
type keyed struct {
	hash.Hash
	room []byte
}

// mac is the HMAC of parts, each with its length before it.
func (h *Host) mac(parts ...string) (sum [sha256.Size]byte) {
	m, ok := h.keyed.Get().(*keyed)
	if !ok {
		m = &keyed{Hash: hmac.New(sha256.New, h.TokenKey)}
	}
	m.room = m.room[:0]
	for _, p := range parts {
		m.room = append(append(strconv.AppendInt(m.room, int64(len(p)), 10), ':'), p...)
	}
	m.Reset()
	m.Write(m.room)
	m.room = m.Sum(m.room[:0])
	copy(sum[:], m.room)
	h.keyed.Put(m)
	return sum
}

// commit hands the book one Tx, with what every Tx of this deal carries.
func (d *deal) commit(ctx context.Context, tx ledger.Tx, rec *record) (ledger.Result, error) {
	tx.At, tx.Day, tx.Memo = d.at, d.day, rec.encode()
	res, err := d.h.Book.Commit(ctx, tx)
	d.unknown = d.unknown || err != nil
	return res, err
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// zeroed is a number in n digits or more, with zeros before it.
func zeroed(number uint64, n int) string {
	var room [20]byte
	at := len(room)
	for ; number > 0 || n > 0; n-- {
		at--
		room[at] = '0' + byte(number%10)
		number /= 10
	}
	return string(room[at:])
}

// printable quotes what came from outside before it gets into a sentence.
func printable(s string) string {
	if len(s) > 20 {
		s = s[:20]
	}
	return strconv.Quote(s)
}
