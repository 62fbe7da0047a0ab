package host

import (
	"encoding/json"
	"time"

	"possim/host/ledger"
	"possim/host/money"
	"possim/host/wire"
)

// record is the memo of a posting: what is needed to give the first answer again,
// to compare a reversal with its original, and to explain the posting to people.
// It may be printed: the PAN is masked, the card a token.
type record struct {
	Kind     string         `json:"kind"` // sale, reversal, ..., opening, expiry
	MTI      wire.MTI       `json:"mti,omitempty"`
	F3       string         `json:"f3,omitempty"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency,omitempty"`
	STAN     string         `json:"stan,omitempty"`
	TID      string         `json:"tid,omitempty"`
	MID      string         `json:"mid,omitempty"`
	Batch    string         `json:"batch,omitempty"`
	Entry    string         `json:"entry,omitempty"` // F22
	Card     string         `json:"card,omitempty"`  // token
	PAN      string         `json:"pan,omitempty"`   // masked
	Time     string         `json:"time,omitempty"`  // F12 of the answer
	Date     string         `json:"date,omitempty"`  // F13 of the answer
	Sent     string         `json:"sent,omitempty"`  // F13 of the request: the terminal's date
	Day      ledger.Day     `json:"day"`
	Rule     string         `json:"rule,omitempty"`    // the host's own refusal
	Code     wire.Code      `json:"code,omitempty"`    // and its code
	Scan     string         `json:"scan,omitempty"`    // payment code, masked
	Of       ledger.Key     `json:"of,omitempty"`      // what it follows up
	Balance  *int64         `json:"balance,omitempty"` // what a balance inquiry was told
	Tries    *int64         `json:"tries,omitempty"`   // how many PINs are left to try
	Totals   string         `json:"totals,omitempty"`  // F48 of a settlement's answer
	Chip     *chipRecord    `json:"chip,omitempty"`    // of a cryptogram that was right
	Results  string         `json:"results,omitempty"` // of issuer scripts: DF31 or 9F5B
}

// record notes the deal as it stands. There is one at a time.
func (d *deal) record() *record {
	rec := &d.rec
	*rec = record{
		Kind: d.kind.String(), MTI: d.MTI, F3: d.ProcessingCode, Amount: d.Amount, Currency: d.Currency,
		STAN: d.STAN, TID: d.tid, MID: d.mid, Batch: d.batch, Entry: d.EntryMode,
		Time: clock(d.at), Date: monthAndDay(ledger.DayOf(d.at)), Sent: d.Date, Day: d.day,
		Rule: d.refused,
	}
	if rec.Currency == "" {
		rec.Currency = d.h.currency()
	}
	rec.Card, rec.Of = d.token, d.of.Key
	switch {
	case d.masked != "":
		rec.PAN = d.masked
	case d.pan != "":
		rec.PAN = d.pan.String()
	default:
		rec.PAN = d.first.PAN
	}
	if rec.Scan = d.first.Scan; d.scanned != "" {
		rec.Scan = d.scanned.String()
	}
	if d.refused == "pin" && d.pin.wrong {
		rec.Tries = new(d.pin.left)
	}
	if d.refused != "" {
		rec.Code = d.code
	}
	if d.chip.right {
		rec.Chip = &chipRecord{Owner: d.chipOwner(), ATC: d.chip.atc}
	}
	return rec
}

// readRecord reads a memo; what is no record is an empty one.
func readRecord(memo []byte) (rec record) {
	if json.Unmarshal(memo, &rec) != nil {
		return record{}
	}
	return rec
}

// How many postings there are until the digits of one come again.
const (
	rrnModulus  = 100_000_000
	authModulus = 1_000_000
)

// rrn is F37, twelve characters that no other posting has: the last digit of the
// year, the day of the year, and the place in the journal.
func rrn(day ledger.Day, seq uint64) string {
	t := date(day)
	return zeroed(uint64(t.Year()%10*1000+t.YearDay())*rrnModulus+seq%rrnModulus, 12)
}

// authCode is F38, six characters.
func authCode(seq uint64) string { return zeroed(seq%authModulus, 6) }

// clock is hhmmss.
func clock(at time.Time) string {
	h, m, s := at.Clock()
	return zeroed(uint64(h*10000+m*100+s), 6)
}
