package host

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"possim/host/registry"
	"possim/host/wire"
)

func TestCryptogram(t *testing.T) {
	for name, text := range map[string]string{
		"right": `
			card A keys=yes
			sale A 10.00 atc=1 -> 00 proved A=999990.00
			again -> 00 proved
			balance A atc=2 -> 00 proved
			preauth A 5.00 atc=3 -> 00 proved
			preauth A 5.00 atc=4 lie=9C:00 -> 00 proved   # to the card it is a purchase
			sale A 10.00 atc=5 entry=071 -> 00 proved
			sale A 10.00 atc=6 entry=982 -> 00 proved
		`,
		"by method 2": `
			card A keys=visa balance=10.00
			sale A 10.00 atc=1 -> 00 proved
			again -> 00 proved
			sale A 10.00 atc=2 -> 51 balance proved
		`,
		"declined all the same": `
			card A keys=yes balance=10.00 per=8.00 expiry=2912
			sale A 9.00 atc=1 -> 61 per-transaction proved
			sale A 8.00 atc=2 -> 00 proved
			sale A 8.00 atc=3 -> 51 balance proved
			again -> 51 balance proved
			sale A 8.00 atc=4 exp=2801 -> 54 expiry proved
			status A lost
			sale A 1.00 atc=5 -> 41 status proved scripts=0
			again -> 41 status proved
			status A frozen
			sale A 1.00 atc=5 -> 62 status unproved           # seen before
			sale A 1.00 atc=6 flip=95 -> 62 status unproved   # not right
		`,
		"wrong": `
			card A keys=yes
			card B keys=no
			sale A 10.00 atc=1 flip=9F26 -> 05 cryptogram unproved A=1000000.00
			again -> 05 cryptogram unproved
			sale A 10.00 atc=1 flip=9F37 -> 05 cryptogram unproved
			sale A 10.00 atc=1 flip=95 -> 05 cryptogram
			sale A 10.00 atc=1 flip=9F36 -> 05 cryptogram
			sale A 10.00 atc=1 flip=9F03 -> 05 cryptogram
			sale A 10.00 atc=1 flip=9F10 -> 00 proved          # its last byte is not under the cryptogram
			sale A 10.00 atc=2 f23=002 -> 05 cryptogram
			sale A 10.00 atc=2 lie=5F34:02 -> 05 cryptogram
			sale A 10.00 atc=2 lie=9F10:0701FF03A0000001 -> 05 cryptogram note=no_scheme_known
			sale A 10.00 atc=2 -> 00 proved
			sale B 10.00 atc=1 -> 00 proved
		`,
		"of another transaction": `
			card A keys=yes
			sale A 10.00 atc=1 lie=9F02:000000000001 -> 05 cryptogram note=9F02
			sale A 10.00 atc=1 lie=5F2A:0840 -> 05 cryptogram note=5F2A
			sale A 10.00 atc=1 lie=9C:20 -> 05 cryptogram note=9C
			sale A 10.00 atc=1 f13=0602 -> 05 cryptogram note=9A
			sale A 10.00 atc=1 lie=5A:6222020000000020FFFF -> 05 cryptogram note=5A
			sale A 10.00 atc=1 lie=57:6222020000000020D2912101 -> 05 cryptogram note=57
			sale A 10.00 atc=1 ac=TC -> 05 cryptogram note=TC
			sale A 10.00 atc=1 ac=AAC -> 05 cryptogram note=AAC
			sale A 10.00 atc=1 ac=TC lie=9F27:80 -> 05 cryptogram note=9F10    # the CID is not under the cryptogram
			sale A 10.00 atc=1 f13=0601 lie=5A:6222020000000010FFFF -> 00 proved
			sale A 10.00 atc=2 lie=57:6222020000000010D2912101000F -> 00 proved
		`,
		"not there": `
			card A keys=yes
			sale A 10.00 entry=052 -> 30 cryptogram A=1000000.00
			again -> 30 cryptogram
			sale A 10.00 entry=072 -> 30 cryptogram
			sale A 10.00 atc=1 drop=9F26 -> 30 cryptogram
			sale A 10.00 atc=1 drop=9F36 -> 30 cryptogram
			sale A 10.00 atc=1 drop=9F37 -> 30 cryptogram
			sale A 10.00 atc=1 drop=9F03 -> 00 proved          # stands for zero
			sale A 10.00 atc=2 drop=9F27 -> 00 proved
			sale A 10.00 atc=3 drop=84 -> 00 proved            # the layout of 9F10 says whose it is
			sale A 10.00 entry=022 f604=200 -> 00              # a stripe has none
			sale A 10.00 entry=912 -> 00                       # nor what a chip tells of one
			sale A 10.00 atc=4 entry=022 f604=200 flip=95 -> 05 cryptogram  # but what is there is looked at
			card B
			sale B 10.00 entry=052 -> 00                       # an entry without keys: not verified
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestATC(t *testing.T) {
	for name, text := range map[string]string{
		"a replay is refused": `
			card A keys=yes
			sale A 10.00 atc=7 as=s -> 00 proved
			sale A 10.00 atc=7 -> 05 atc unproved A=999990.00
			again -> 05 atc unproved
			sale A 10.00 atc=6 -> 05 atc
			sale A 10.00 atc=7 tid=2 -> 05 atc
			sale A 10.00 atc=300 -> 00 proved
			sale A 10.00 atc=299 -> 05 atc A=999980.00
		`,
		"a limit that refused has seen it": `
			card A keys=yes balance=10.00
			sale A 20.00 atc=7 -> 51 balance proved
			sale A 5.00 atc=7 -> 05 atc
			again -> 05 atc
			sale A 5.00 atc=8 -> 00 proved
		`,
		"so has a status, and a wrong PIN": `
			signon -> 00
			card A keys=yes pin=1234 status=frozen
			sale A 5.00 atc=7 -> 62 status proved
			status A active
			sale A 5.00 atc=7 -> 05 atc
			sale A 5.00 atc=8 pin=4321 -> 55 pin proved F44=PIN_tries_left_2
			sale A 5.00 atc=8 pin=4321 -> 05 atc F44=         # and is no try
			sale A 5.00 atc=9 pin=1234 -> 00 proved
		`,
		"what is wrong has not": `
			card A keys=yes
			sale A 5.00 atc=9000 flip=9F26 -> 05 cryptogram
			sale A 5.00 atc=1 -> 00 proved
		`,
		"a reversal does not make it good again": `
			card A keys=yes
			sale A 5.00 atc=7 as=s -> 00
			rev A 5.00 of=s -> 00 A=1000000.00
			sale A 5.00 atc=7 -> 05 atc A=1000000.00
			sale A 5.00 atc=8 -> 00
		`,
		"a reversal that came first": `
			card A keys=yes
			rev A 5.00 stan=50 -> 25
			sale A 5.00 atc=7 stan=50 -> 94 tombstone
			sale A 5.00 atc=7 stan=51 -> 05 atc
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestATCUnderLoad: one cryptogram at many terminals at once pays once.
func TestATCUnderLoad(t *testing.T) {
	w := newWorld(t)
	w.run("card A keys=yes")
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[wire.Code]int{}
	for i := range 30 {
		m, err := w.message("sale", []string{"A", "1.00", "atc=5", "tid=" + fmt.Sprint(i+1)})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			d := w.h.Decide(context.Background(), Request{Message: m})
			mu.Lock()
			defer mu.Unlock()
			if codes[d.Answer.Code]++; (len(d.Answer.Chip) > 0) != (d.Answer.Code == "00") {
				t.Errorf("code %s with field 55 %X", d.Answer.Code, d.Answer.Chip)
			}
		})
	}
	wg.Wait()
	if codes["00"] != 1 || codes["05"] != 29 || w.register("A") != "999999.00" {
		t.Errorf("got %v and a balance of %s", codes, w.register("A"))
	}
}

