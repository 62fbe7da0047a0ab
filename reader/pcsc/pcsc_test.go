package pcsc

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestPick(t *testing.T) {
	all := []Slot{{Name: "ACME CCID 00 00"}, {Name: "ACME CCID 01 00"}, {Name: "ACR122U PICC 00 00"}}
	for text, want := range map[string]string{
		"": "ACME CCID 00 00", "ACME CCID 01 00": "ACME CCID 01 00", "picc": "ACR122U PICC 00 00",
		"ccid": `!several readers: say which of "ACME CCID 00 00", "ACME CCID 01 00"`, "omni": `!no reader of the name "omni"; there is "ACME CCID 00 00"`,
	} {
		got, others, err := pick(all, text)
		problem, wrong := strings.CutPrefix(want, "!")
		if wrong != (err != nil) || wrong && !strings.Contains(err.Error(), problem) || !wrong && got.Name != want || others != (text == "") {
			t.Errorf("%q: got %q, %v, %v; want %q", text, got.Name, others, err, want)
		}
	}
}

func TestCardType(t *testing.T) {
	for atr, want := range map[string]string{
		"3B8F8001804F0CA000000306030001000000006A": "MIFARE Classic 1K (ISO/IEC 14443 A part 3)",
		"3B8F8001804F0CA0000003060300030000000068": "MIFARE Ultralight (ISO/IEC 14443 A part 3)",
		"3B8F8001804F0CA00000030603FF280000000000": "storage card FF28 (ISO/IEC 14443 A part 3)",
		"3B8180018080":       "processor card (ISO/IEC 14443-4)",
		"3B80800101":         "processor card (ISO/IEC 14443-4)",
		"3B6500002063CBB800": "",
		"3BE000008131FE45EB": "",
		"3B8F8001804F":       "",
		"":                   "",
	} {
		b, err := hex.DecodeString(atr)
		if err != nil {
			t.Fatal(err)
		}
		if got := CardType(b); got != want {
			t.Errorf("%s: got %q, want %q", atr, got, want)
		}
	}
}

func TestTPDU(t *testing.T) {
	for apdu, want := range map[string]string{
		"00B2010C00": "00B2010C00", "00A404000E": "00A404000E", "80120000": "8012000000",
		"00A4040002A00000": "00A4040002A000", "00A4040002A000": "00A4040002A000", "80A8000002830000": "80A80000028300",
	} {
		b, _ := hex.DecodeString(apdu)
		if got := strings.ToUpper(hex.EncodeToString(tpdu(b))); got != want {
			t.Errorf("%s: got %s, want %s", apdu, got, want)
		}
	}
}
