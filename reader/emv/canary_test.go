package emv

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"possim/reader/card"
)

// The canary's middle digits, and the bytes of keys and PINs, are nowhere in what
// prints.
const canaryPAN = "6222027391840015"

// hiding stands for someone's struct: what it does not export fmt prints without asking.
type hiding struct {
	k Key
	p PrivateKey
}

func canaryKey(t testing.TB) Key { return key(t, "B1B2B3B4B5B6B7B8C1C2C3C4C5C6C7C8") }

func cages(t testing.TB) []any {
	k := testIssuer(t)
	k.Master.AC = canaryKey(t)
	c := must[*ICCKeys](t)(k.NewICCKeys(ICCProfile{Seed: "SECRETSEED", PAN: canaryPAN, Bits: 512}))
	pan := New(TagPAN, unhex(t, canaryPAN))
	track := New(TagTrack2Equivalent, unhex(t, canaryPAN+"D2912101983475610F"))
	name := New(TagCardholderName, []byte("CANARY/BIRD"))
	list := List{pan, track, name, New(TagTrack1Discretionary, []byte("983475610")), New(TagTrack2Discretionary, unhex(t, "983475610F")),
		New(TagCVMLimit, unhex(t, canaryPAN+"D29F")), New(TagPINData, unhex(t, "0000983475610FFF")), New(TagTrack1, []byte("B"+canaryPAN+"^CANARY"))}
	rec := Template(TagRecordTemplate, list...)
	raw := TLV{Tag: TagRecordTemplate, Value: list.Bytes()}
	return []any{pan, &pan, track, name, list, &list, rec, raw, []TLV{pan}, map[Tag]TLV{TagPAN: pan}, struct{ L List }{list},
		canaryKey(t), hiding{canaryKey(t), k.RSA}, &hiding{canaryKey(t), k.RSA}, k, *k, k.Master, c, *c, k.RSA,
		ICCProfile{Seed: "SECRETSEED", PAN: canaryPAN}, IssuerProfile{Seed: "SECRETSEED", Master: k.Master},
		ICCKey{PAN: canaryPAN}, []any{list, k.RSA}}
}

func watch(t *testing.T, how, out string) {
	t.Helper()
	upper := strings.ToUpper(out)
	for _, secret := range []string{"27391", "739184", "9834756", "CANARY", "43414E415259", "B1B2B3", "C6C7C8", "SECRETSEED", "178 179 180",
		"67 65 78 65 82 89", "115 145 132", "34 2 115"} {
		if strings.Contains(upper, secret) {
			t.Errorf("%s shows %s: %.200s", how, secret, out)
		}
	}
}

func TestNothingSecretPrints(t *testing.T) {
	issuer := testIssuer(t).RSA.in.in
	private := []string{strings.ToUpper(hex.EncodeToString(issuer.p.Bytes()))[:12], issuer.p.String()[:12], issuer.dp.String()[:12]}
	for _, v := range cages(t) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%30v", "%-30v", "%t", "%e"} {
			out := fmt.Sprintf(verb, v)
			watch(t, fmt.Sprintf("%s of %T", verb, v), out)
			for _, secret := range private {
				if strings.Contains(strings.ToUpper(out), secret) {
					t.Errorf("%s of %T shows a private key", verb, v)
				}
			}
		}
		if b, err := json.Marshal(v); err == nil {
			watch(t, fmt.Sprintf("JSON of %T", v), string(b))
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: untimed})).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: untimed})).Info("x", "v", v)
		watch(t, fmt.Sprintf("slog of %T", v), log.String())
	}
}

// Errors of everything that takes a number, a PIN or a key say nothing of it.
func TestNothingSecretInErrors(t *testing.T) {
	k := canaryKey(t)
	errs := []error{}
	note := func(err error) { errs = append(errs, err) }
	_, err := ParseKey("B1B2B3B4B5B6B7B8C1C2C3C4C5C6C7CX")
	note(err)
	_, err = NewKey(k.Reveal()[:15])
	note(err)
	_, err = MasterKeyA(k, canaryPAN+"123456789", "00")
	note(err)
	_, err = MasterKeyA(k, canaryPAN, "CANARY")
	note(err)
	_, err = PINBlock2("983475610123456")
	note(err)
	_, err = PINBlockVisa(k, "1234", "98347561x")
	note(err)
	_, err = OpenPINBlock2(unhex(t, "2998347561012345"))
	note(err)
	_, err = Parse(unhex(t, "5A09"+canaryPAN))
	note(err)
	_, err = Parse(unhex(t, "700A5A0A"+canaryPAN))
	note(err)
	_, err = StaticData([]Record{{1, unhex(t, canaryPAN)}}, unhex(t, "8283"), nil)
	note(err)
	issuer := testIssuer(t)
	_, err = issuer.RSA.CertifyICC(issuer.RSA.Public(), canaryPAN+"123456", card.Expiry{Year: 2049, Month: 12}, [3]byte{}, nil)
	note(err)
	ca := issuer.Authority.CAPK()
	_, err = ca.Recover(issuer.Certificate, canaryPAN)
	note(err)
	_, err = ConcealVisa.Decipher(k, make([]byte, 8))
	note(err)
	for i, err := range errs {
		if err == nil {
			t.Errorf("case %d: no error", i)
			continue
		}
		watch(t, "error", fmt.Sprintf("%v %+v", err, errors.Unwrap(err)))
	}
}

// What --unsafe may show is the number and the tracks of a public test card, not a PIN.
func TestRevealTest(t *testing.T) {
	for _, c := range []struct {
		o          TLV
		text, test string
	}{
		{New(TagPAN, unhex(t, "6210947000000021")), "621094******0021", "6210947000000021"},
		{New(TagPAN, unhex(t, "6222027391840015")), "622202******0015", "622202******0015"},
		{New(TagPAN, unhex(t, "374245455400001F")), "374245*****0001", "374245455400001F"},
		{New(TagTrack2Equivalent, unhex(t, "6210947000000021D2912101F0")), "621094******0021**********", "6210947000000021D2912101F0"},
		{New(TagTrack2Equivalent, unhex(t, "6210947000000021")), "********", "********"},
		{New(TagPINData, unhex(t, "241234FFFFFFFFFF")), "********", "********"},
		{New(TagAmountAuthorised, unhex(t, "000000001234")), "000000001234", "000000001234"},
	} {
		if c.o.Text() != c.text || c.o.RevealTest() != c.test {
			t.Errorf("%s: %s, %s", c.o.Tag, c.o.Text(), c.o.RevealTest())
		}
	}
}

func TestJSON(t *testing.T) {
	l := List{New(TagAmountAuthorised, unhex(t, "000000001234")), Template(TagRecordTemplate, New(TagPAN, unhex(t, canaryPAN)))}
	b, err := json.Marshal(map[string]List{"55": l})
	if err != nil || string(b) != `{"55":{"9F02":"000000001234","70":{"5A":"622202******0015"}}}` {
		t.Error(string(b), err)
	}
	if b, _ := json.Marshal(List(nil)); string(b) != "{}" {
		t.Error(string(b))
	}
}

// untimed leaves the time out of a log: its digits could pass for a secret's.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
