package emv

import (
	"bytes"
	"reflect"
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
