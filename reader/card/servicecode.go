package card

import "strings"

// ServiceCode is the three digits after the expiry on tracks 1 and 2 (ISO/IEC
// 7813): where the card may be used, how it is authorised, for what and with what
// verification. "" means that the track carries a separator in its place.
//
//	1st digit  1 international       2 international, chip   5 national
//	           6 national, chip      7 private               9 test
//	2nd digit  0 normal              2 issuer online         4 issuer online unless agreed
//	3rd digit  0 no limits, PIN      1 no limits             2 goods and services
//	           3 ATM only, PIN       4 cash only             5 goods and services, PIN
//	           6 no limits, PIN if there is a keypad         7 goods and services, likewise
type ServiceCode string

// Valid reports whether s is three digits. The values ISO reserves are valid too:
// a reader and a host meet them.
func (s ServiceCode) Valid() bool {
	return len(s) == 3 && strings.IndexFunc(string(s), notDigit) < 0
}

// HasChip reports whether the card says it carries a chip (2xx, 6xx): swiped at a
// terminal with a chip reader, it is told to use that (RULES: chip first).
func (s ServiceCode) HasChip() bool { return s.digit(0, "26") }

// International reports whether the card is for use abroad too (1xx, 2xx).
func (s ServiceCode) International() bool { return s.digit(0, "12") }

// National reports whether the card is for use at home, except under agreement (5xx, 6xx).
func (s ServiceCode) National() bool { return s.digit(0, "56") }

// Private reports whether the card is for no interchange except under agreement (7xx).
func (s ServiceCode) Private() bool { return s.digit(0, "7") }

// Test reports whether the card is a test card (9xx).
func (s ServiceCode) Test() bool { return s.digit(0, "9") }

// OnlineOnly reports whether every transaction goes to the issuer (x2x, and x4x
// unless there is an agreement).
func (s ServiceCode) OnlineOnly() bool { return s.digit(1, "24") }

// PINRequired reports whether the cardholder must enter a PIN (xx0, xx3, xx5).
func (s ServiceCode) PINRequired() bool { return s.digit(2, "035") }

// PINIfPossible reports whether a PIN is wanted where there is a keypad (xx6, xx7).
func (s ServiceCode) PINIfPossible() bool { return s.digit(2, "67") }

// GoodsAllowed reports whether goods and services may be bought: all but ATM only
// (xx3) and cash only (xx4).
func (s ServiceCode) GoodsAllowed() bool { return s.Valid() && !s.digit(2, "34") }

// CashAllowed reports whether cash may be drawn (xx0, xx1, xx3, xx4, xx6).
func (s ServiceCode) CashAllowed() bool { return s.digit(2, "01346") }

func (s ServiceCode) digit(i int, oneOf string) bool {
	return s.Valid() && strings.IndexByte(oneOf, s[i]) >= 0
}
