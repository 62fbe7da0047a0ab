package card

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// Track3 is a parsed track 3 (ISO/IEC 4909, fields 2 to 27):
//
//	;FC PAN= country currency exponent amount remaining begin length retries PIN
//	 interchange TA/SR TA/SR TA/SR expiry sequence security SAN-1= SAN-2= relay CCD additional?
//
// '=' stands in the place of an absent field, which is "" here. Format codes 01
// and 02 have this layout; 90 to 99 are the issuer's, and most (UnionPay's 99
// with 156 for China and the yuan among them) follow it too. One that does not is
// kept whole in Own. Track3 prints as masked number and expiry.
type Track3 struct {
	FormatCode string // two digits
	PAN        PAN    // "" where the card leaves it to track 2
	// Account is the rest of a two-part national number: a German giro card has 59
	// and the bank's code before the separator, and this after it.
	Account          TrackData
	Country          string // ISO 3166-1, three digits; deprecated in 2006
	Currency         string // ISO 4217, three digits
	Exponent         string // power of ten of the two amounts
	AmountAuthorized string // a cycle, four digits
	AmountRemaining  string // this cycle, four digits
	CycleBegin       string // YDDD
	CycleLength      string // days, or 80 to 86 for weeks, months and the year
	Retries          string // PIN tries left, one digit
	PINControl       TrackData
	Interchange      string    // 0 none barred, 1 not abroad
	Restrictions     [3]string // type of account and service restriction of PAN, SAN-1, SAN-2
	Expiry           Expiry
	Sequence         string // card sequence number, one digit
	Security         TrackData
	SAN1             TrackData // first subsidiary account number
	SAN2             TrackData // second subsidiary account number
	Relay            string    // relay marker, one digit
	CryptoCheck      TrackData
	Additional       TrackData
	Own              TrackData // all after the PAN's separator, in an issuer's own layout

	own bool // the layout is the issuer's, though nothing may stand there
}

// ParseTrack3 parses a track 3, with or without sentinels and LRC; a reader's '+',
// '!' or '#' serves as start sentinel too. Its error is a *TrackError.
func ParseTrack3(t TrackData) (Track3, error) {
	s, err := scan(3, t)
	if err != nil {
		return Track3{}, err
	}
	var got Track3
	got.FormatCode = s.code3()
	got.PAN = s.pan(true)
	if err := s.err(); err != nil {
		return Track3{}, err
	}
	body := s.pos
	got.Account = s.account(got.PAN)
	for _, f := range got.layout() {
		*f.to = s.fixed(f.n, f.name)
	}
	got.finish(s)
	if err := s.err(); err != nil {
		if got.FormatCode == "01" || got.FormatCode == "02" {
			return Track3{}, err
		}
		return Track3{FormatCode: got.FormatCode, PAN: got.PAN, Own: TrackData(s.text[body:]), own: true}, nil
	}
	return got, nil
}

func (s *scanner) code3() string {
	if len(s.text) < 2 || strings.IndexFunc(s.text[:2], notDigit) >= 0 {
		s.fail(0, "format code", "want two digits")
		return ""
	}
	s.pos = 2
	return s.text[:2]
}

// account takes the second part of a German two-part number: after 59 and the
// bank's code, at most twelve digits and another separator, where ISO's own layout
// has a long run of digits.
func (s *scanner) account(pan PAN) TrackData {
	n := strings.IndexByte(s.text[s.pos:], '=')
	if !strings.HasPrefix(string(pan), "59") || n < 8 || n > 12 {
		return ""
	}
	got := s.text[s.pos : s.pos+n]
	if strings.IndexFunc(got, notDigit) >= 0 {
		return ""
	}
	s.pos += n + 1
	return TrackData(got)
}

type fixedField struct {
	to   *string
	n    int
	name string
}

// layout lists fields 5 to 17 of ISO/IEC 4909, in their order on the track.
func (t *Track3) layout() []fixedField {
	return []fixedField{
		{&t.Country, 3, "country code"},
		{&t.Currency, 3, "currency"},
		{&t.Exponent, 1, "currency exponent"},
		{&t.AmountAuthorized, 4, "amount authorized per cycle"},
		{&t.AmountRemaining, 4, "amount remaining"},
		{&t.CycleBegin, 4, "cycle begin"},
		{&t.CycleLength, 2, "cycle length"},
		{&t.Retries, 1, "retry count"},
		{(*string)(&t.PINControl), 6, "PIN control parameters"},
		{&t.Interchange, 1, "interchange control"},
		{&t.Restrictions[0], 2, "account type and restriction of the PAN"},
		{&t.Restrictions[1], 2, "account type and restriction of SAN-1"},
		{&t.Restrictions[2], 2, "account type and restriction of SAN-2"},
	}
}

// finish takes fields 18 to 27.
func (t *Track3) finish(s *scanner) {
	if yymm := s.fixed(4, "expiry"); yymm != "" {
		t.Expiry = expiryOf(yymm)
	}
	t.Sequence = s.fixed(1, "card sequence number")
	t.Security = TrackData(s.fixed(9, "card security number"))
	t.SAN1 = TrackData(s.until("SAN-1"))
	t.SAN2 = TrackData(s.until("SAN-2"))
	t.Relay = s.fixed(1, "relay marker")
	t.CryptoCheck = TrackData(s.fixed(6, "crypto check digits"))
	t.Additional = TrackData(s.rest())
}

// Data formats the track without sentinels, byte for byte what ParseTrack3 took.
// A value that no track can hold is an error.
func (t Track3) Data() (TrackData, error) {
	var b strings.Builder
	b.WriteString(t.FormatCode + string(t.PAN) + "=")
	if t.own || t.Own != "" {
		b.WriteString(string(t.Own))
	} else {
		t.write(&b)
	}
	data := TrackData(b.String())
	back, err := ParseTrack3(data)
	if err != nil {
		return "", err
	}
	if t.own = back.own; back != t {
		return "", unreadable(3)
	}
	return data, nil
}

func (t Track3) write(b *strings.Builder) {
	if t.Account != "" {
		b.WriteString(string(t.Account) + "=")
	}
	for _, f := range t.layout() {
		writeOr(b, '=', *f.to)
	}
	writeOr(b, '=', t.Expiry.YYMM())
	writeOr(b, '=', t.Sequence)
	writeOr(b, '=', string(t.Security))
	b.WriteString(string(t.SAN1) + "=" + string(t.SAN2) + "=")
	writeOr(b, '=', t.Relay)
	writeOr(b, '=', string(t.CryptoCheck))
	b.WriteString(string(t.Additional))
}

// Identity returns number and expiry; track 3 has no service code.
func (t Track3) Identity() Identity { return Identity{PAN: t.PAN, Expiry: t.Expiry} }

// String returns masked number and expiry.
func (t Track3) String() string { return t.Identity().String() }

// Format implements fmt.Formatter so that no verb shows the track.
func (t Track3) Format(f fmt.State, verb rune) { FormatMasked(f, verb, t.String()) }

// MarshalJSON implements json.Marshaler.
func (t Track3) MarshalJSON() ([]byte, error) { return t.Identity().MarshalJSON() }

// MarshalYAML implements yaml.Marshaler.
func (t Track3) MarshalYAML() (any, error) { return t.Identity().MarshalYAML() }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (t Track3) MarshalZerologObject(e *zerolog.Event) { t.Identity().MarshalZerologObject(e) }
