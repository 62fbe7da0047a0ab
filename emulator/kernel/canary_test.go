package kernel

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A PIN, a number and a track never print, whatever prints what the kernel gives out.
func TestNothingSecretPrints(t *testing.T) {
	c, k := newChip(), newKernel()
	c.pin = "97315"
	list("4103")(world{chip: c})
	var entry PINEntry
	k.PIN = func(context.Context, PINRequest) (PINEntry, error) {
		p, err := NewPIN("97315")
		entry = PINEntry{PIN: p}
		return entry, err
	}
	r := start(t, k, c, newSale())
	if r.CVM[2] != 2 {
		t.Fatalf("the PIN was not verified: %s", r.CVM)
	}
	tap, err := k.Tap(t.Context(), tapCard(t), newSale())
	if err != nil || !tap.OnlinePIN || tap.PAN != testPAN {
		t.Fatalf("the tap: %s %s %v %v", tap.Decision, tap.PAN, tap.Err, err)
	}
	var b bytes.Buffer
	for _, v := range []any{r, &r, tap, &tap, tap.Data, tap.Tags, tap.Track2, r.Data, r.Tags, r.PAN, r.Track2, r.Err, entry, &entry, entry.PIN, *k, k, struct{ P PIN }{entry.PIN}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
		if j, err := json.Marshal(v); err == nil {
			b.Write(j)
		}
	}
	for _, secret := range []string{"97315", testPAN, hex.EncodeToString([]byte("97315")), hex.EncodeToString([]byte(testPAN))} {
		if i := strings.Index(strings.ToLower(b.String()), secret); i >= 0 {
			t.Errorf("%s prints: ...%s", secret, b.String()[max(0, i-80):i+30])
		}
	}
	if !strings.Contains(b.String(), "621094******0021") {
		t.Error("the masked number is not there: the test looked at nothing")
	}
}

func TestNewPINRefuses(t *testing.T) {
	for _, s := range []string{"", "123", "1234567890123", "12a4"} {
		if p, err := NewPIN(s); err == nil || s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("%q: %v, %v", s, p, err)
		}
	}
}
