package host_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"possim/host"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/emv"
)

// A chip asks its issuer, who says yes, proves it, and has the card block itself. The
// same cryptogram again, under another number, is refused.
func ExampleHost_Script() {
	ctx := context.Background()
	var issuer emv.Keys
	issuer.AC, _ = emv.ParseKey("0123456789ABCDEFFEDCBA9876543210")
	issuer.MAC, _ = emv.ParseKey("FEDCBA98765432100123456789ABCDEF")
	cards := registry.New()
	_ = cards.PutCard(registry.Card{PAN: "6210947000000021", Checks: registry.Checks{Issuer: issuer}})
	h := &host.Host{
		Now:      func() time.Time { return time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC) },
		Registry: cards, Book: ledger.NewMemory(), TokenKey: []byte("a key of 16 bytes"),
	}
	if _, err := h.Script("6210947000000021", host.Script{Do: host.BlockApplication}); err != nil {
		fmt.Println(err)
	}

	// What card and terminal make of a sale of 12.34.
	f55, _ := hex.DecodeString("9F0206000000001234" + "9F1A020156" + "95050000000000" + "5F2A020156" + "9A03260601" + "9C0100" +
		"9F3704DEADBEEF" + "82027D00" + "9F36020007" + "9F100807010103A0000001" + "5F340101")
	l, _ := emv.Parse(f55)
	card, _ := emv.PBOCCVN01.CardKeys(issuer, "6210947000000021", "01")
	arqc, err := emv.PBOCCVN01.Cryptogram(card, l)
	if err != nil {
		fmt.Println(err)
	}
	l.Add(emv.TagCryptogram, arqc)

	for _, stan := range []string{"000001", "000002"} {
		d := h.Decide(ctx, host.Request{Message: wire.Message{
			MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", Amount: 12_34, STAN: stan, EntryMode: "052", CardSequence: "001",
			PAN: "6210947000000021", TID: "00000001", MID: registry.DefaultMID, Chip: l.Bytes(),
		}})
		answer, _ := emv.Parse(d.Answer.Chip)
		fmt.Println(stan, d.Answer.Code, d.Rule, answer.Has(emv.TagIssuerAuthenticationData), answer.Has(emv.TagScriptTemplate2))
	}
	s := h.Scripts("6210947000000021")[0]
	fmt.Println(s.Do, s.State, s.Sent)
	// Output:
	// 000001 00  true true
	// 000002 05 atc false false
	// block application waiting 1
}
