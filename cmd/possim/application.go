package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader/emv"
)

// application is one application of a chip in `possim read --json` (a contract). What the
// card does not have is left out; names and tracks never are in it.
type application struct {
	AID           string     `json:"aid"`
	Label         string     `json:"label,omitempty"`
	PreferredName string     `json:"preferred_name,omitempty"`
	Priority      int        `json:"priority,omitempty"` // 1 comes first
	Confirm       bool       `json:"confirm,omitempty"`  // not without the cardholder's word
	Blocked       bool       `json:"blocked,omitempty"`
	PAN           string     `json:"pan,omitempty"` // as of presentation
	Expiry        string     `json:"expiry,omitempty"`
	Effective     string     `json:"effective,omitempty"` // YYMMDD
	PSN           string     `json:"psn,omitempty"`       // 5F34
	ServiceCode   string     `json:"service_code,omitempty"`
	Country       string     `json:"country,omitempty"`  // ISO 3166, of the issuer
	Currency      string     `json:"currency,omitempty"` // ISO 4217, of the application
	Languages     []string   `json:"languages,omitempty"`
	AIP           []string   `json:"aip,omitempty"`     // what it can do
	AUC           []string   `json:"auc,omitempty"`     // what it is good for
	CVM           []string   `json:"cvm,omitempty"`     // how it verifies its holder
	Version       string     `json:"version,omitempty"` // 9F08, hex
	CAPK          string     `json:"capk,omitempty"`    // of the authority's key: RID and index
	ATC           *int       `json:"atc,omitempty"`
	LastOnlineATC *int       `json:"last_online_atc,omitempty"`
	PINTries      *int       `json:"pin_tries,omitempty"`
	Log           []logEntry `json:"log,omitempty"` // the newest first
	Problem       string     `json:"problem,omitempty"`
}

// logEntry is a transaction that a card remembers.
type logEntry struct {
	Date     string `json:"date,omitempty"` // 2026-06-01
	Time     string `json:"time,omitempty"` // 09:30:00
	Type     string `json:"type,omitempty"` // 9C: 00 is a purchase
	Amount   string `json:"amount,omitempty"`
	Currency string `json:"currency,omitempty"`
	Country  string `json:"country,omitempty"`
	ATC      *int   `json:"atc,omitempty"`
}

// applicationOf turns what was read into what may be shown.
func applicationOf(h kernel.Held, unsafe bool) application {
	d := h.Data
	a := application{
		AID: hexText(h.AID), Label: h.Label, PreferredName: h.Name,
		Priority: int(h.Priority), Confirm: h.Confirm, Blocked: h.Blocked,
		Expiry: h.Expiry().YYMM(), ServiceCode: string(h.ServiceCode()),
		Effective: digitsOf(d, emv.TagEffectiveDate, 3), PSN: digitsOf(d, emv.TagPANSequence, 1),
		Country: code3(d, emv.TagIssuerCountry), Currency: code3(d, emv.TagApplicationCurrency),
		Languages: languages(d.Value(emv.TagLanguagePreference)),
		AIP:       meaning(d, emv.TagAIP), AUC: meaning(d, emv.TagAUC), CVM: cvmRules(d.Value(emv.TagCVMList)),
		ATC: number16(d, emv.TagATC), LastOnlineATC: number16(d, emv.TagLastOnlineATC), PINTries: number8(d, emv.TagPINTryCounter),
	}
	if h.PAN() != "" {
		a.PAN = show(h.PAN(), unsafe)
	}
	if v := d.Value(emv.TagCardVersion); len(v) == 2 {
		a.Version = hexText(v)
	}
	if v := d.Value(emv.TagCAPKIndex); len(v) == 1 && len(h.AID) >= 5 {
		a.CAPK = fmt.Sprintf("%X %02X", h.AID[:5], v[0])
	}
	for _, l := range h.Log {
		a.Log = append(a.Log, logEntryOf(l))
	}
	if h.Problem != nil {
		a.Problem = h.Problem.Error()
	}
	return a
}

func logEntryOf(l emv.List) logEntry {
	e := logEntry{Type: digitsOf(l, emv.TagTransactionType, 1), Currency: code3(l, emv.TagTransactionCurrency),
		Country: code3(l, emv.TagTerminalCountry), ATC: number16(l, emv.TagATC)}
	if v := digitsOf(l, emv.TagTransactionDate, 3); v != "" {
		e.Date = "20" + v[:2] + "-" + v[2:4] + "-" + v[4:]
	}
	if v := digitsOf(l, emv.TagTransactionTime, 3); v != "" {
		e.Time = v[:2] + ":" + v[2:4] + ":" + v[4:]
	}
	if v := digitsOf(l, emv.TagAmountAuthorised, 6); v != "" {
		var minor int64
		_, _ = fmt.Sscanf(v, "%d", &minor) // twelve digits
		e.Amount = money.Format(minor)
	}
	return e
}

// digitsOf returns the digits of a numeric object of so many bytes, "" for any other.
func digitsOf(l emv.List, t emv.Tag, size int) string {
	v := l.Value(t)
	text := hex.EncodeToString(v)
	if len(v) != size || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

// code3 returns a country's or a currency's three digits.
func code3(l emv.List, t emv.Tag) string {
	text := digitsOf(l, t, 2)
	return strings.TrimPrefix(text, "0")
}

func number16(l emv.List, t emv.Tag) *int {
	v := l.Value(t)
	if len(v) != 2 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(v))
	return &n
}

func number8(l emv.List, t emv.Tag) *int {
	v := l.Value(t)
	if len(v) != 1 {
		return nil
	}
	n := int(v[0])
	return &n
}

func meaning(l emv.List, t emv.Tag) []string {
	v, ok := l.Get(t)
	if !ok {
		return nil
	}
	return emv.New(t, v).Meaning()
}

func cvmRules(v []byte) []string {
	list, err := emv.ParseCVMList(v)
	if err != nil {
		return nil
	}
	var out []string
	for _, r := range list.Rules {
		out = append(out, r.String())
	}
	return out
}

// languages takes 5F2D apart: two letters each (ISO 639).
func languages(v []byte) []string {
	var out []string
	for ; len(v) >= 2; v = v[2:] {
		out = append(out, emv.Text(v[:2], 0))
	}
	return out
}

func hexText(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
