package journal

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestCodes: each value has a code of its own, and is had back from it.
func TestCodes(t *testing.T) {
	b, seen := newBinding(), map[uint64]string{}
	values := strings.Fields("0 9 00 99 000001 1 01 999999999999 000000000000 1000000000000 A1B2C3 a1b2c3 6222020000000015 12345678901x")
	for _, v := range append(values, "", " ", "63321500000 ") {
		code := b.code(v)
		if other, taken := seen[code]; taken || b.text(code) != v || b.code(v) != code || code > codeMask {
			t.Errorf("%q has the code %d and comes back as %q (%q)", v, code, b.text(code), other)
		}
		seen[code] = v
	}
}

// TestPair: a table of what is bound, and of what cannot be after it.
func TestPair(t *testing.T) {
	for _, test := range []struct{ bound, next, want string }{
		{"", "rrn A 1 2", ""},
		{"rrn A 1 2", "rrn A 1 2", ""},
		{"rrn A 1 2", "rrn A 1 3", `the $rrn of line 1 is now "2"`},
		{"rrn A 1 2", "rrn B 1 3", ""}, // another terminal
		{"rrn A 1 2", "rrn A 3 2", `the recording has a new one here, and "2" stands for the $rrn of line 1`},
		{"rrn A 1 1", "rrn A 3 1", `the recording has a new one here, and "1" stands for the $rrn of line 1`},
		{"rrn A 1 2;rrn A 2 1", "rrn A 2 1", ""}, // they change places
		{"rrn A 1 2;rrn A 2 1", "rrn A 1 1", `the $rrn of line 1 is now "2"`},
		{"auth A X1Y2Z3 123456", "auth A 222222 123456", ""}, // six characters come again by chance
		{"auth A X1Y2Z3 123456", "auth A X1Y2Z3 222222", `the $auth of line 1 is now "123456"`},
		{"", "stan A 000001 000001", ""},
		{"", "stan A 000001 000002", "this replay has sent the recorded one"},
	} {
		b := newBinding("stan")
		line := 0
		say := func(text string) string {
			line++
			f := strings.Fields(text)
			return b.pair(symbol{f[0], f[1], f[2]}, f[3], line)
		}
		for text := range strings.SplitSeq(test.bound, ";") {
			if text != "" && say(text) != "" {
				t.Fatalf("%s cannot be bound", text)
			}
		}
		b.keep()
		before := fmt.Sprint(b.known, b.was)
		if got := say(test.next); got != test.want {
			t.Errorf("%s; %s: got %q, want %q", test.bound, test.next, got, test.want)
		}
		if b.takeBack(); fmt.Sprint(b.known, b.was) != before {
			t.Errorf("%s; %s: not all is taken back", test.bound, test.next)
		}
	}
}

// BenchmarkBinding is what a value takes: B/op of a million bound ones, all different
// from what they were.
func BenchmarkBinding(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		bound, r := newBinding(), rand.New(rand.NewPCG(1, 1))
		for i := range 1_000_000 {
			bound.pair(symbol{"rrn", "terminal", fmt.Sprintf("%012d", i)}, fmt.Sprintf("%012d", r.Uint64N(1e12)), i)
			bound.keep()
		}
	}
}
