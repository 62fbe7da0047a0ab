package host

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/reader/emv"
)

// TestChipKeepsSecrets is the canary of a day of chips: no key, PIN or field 55 is in
// the log or a note; the book knows what it answered, and neither key nor PIN.
func TestChipKeepsSecrets(t *testing.T) {
	w := newWorld(t)
	w.h.BlockLost, w.owing = true, true
	var notes strings.Builder
	var sent [][]byte
	for line := range strings.Lines(`card A keys=yes balance=20.00
		script A pin
		sale A 10.00 atc=1 as=s -> 00 scripts=1
		result A of=s done -> 00
		sale A 10.00 atc=1 -> 05
		sale A 10.00 atc=2 flip=95 -> 05
		sale A 10.00 atc=2 lie=5A:6222020000000020FFFF -> 05
		sale A 10.00 atc=2 lie=57:6222020000000020D2912101 -> 05
		sale A 10.00 atc=2 ac=TC -> 05
		offline A 30.00 atc=3 -> 00
		sale A 10.00 atc=4 drop=9F37 -> 30
		status A lost
		sale A 10.00 atc=5 -> 41 scripts=1`) {
		w.run(line)
		fmt.Fprintf(&notes, "%s %s\n", w.first.Note, w.first.Rule)
		sent = append(sent, w.last.Chip, w.first.Answer.Chip)
	}
	upload := w.last
	upload.MTI, upload.ProcessingCode, upload.Private60 = wire.MTIBatch, "", "00"+w.batch+"203"
	notes.WriteString(w.h.Decide(t.Context(), Request{Message: upload}).Note)
	said := strings.ToUpper(w.log.String() + notes.String() + fmt.Sprintf("%v %+v", w.h.Scripts(pan("A")), w.h.Scripts(pan("A"))))
	kept := ""
	for p := range w.h.Book.Postings(t.Context(), 0) {
		kept += strings.ToUpper(string(p.AppendJSON(nil)))
	}
	everywhere := []string{pan("A").Reveal(), pan("B").Reveal(), "918275"}
	keys := chipKeys("yes")
	card, err := emv.PBOCCVN01.CardKeys(keys, pan("A"), "01")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []emv.Key{keys.AC, keys.MAC, keys.ENC, card.AC, card.MAC, card.ENC} {
		everywhere = append(everywhere, hex.EncodeToString(k.Reveal()), strings.Trim(fmt.Sprint(k.Reveal()), "[]"))
	}
	for _, secret := range everywhere {
		if strings.Contains(said+kept, strings.ToUpper(secret)) {
			t.Errorf("%q is somewhere in:\n%s\n%s", secret, said, kept)
		}
	}
	for _, f55 := range sent {
		l, _ := emv.Parse(f55)
		for _, tag := range []emv.Tag{emv.TagCryptogram, emv.TagIssuerAuthenticationData, emv.TagIAD} {
			if v := hexOf(l, tag); v != "" && strings.Contains(said, v) {
				t.Errorf("%s of field 55 is in the log:\n%s", tag, said)
			}
		}
		for _, o := range templates(Decision{Answer: wire.Message{Chip: f55}}) {
			if v := hexOf(o.List, emv.TagScriptCommand); strings.Contains(said, v) {
				t.Errorf("a script is in the log:\n%s", said)
			}
		}
	}
	if !strings.Contains(said, "CRYPTOGRAM") || !strings.Contains(kept, "PROOF") {
		t.Error("log and book tell nothing at all of chips")
	}
}
