package emv

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

// same compares bytes with published hex; "" was not published.
func same(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if want != "" && !bytes.Equal(got, unhex(t, want)) {
		t.Errorf("%s: got %X, want %s", what, got, want)
	}
}

// must ends the test on an error of a computation.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