func TestFallback(t *testing.T) {
	w := newWorld(t)
	w.run(`
		card A
		sale A 1.00 entry=801 -> 45 fallback A=1000000.00
		sale A 1.00 entry=802 -> 45 fallback
		sale A 1.00 entry=022 f604=620 -> 45 fallback
		preauth A 1.00 entry=802 -> 45 fallback
		sale A 1.00 entry=022 f604=610 -> 00
		sale A 1.00 entry=052 f604=620 -> 00      # the one before failed, and this is a chip
		sale A 1.00 track=2912 entry=022 -> 00
		card C keys=yes
		sale C 1.00 entry=022 f604=200 -> 00              # a stripe-only terminal
		sale C 1.00 entry=022 f604=500 -> 45 fallback note=does_not_say
		sale C 1.00 entry=022 f604=610 -> 45 fallback note=does_not_say`)
	w.h.Fallback = true
	w.run(`
		sale A 1.00 entry=802 -> 00
		sale A 1.00 entry=022 f604=620 -> 00
		sale C 1.00 entry=022 f604=620 -> 00
		sale C 1.00 entry=022 f604=600 -> 45 fallback note=does_not_say`)
}

func TestOfflineSale(t *testing.T) {
	w := newWorld(t)
	w.owing = true
	w.run(`
		card A keys=yes balance=10.00 per=5.00 day=5.00 count=1
		offline A 8.00 atc=3 as=o -> 00 A=2.00 M=8.00 A.day=8.00 debit=8.00/1 F38=000002 unproved note=right
		again -> 00 A=2.00
		offline A 8.00 atc=4 -> 00 A=-6.00 M=16.00 note=owes_6.00
		offline A 8.00 atc=2 -> 00 A=-14.00               # they come as they come
		offline A 8.00 atc=3 -> 05 atc A=-14.00           # but each once
		offline A 8.00 atc=9 flip=9F26 -> 05 cryptogram A=-14.00
		offline A 8.00 atc=9 ac=ARQC -> 05 cryptogram
		offline A 8.00 atc=9 ac=AAC -> 05 cryptogram
		offline A 8.00 atc=9 lie=9F02:000000000799 -> 05 cryptogram
		offline A 8.00 -> 30 cryptogram
		rev A 8.00 of=o -> 12                             # never reversed
		void A 8.00 of=o -> 00 A=-6.00
		sale A 1.00 atc=4 -> 05 atc                       # what paid offline asks nobody
		card B
		offline B 8.00 atc=1 -> 00 note=not_verified
		offline B 8.00 -> 30 cryptogram
		card C keys=yes status=lost
		offline C 8.00 atc=1 -> 00 C=999992.00            # the merchant has the chip's word
		offline A 8.00 atc=20 as=p -> 00 A=-14.00
		refund A 3.00 of=p -> 00 A=-11.00
		refund A 6.00 of=p -> 64`)
}

