package hsm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.yaml.in/yaml/v4"
)

const canary = "D931648F3DE313A4A22C15DCA4F4299E"

// leaks looks for the key or the PIN in hex, decimal and character form.
func leaks(text string) bool {
	text = strings.ToUpper(strings.NewReplacer(" ", "", ",", "", "0X", "").Replace(text))
	return strings.Contains(text, "D931648F") || strings.Contains(text, "21749100143") || strings.Contains(text, "2405708249") || strings.Contains(text, "3643892879") || strings.Contains(text, "8F6431D9") ||
		strings.Contains(text, "271828") || strings.Contains(text, "323731383238") || strings.Contains(text, "505549")
}

func TestSecretsNeverPrint(t *testing.T) {
	k, a, p := tdesKey(t, canary), aesKey(t, canary), pin(t, "271828")
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %o %c %U %t %e %20v %-20v") {
		for _, value := range []any{a, &a, deep{k: a}, &deep{k: a}, struct{ k *Key }{&a}, k, &k, []Key{k}, struct{ K Key }{k}, struct{ K *Key }{&k}, deep{k: k, p: p}, &deep{k: k, p: p}, p, []PIN{p}, WorkingKeys{TPK: k}} {
			if got := fmt.Sprintf(verb, value); leaks(got) {
				t.Errorf("%s of %T: %s", verb, value, got)
			}
		}
	}
	if got := fmt.Sprintf("%v|%x|%q|%-30v|", k, k, k, k); got != `TDES-128 key, KCV 900ECC|TDES-128 key, KCV 900ECC|"TDES-128 key, KCV 900ECC"|TDES-128 key, KCV 900ECC      |` {
		t.Error(got)
	}
	if got := fmt.Sprintf("%v %v %v", p, Key{}, PIN{}); got != "**** no key " {
		t.Errorf("%q", got)
	}
}

func TestSecretsNeverEncode(t *testing.T) {
	k, p := tdesKey(t, canary), pin(t, "271828")
	v := map[string]any{"key": k, "pin": p, "deep": deep{k: k, p: p}, "working": WorkingKeys{TPK: k, TAK: k}}
	var out bytes.Buffer
	j, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	y, err := yaml.Marshal(struct {
		K Key
		P PIN
	}{k, p})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	out.Write(y)
	log := zerolog.New(&out)
	log.Info().Interface("key", k).Any("pin", p).Stringer("s", k).Interface("all", v).Msg("")
	slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: untimed})).Info("", "key", k, "pin", p, "all", v)
	slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: untimed})).Info("", "key", k, "pin", p, "all", v)
	if leaks(out.String()) {
		t.Error(out.String())
	}
	if got := strings.Count(out.String(), "KCV 900ECC"); got < 8 {
		t.Errorf("the check value stands there %d times: %s", got, out.String())
	}
}

func TestParseKeyErrors(t *testing.T) {
	for _, v := range []struct {
		a        Algorithm
		in, want string
	}{
		{TDES, "", "nothing there"},
		{TDES, "  ", "nothing there"},
		{TDES, canary[:31], "31 hex digits"},
		{TDES, canary + "00", "TDES key: 17 bytes; want 8, 16 or 24"},
		{TDES, canary[:30] + "G0", "character 31 is not a hex digit"},
		{AES, canary[:16], "AES key: 8 bytes"},
		{HMAC, canary[:16], "HMAC key: 8 bytes"},
		{'x', canary, "not for TDES"},
	} {
		k, err := ParseKey(v.a, v.in)
		if err == nil || !strings.Contains(err.Error(), v.want) || leaks(err.Error()) || !k.Zero() {
			t.Errorf("%q: %v, want %q", v.in, err, v.want)
		}
	}
	if k, err := ParseKey(TDES, " d931648f 3de313a4\n a22c15dc a4f4299e "); err != nil || !k.Equal(tdesKey(t, canary)) {
		t.Error(k, err)
	}
}

func TestKeyEqual(t *testing.T) {
	k := tdesKey(t, canary)
	if !k.Equal(tdesKey(t, canary)) || k.Equal(aesKey(t, canary)) || k.Equal(Key{}) || k.Equal(tdesKey(t, canary[:16])) || !(Key{}).Equal(Key{}) {
		t.Error("Equal is wrong")
	}
	// Nobody changes a key through the bytes it was made of or gave out.
	raw := unhex(t, canary)
	k2, _ := NewKey(TDES, raw)
	raw[0]++
	k2.Reveal()[0]++
	if !k2.Equal(k) {
		t.Error("the key changed")
	}
	if got := (Key{}).KCV(3); got != nil {
		t.Error(got)
	}
	if got := k.KCV(99); len(got) != 8 || len(k.KCV(-1)) != 0 {
		t.Error(got)
	}
}

func TestMakeKey(t *testing.T) {
	k, err := MakeKey(TDES, 16, seeded())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range k.Reveal() {
		if bits.OnesCount8(b)%2 == 0 {
			t.Errorf("even parity in a made key")
		}
	}
	if again, _ := MakeKey(TDES, 16, seeded()); !again.Equal(k) {
		t.Error("the same seed made another key")
	}
	if _, err := MakeKey(AES, 16, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	for _, n := range []int{-1, 0, 7} {
		if _, err := MakeKey(AES, n, seeded()); err == nil {
			t.Error("made an AES key of", n)
		}
	}
}

func TestParsePIN(t *testing.T) {
	for _, bad := range []string{"", "271", "2718281828459", "27a8", "２７１８", "12 34"} {
		if p, err := ParsePIN(bad); err == nil || !p.Zero() || (bad != "" && strings.Contains(err.Error(), bad)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	p := pin(t, "2718")
	if p.Len() != 4 || p.Reveal() != "2718" || !p.Equal(pin(t, "2718")) || p.Equal(pin(t, "2719")) || p.Equal(PIN{}) {
		t.Error("PIN is wrong")
	}
}

// untimed leaves the time out of a log: its digits could pass for a secret's.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
