package kernel

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"possim/host/money"
	"possim/reader/emv"
)

// emvptKey is key 92 of the test scheme that github.com/mrautio/emvpt made for itself.
const emvptKey = "BF08CA64EA24B2644772CA60DAE61A68DE449A1F43503A1025103BDE7487FF2D60E23AF37400BBB6A8075C79EB38D775ED5F251E15268128CA152DC5F33E017F14AE11FA2E07298F559387F4F47997DB09AEE867712E56545825C4B12A197C8ABE68E7E24A20B8717453733D0BF12F3CF8AA89CB9BD07A2468B6132410C1E62FD1DFEC2C5D7C35B5475C520783E01E549F4C44DECBC2A0587763851738E4CAF22EB0E8747DBF828C2207FECE8460030F"

// recorded is a card that answers what was recorded, in order. It takes commands with Le
// and without. In GENERATE AC the TVR, the date and the response code may differ: the
// terminal that was recorded does not look at expiry, and said Y3.
type recorded struct {
	t     *testing.T
	lines [][2]string
}

func (r *recorded) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	got := hexText(apdu)
	if strings.HasPrefix(got, "80CA") { // the terminal that was recorded asked for no counter
		return []byte{0x6A, 0x88}, nil
	}
	if len(r.lines) == 0 {
		r.t.Errorf("command %s after the last", got)
		return nil, errPulled
	}
	want := r.lines[0][0]
	if !sameCommand(got, want) {
		r.t.Errorf("command %s, recorded %s", got, want)
		return nil, errPulled
	}
	answer := unhex(r.lines[0][1])
	r.lines = r.lines[1:]
	return answer, nil
}

func sameCommand(got, want string) bool {
	if !strings.HasPrefix(got, "80AE") {
		return got == want || got == want+"00"
	}
	skip := 10
	if got[4:6] == "40" {
		skip = 14
	}
	// 9F02 9F03 9F1A | 95 | 5F2A | 9A | 9C 9F37
	at := skip + 28
	return len(got) == len(want)+2 && got[:10] == want[:10] && got[skip:at] == want[skip:at] &&
		got[at+10:at+14] == want[at+10:at+14] && got[at+20:at+30] == want[at+20:at+30]
}

func TestRecordedPurchase(t *testing.T) {
	b, err := os.ReadFile("testdata/emvpt_purchase.txt")
	if err != nil {
		t.Fatal(err)
	}
	card := &recorded{t: t}
	for _, line := range strings.Split(string(b), "\n") {
		if command, answer, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			card.lines = append(card.lines, [2]string{strings.ReplaceAll(strings.TrimSpace(command), " ", ""), strings.TrimSpace(answer)})
		}
	}
	k := newKernel()
	k.Type, k.Country, k.Capabilities[1] = 0x21, "246", 0x80
	k.Random = io.MultiReader(strings.NewReader("\x01\x23\x45\x67"), &endless{})
	aid := unhex("AFFFFFFFFF1234")
	k.Applications = []Application{{AID: aid, Version: unhex("0096"), FloorLimit: 100000}}
	k.CAPKs = emv.CAPKs{{RID: emv.RID(aid[:5]), Index: 0x92, PublicKey: emv.PublicKey{Modulus: unhex(emvptKey), Exponent: []byte{3}}}}
	r, err := k.Start(t.Context(), card, Transaction{Amount: money.Amount{Minor: 1, Currency: "978"}, Type: 0x21,
		At: time.Date(2018, 7, 24, 12, 0, 0, 0, time.UTC)})
	if err != nil || r.Decision != Online || r.TVR.String() != "0000000000" || r.TSI.String() != "E800" || hexText(r.CVM[:]) != "410302" {
		t.Fatalf("start: %s TVR %s TSI %s CVM %X: %v %v", r.Decision, r.TVR, r.TSI, r.CVM, r.Err, err)
	}
	if got := hexText(r.Tags.Value(emv.TagCryptogram)); got != "B0189101D11416C1" {
		t.Errorf("cryptogram %s", got)
	}
	r, err = k.Finish(t.Context(), HostAnswer{Code: "00", F55: emv.List{emv.New(emv.TagIssuerAuthenticationData, unhex("1234567812345678"))}})
	if err != nil || r.Decision != Approved || r.TSI.String() != "F800" || len(card.lines) != 0 {
		t.Errorf("finish: %s TSI %s, %d exchanges left: %v %v", r.Decision, r.TSI, len(card.lines), r.Err, err)
	}
}
