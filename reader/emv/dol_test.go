package emv

import (
	"bytes"
	"errors"
	"testing"
)

// The DOL, sources and results of emv-utils tests/emv_dol_test.c, tests 1 to 7.
const cdol = "9F02069F03069F1A0295055F2A029A039C019F3704"

func dolSources(t testing.TB) (List, List) {
	return List{New(TagTransactionType, []byte{0x09}), New(TagTransactionDate, unhex(t, "240217")),
			New(TagTransactionCurrency, unhex(t, "0978")), New(TagAmountAuthorised, unhex(t, "000123456789")),
			New(TagAmountOther, unhex(t, "000987654321"))},
		List{New(TagTerminalCountry, unhex(t, "0528")), New(TagUnpredictableNumber, unhex(t, "DEADBEEF")),
			New(TagTVR, unhex(t, "1234554321"))}
}

func TestDOL(t *testing.T) {
	d := must[DOL](t)(ParseDOL(unhex(t, cdol)))
	if got := d.String(); got != "9F02:6 9F03:6 9F1A:2 95:5 5F2A:2 9A:3 9C:1 9F37:4" {
		t.Error(got)
	}
	if d.Length() != 29 || !d.Has(TagTVR) || d.Has(TagTSI) || !bytes.Equal(d.Bytes(), unhex(t, cdol)) {
		t.Error("length, tags or bytes")
	}
	a, b := dolSources(t)
	same(t, "exact lengths", d.Build(a, b), "00012345678900098765432105281234554321097824021709DEADBEEF")
	odd := must[DOL](t)(ParseDOL(unhex(t, "9F0203 9F0307 9F1A02 9506 5F2A02 9A00 9C03 9F3703")))
	same(t, "odd lengths", odd.Build(a, b), "456789 00000987654321 0528 123455432100 0978 000009 DEADBE")
}

// EMV Book 3, 5.4, rule by rule.
func TestDOLRules(t *testing.T) {
	src := List{New(TagPAN, unhex(t, "6210947000000021")), New(TagTerminalCapabilities, unhex(t, "E0A0C8")),
		New(TagMerchantName, []byte("SHOP")), New(TagFCITemplate, []byte{1, 2}), New(TagTransactionCurrency, unhex(t, "0156"))}
	for what, c := range map[string]struct{ dol, want string }{
		"unknown tag":                {"DF7F03", "000000"},
		"absent object":              {"9F3704", "00000000"},
		"constructed object":         {"6F02", "0000"},
		"numeric too long":           {"5F2A01", "56"},
		"numeric too short":          {"5F2A03", "000156"},
		"binary too long":            {"9F3302", "E0A0"},
		"binary too short":           {"9F3304", "E0A0C800"},
		"text too long":              {"9F4E02", "5348"},
		"text too short":             {"9F4E06", "53484F500000"},
		"compressed number too long": {"5A02", "6210"},
		"compressed number short":    {"5A0A", "6210947000000021FFFF"},
		"compressed number absent":   {"9F2002", "0000"},
		"twice":                      {"5F2A02 5F2A02", "01560156"},
		"nothing":                    {"", ""},
	} {
		d := must[DOL](t)(ParseDOL(unhex(t, c.dol)))
		if got := d.Build(src); !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%s: %X, want %s", what, got, c.want)
		}
	}
}

func TestDOLRefuses(t *testing.T) {
	for in, at := range map[string]int{"9F02069F03069F1A0295": 10, "9F": 0, "9F02": 2, "9A039F": 2, "0005": 0, "FF": 0} {
		_, err := ParseDOL(unhex(t, in))
		var e *TLVError
		if !errors.As(err, &e) || e.Offset != at {
			t.Errorf("%s: %v, want an error at %d", in, err, at)
		}
	}
	if _, err := ParseTagList(unhex(t, "829F")); err == nil {
		t.Error("half a tag in a tag list")
	}
	if tags, err := ParseTagList(unhex(t, "829F36")); err != nil || len(tags) != 2 || tags[1] != TagATC {
		t.Error(tags, err)
	}
}

func TestDOLSplit(t *testing.T) {
	d := must[DOL](t)(ParseDOL(unhex(t, "9F02069A03")))
	l := must[List](t)(d.Split(unhex(t, "000000001234 240217")))
	if got := l.String(); got != "9F02 000000001234 9A 240217" {
		t.Error(got)
	}
	if _, err := d.Split(unhex(t, "000000001234")); err == nil {
		t.Error("too little data")
	}
}
