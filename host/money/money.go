// Package money is amounts as a payment network counts them: whole minor units
// and an ISO 4217 currency, never a float.
//
//	a, err := money.Parse("12.34", money.CNY) // 1234 fen
//	a.String()                                // "12.34"
package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 numeric code, such as "156".
type Currency string

// Currencies this terminal and host know.
const CNY Currency = "156"

// Code returns the ISO 4217 alphabetic code, or the number itself when unknown.
func (c Currency) Code() string {
	if c == CNY {
		return "CNY"
	}
	return string(c)
}

// Amount is a sum of money.
type Amount struct {
	Minor    int64 // fen for CNY
	Currency Currency
}

// MaxMinor is the largest amount F4 holds (ISO 8583: n12).
const MaxMinor = 999_999_999_999

// Yuan returns an amount of CNY from its minor units.
func Yuan(fen int64) Amount { return Amount{Minor: fen, Currency: CNY} }

// String returns the amount in major units with two decimals, "12.34", without the currency.
func (a Amount) String() string { return Format(a.Minor) }

// Format returns minor units as major units with two decimals.
func Format(minor int64) string {
	sign, u := "", uint64(minor)
	if minor < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Parse reads yuan as text: digits with at most two decimals ("1000" is 1000.00).
// Signs, exponents, separators and amounts beyond MaxMinor are errors.
func Parse(text string, c Currency) (Amount, error) {
	whole, frac, dot := strings.Cut(text, ".")
	if whole == "" || len(frac) > 2 || dot && frac == "" {
		return Amount{}, fmt.Errorf("amount %q: want digits with at most two decimals, such as 12.34", text)
	}
	frac += "00"[len(frac):]
	var minor int64
	for _, r := range whole + frac {
		if r < '0' || r > '9' {
			return Amount{}, fmt.Errorf("amount %q: %q is not a digit", text, r)
		}
		if minor = minor*10 + int64(r-'0'); minor > MaxMinor {
			return Amount{}, fmt.Errorf("amount %q: larger than %s", text, Format(MaxMinor))
		}
	}
	return Amount{Minor: minor, Currency: c}, nil
}
