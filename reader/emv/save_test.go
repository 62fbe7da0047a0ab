package emv

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// TestSaveCAPKs: what is written is read again, checksum and all.
func TestSaveCAPKs(t *testing.T) {
	want := PublicCAPKs()
	var file bytes.Buffer
	if err := SaveCAPKs(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := LoadCAPKs(&file)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%d keys, %v; %d were written", len(got), err, len(want))
	}
}

// TestKeyring: a ring gives the key that is made without it, and makes it once.
func TestKeyring(t *testing.T) {
	var ring Keyring
	first, err := ring.key("a test", "a label", 512, 3)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := ring.key("a test", "a label", 512, 3)
	without, _ := (*Keyring)(nil).key("a test", "a label", 512, 3)
	other, _ := ring.key("another", "a label", 512, 3)
	if first.in != again.in || !bytes.Equal(first.Public().Modulus, without.Public().Modulus) || bytes.Equal(first.Public().Modulus, other.Public().Modulus) {
		t.Error("the ring gives another key")
	}
	p, q := first.Reveal()
	if same, err := PrivateKeyOf(p, q, 3); err != nil || !bytes.Equal(same.Public().Modulus, first.Public().Modulus) {
		t.Error("the primes are not the key's", err)
	}
	if _, err := ring.key("a test", "a label", 100, 3); err == nil {
		t.Error("a key of 100 bits")
	}
}

// TestSteps: a ring that knows the steps to a key's primes makes the same key without a
// search, and searches where steps are missing, lead nowhere or are another key's.
func TestSteps(t *testing.T) {
	var ring Keyring
	want, err := ring.key("a test", "a label", 512, 3)
	if err != nil {
		t.Fatal(err)
	}
	text := ring.Searched().String()
	steps, err := ReadSteps(strings.NewReader(text))
	if err != nil || len(steps) != 1 || steps.String() != text {
		t.Fatalf("%q is read as %q, %v", text, steps, err)
	}
	for _, c := range []struct {
		change   uint32
		searched int
	}{{0, 0}, {1, 1}, {1 << 31, 1}} {
		changed := Steps{}
		for name, n := range steps {
			changed[name] = [2]uint32{n[0], n[1] + c.change}
		}
		again := Keyring{Steps: changed}
		got, err := again.key("a test", "a label", 512, 3)
		if err != nil || !bytes.Equal(got.Public().Modulus, want.Public().Modulus) || len(again.Searched()) != c.searched {
			t.Errorf("steps off by %d: another key or %d searches, want %d: %v", c.change, len(again.Searched()), c.searched, err)
		}
	}
	for _, bad := range []string{"00", "0011223344556677 1", "00112233445566 1 2", "0011223344556677 1 -2"} {
		if _, err := ReadSteps(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
