package hsm

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"possim/reader/card"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tdesKey(t testing.TB, s string) Key { return key(t, TDES, s) }
func aesKey(t testing.TB, s string) Key  { return key(t, AES, s) }

func key(t testing.TB, a Algorithm, s string) Key {
	t.Helper()
	k, err := ParseKey(a, s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pin(t testing.TB, s string) PIN {
	t.Helper()
	p, err := ParsePIN(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ksn(t testing.TB, s string) KSN {
	t.Helper()
	k, err := ParseKSN(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// is compares bytes with hex.
func is(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if g := strings.ToUpper(hex.EncodeToString(got)); g != strings.ToUpper(strings.ReplaceAll(want, " ", "")) {
		t.Errorf("%s: got %s, want %s", what, g, want)
	}
}

// vectors reads a file of published vectors, each with its source.
func vectors(t testing.TB, name string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) < 10 {
		t.Fatalf("%s: only %d vectors", name, len(out))
	}
	return out
}

func seeded() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

// deep hides a secret where fmt cannot call its methods.
type deep struct {
	k   Key
	p   PIN
	pan card.PAN
}