// TestOfflineAfterNoAnswer: the answer to an online sale is lost, the terminal reverses,
// the card approves by itself with the same counter, and pays once.
func TestOfflineAfterNoAnswer(t *testing.T) {
	table(t, `
		card A keys=yes
		sale A 8.00 atc=3 as=s -> 00 A=999992.00
		offline A 8.00 atc=3 stan=70 -> 05 atc            # still paid with
		rev A 8.00 of=s -> 00 A=1000000.00
		offline A 8.00 atc=3 stan=71 -> 00 A=999992.00
		offline A 8.00 atc=3 stan=72 -> 05 atc A=999992.00`)
}

// TestPaidWith: a counter that paid online pays offline no second time, whatever
// followed the sale.
func TestPaidWith(t *testing.T) {
	table(t, `
		card A keys=yes
		sale A 8.00 atc=3 as=s -> 00
		offline A 8.00 atc=3 -> 05 atc
		void A 8.00 of=s as=v -> 00 A=1000000.00
		offline A 8.00 atc=3 -> 05 atc
		rev A 8.00 of=v -> 00 A=999992.00
		offline A 8.00 atc=3 -> 05 atc
		preauth A 5.00 atc=4 as=p -> 00
		offline A 5.00 atc=4 -> 05 atc
		complete A 5.00 of=p as=c -> 00 A=999987.00
		offline A 5.00 atc=4 -> 05 atc
		cvoid A 5.00 of=c -> 00
		offline A 5.00 atc=4 -> 05 atc
		preauth A 5.00 atc=5 as=q -> 00
		cancel A 5.00 of=q -> 00
		offline A 5.00 atc=5 -> 05 atc
		offline A 5.00 atc=6 as=o -> 00
		void A 5.00 of=o -> 00
		offline A 5.00 atc=6 -> 05 atc`)
}

// TestChipUpload: what the batch upload tells of a chip is verified and moves nothing.
func TestChipUpload(t *testing.T) {
	w := newWorld(t)
	w.run("card A keys=yes\nsale A 8.00 atc=3 -> 00")
	for name, c := range map[string]struct {
		words []string
		code  wire.Code
		note  string
	}{
		"a TC":         {[]string{"A", "8.00", "atc=3", "ac=TC"}, "00", "its TC is right"},
		"an AAC":       {[]string{"A", "8.00", "atc=3", "ac=AAC"}, "00", "its AAC is right"},
		"wrong":        {[]string{"A", "8.00", "atc=3", "ac=TC", "flip=95"}, "00", "not what the card's key makes"},
		"other amount": {[]string{"A", "8.00", "atc=3", "ac=TC", "lie=9F02:000000000001"}, "00", "9F02"},
		"no keys":      {[]string{"B", "8.00", "atc=3", "ac=TC"}, "00", "no keys of its card"},
		"nothing":      {[]string{"A", "8.00", "atc=3", "drop=9F26"}, "00", "no cryptogram"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := w.h.Registry.Card(pan("B")); !ok {
				w.run("card B")
			}
			m, err := w.message("sale", c.words)
			if err != nil {
				t.Fatal(err)
			}
			u := wire.Message{MTI: wire.MTIBatch, STAN: m.STAN, TID: m.TID, MID: m.MID, PAN: m.PAN, Amount: m.Amount,
				EntryMode: m.EntryMode, CardSequence: m.CardSequence, Chip: m.Chip, Private60: "00" + w.batch + "203"}
			d := w.h.Decide(context.Background(), Request{Message: u})
			if d.Answer.Code != c.code || !strings.Contains(d.Note, c.note) || w.register("A") != "999992.00" {
				t.Errorf("got %s, %q, A=%s", d.Answer.Code, d.Note, w.register("A"))
			}
		})
	}
	broken := wire.Message{MTI: wire.MTIBatch, TID: "00000001", MID: registry.DefaultMID, Chip: []byte{0x9F}, Private60: "00" + w.batch + "203"}
	if d := w.h.Decide(context.Background(), Request{Message: broken}); d.Answer.Code != "30" {
		t.Errorf("got %s", d.Answer.Code)
	}
}
