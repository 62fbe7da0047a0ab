package card

import (
	"fmt"
	"strings"
	"time"
)

// Expiry is a card's expiry month as tracks and F14 carry it: YYMM.
// The zero value means that the card does not say.
type Expiry struct {
	Year  int // four digits: ParseExpiry resolves the century
	Month time.Month
}

// ParseExpiry takes YYMM; "" is the absent expiry. A month that does not exist is
// refused.
//
// The century is the EMV terminal's rule for two-digit years: 00 to 49 are 2000
// to 2049, 50 to 99 are 1950 to 1999. So 9912 is long past, not 73 years ahead.
func ParseExpiry(yymm string) (Expiry, error) {
	if yymm == "" {
		return Expiry{}, nil
	}
	if len(yymm) != 4 || strings.IndexFunc(yymm, notDigit) >= 0 {
		return Expiry{}, fmt.Errorf("expiry: want four digits YYMM, for example 2912, got %d characters", len(yymm))
	}
	e := expiryOf(yymm)
	if !e.Valid() {
		return Expiry{}, fmt.Errorf("expiry: there is no month %02d; want YYMM, for example 2912", int(e.Month))
	}
	return e, nil
}

// expiryOf takes four digits as they stand: a stripe may carry a month that does
// not exist, and a read is not refused for it.
func expiryOf(yymm string) Expiry {
	n := func(i int) int { return int(yymm[i]-'0')*10 + int(yymm[i+1]-'0') }
	year := 2000 + n(0)
	if year >= 2050 {
		year -= 100
	}
	return Expiry{Year: year, Month: time.Month(n(2))}
}

// Absent reports whether the card does not say when it expires.
func (e Expiry) Absent() bool { return e == Expiry{} }

// Valid reports whether e is a month that exists. A track's expiry may be neither
// absent nor valid.
func (e Expiry) Valid() bool {
	return e.Month >= time.January && e.Month <= time.December && e.Year >= 1950 && e.Year <= 2049
}

// End returns the first instant after the expiry month in zone: a card is good
// through the last instant of its month (ISO/IEC 7813, expiry date).
func (e Expiry) End(zone *time.Location) time.Time {
	return time.Date(e.Year, e.Month+1, 1, 0, 0, 0, 0, zone)
}

// Expired reports whether the card is past its month at the given time, in that
// time's own zone: hand in the host's clock in the host's zone. An absent expiry
// never expires; a month that does not exist has always passed.
func (e Expiry) Expired(at time.Time) bool {
	switch {
	case e.Absent():
		return false
	case !e.Valid():
		return true
	}
	return !at.Before(e.End(at.Location()))
}

// YYMM returns the four digits of a track or F14, or "" for an absent expiry.
func (e Expiry) YYMM() string {
	if e.Absent() {
		return ""
	}
	return fmt.Sprintf("%02d%02d", ((e.Year%100)+100)%100, int(e.Month))
}

// String returns YYMM.
func (e Expiry) String() string { return e.YYMM() }

// MarshalText implements encoding.TextMarshaler.
func (e Expiry) MarshalText() ([]byte, error) { return []byte(e.YYMM()), nil }

// UnmarshalText implements encoding.TextUnmarshaler with ParseExpiry.
func (e *Expiry) UnmarshalText(b []byte) error {
	got, err := ParseExpiry(string(b))
	if err == nil {
		*e = got
	}
	return err
}
