package money

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int64
	}{
		{"0", 0}, {"0.01", 1}, {"0.1", 10}, {"1", 100}, {"12.34", 1234}, {"1000", 100000}, {"007.5", 750},
		{"9999999999.99", MaxMinor},
	} {
		got, err := Parse(tt.text, CNY)
		if err != nil || got != Yuan(tt.want) {
			t.Errorf("%s: got %v, %v, want %d", tt.text, got, err, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{"", "at most two decimals"}, {".5", "at most two decimals"}, {"1.", "at most two decimals"}, {"1.234", "at most two decimals"},
		{"-1", "'-' is not a digit"}, {"+1", "'+' is not a digit"}, {"1e3", "'e' is not a digit"}, {"1,000", "',' is not a digit"},
		{" 1", "' ' is not a digit"}, {"1.2.", "'.' is not a digit"}, {"１２", "is not a digit"}, {"12元", "is not a digit"},
		{"10000000000", "larger than 9999999999.99"}, {strings.Repeat("9", 400), "larger than"},
	} {
		if got, err := Parse(tt.text, CNY); err == nil || !strings.Contains(err.Error(), tt.says) || got != (Amount{}) {
			t.Errorf("%q: got %v, %v, want an error that says %q", tt.text, got, err, tt.says)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		minor int64
		want  string
	}{
		{0, "0.00"}, {1, "0.01"}, {99, "0.99"}, {100, "1.00"}, {-1, "-0.01"}, {-1234, "-12.34"}, {MaxMinor, "9999999999.99"},
		{math.MaxInt64, "92233720368547758.07"}, {math.MinInt64, "-92233720368547758.08"},
	} {
		if got := Format(tt.minor); got != tt.want {
			t.Errorf("%d: got %s, want %s", tt.minor, got, tt.want)
		}
	}
}

func TestCurrencyCode(t *testing.T) {
	if CNY.Code() != "CNY" || Currency("999").Code() != "999" {
		t.Errorf("got %s and %s, want CNY and 999", CNY.Code(), Currency("999").Code())
	}
}

// FuzzParse: what Parse takes, Format writes back in its own spelling.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"12.34", "0", "1e9", "-1", "1.", "9999999999.99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text, CNY)
		if err != nil {
			return
		}
		again, err := Parse(a.String(), CNY)
		if err != nil || again != a || a.Minor < 0 || a.Minor > MaxMinor {
			t.Fatalf("%q: %v, %v", text, again, err)
		}
		whole, frac, _ := strings.Cut(text, ".")
		want := strings.TrimLeft(whole, "0") + "." + (frac + "00")[:2]
		if got := strings.TrimLeft(a.String(), "0"); got != want {
			t.Fatalf("%q: got %s, want %s", text, got, want)
		}
	})
}

func Example() {
	a, err := Parse("280", CNY)
	fmt.Println(a, a.Currency.Code(), a.Minor, err)
	_, err = Parse("2.800", CNY)
	fmt.Println(err)
	// Output:
	// 280.00 CNY 28000 <nil>
	// amount "2.800": want digits with at most two decimals, such as 12.34
}
