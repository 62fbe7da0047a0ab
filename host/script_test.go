package host

import (
	"strings"
	"testing"

	"possim/reader/emv"
)

func TestScripts(t *testing.T) {
	for name, text := range map[string]string{
		"sent until reported done": `
			card A keys=yes
			sale A 1.00 atc=1 -> 00 proved scripts=0
			script A block
			sale A 1.00 -> 00 unproved                      # no chip, no script
			sale A 1.00 atc=2 flip=9F26 -> 05 unproved
			sale A 1.00 atc=3 as=s -> 00 proved scripts=1
			again -> 00 proved scripts=1
			sale A 1.00 atc=4 as=t -> 00 proved scripts=1
			result A of=t done -> 00 note=successful
			again -> 00
			sale A 1.00 atc=5 -> 00 proved scripts=0
			result A of=s done stan=77 -> 00                # late: it was done
		`,
		"a repeat has its scripts whatever came since": `
			card A keys=yes
			script A block
			sale A 1.00 atc=3 as=s -> 00 scripts=1
			script A data
			again -> 00 scripts=1
			result A of=s done -> 00
			sale A 1.00 atc=3 stan=1 -> 00 proved scripts=1
		`,
		"given up after three": `
			card A keys=yes
			script A tries
			sale A 1.00 atc=1 -> 00 scripts=1
			sale A 1.00 atc=2 as=s -> 00 scripts=1
			result A of=s failed -> 00 note=failed_at_command_1
			sale A 1.00 atc=3 as=t -> 00 scripts=1
			sale A 1.00 atc=4 -> 00 scripts=0
			result A of=t done -> 00 note=successful        # done after all
		`,
		"declines carry them too": `
			card A keys=yes status=stolen
			script A block
			sale A 1.00 atc=1 -> 43 status proved scripts=1
			again -> 43 proved scripts=1
			card B keys=visa balance=0.00
			script B card
			sale B 1.00 atc=1 -> 51 proved scripts=1
		`,
		"as many as fit": `
			card A keys=yes
			script A block
			script A unblock
			script A data
			script A pin
			script A tries
			script A block
			sale A 1.00 atc=1 as=s -> 00 proved scripts=5
			result A of=s done -> 00
			sale A 1.00 atc=2 -> 00 proved scripts=1
		`,
		"results are told of by every name": `
			card A keys=yes
			script A block
			sale A 1.00 atc=1 as=s -> 00 scripts=1
			result A of=s failed by=nothing -> 00 note=not_known
			result A of=s done tid=2 stan=499 -> 00 note=not_known   # another terminal's
			result A of=s failed by=stan -> 00 note=failed
			result A of=s failed by=61 stan=500 -> 00 note=failed
			result A of=s hex=2012345678 stan=501 -> 00 note=was_not_sent_with_it
			result A of=s hex=201234 stan=502 -> 30
			result A of=s hex=none stan=503 -> 00
			sale A 1.00 atc=2 as=t -> 00 scripts=1
			result A of=t done tag=9F5B stan=504 -> 00 note=successful
			sale A 1.00 atc=3 -> 00 scripts=0
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestScriptsOpen: the card opens each command with its own keys, in the order in which
// it gets them, whatever way the scheme protects them.
func TestScriptsOpen(t *testing.T) {
	for _, keys := range []string{"yes", "visa"} {
		w := newWorld(t)
		w.run("card A keys=" + keys + "\nscript A pin\nscript A tries\nscript A data\nsale A 1.00 atc=9 as=s -> 00 scripts=3")
		c, _ := w.h.Registry.Card(pan("A"))
		s := tableScheme(c)
		card, err := s.CardKeys(c.Issuer, pan("A"), "01")
		if err != nil {
			t.Fatal(err)
		}
		sent, _ := emv.Parse(w.last.Chip)
		got := templates(w.first)
		if got[0].Tag != emv.TagScriptTemplate1 || got[1].Tag != emv.TagScriptTemplate2 {
			t.Errorf("%s: template 71 is not first", keys)
		}
		for i, want := range []byte{emv.InsPINChange, emv.InsPINChange, emv.InsPutData} {
			src := s.ScriptSource(sent, i)
			command, err := s.Open(card, src, got[i].List.Value(emv.TagScriptCommand))
			if err != nil || command.INS != want {
				t.Errorf("%s: command %d: %02X, %v", keys, i, command.INS, err)
			}
			if i == 1 {
				if pin, err := s.NewPIN(card, src, command, ""); err != nil || pin != "918275" {
					t.Errorf("%s: the card finds another PIN (%v)", keys, err)
				}
			}
		}
	}
}

func TestScriptStates(t *testing.T) {
	w := newWorld(t)
	w.run("card A keys=yes\nscript A block\nscript A tries\nsale A 1.00 atc=1 as=s -> 00 scripts=2\nresult A of=s failed -> 00")
	all := w.h.Scripts(pan("A"))
	if len(all) != 2 || all[0].State != ScriptWaiting || all[0].Sent != 1 || all[0].Result != "failed at command 1" || all[0].ID == all[1].ID {
		t.Errorf("got %+v", all)
	}
	w.run("sale A 1.00 atc=2 as=t -> 00 scripts=2\nresult A of=t done -> 00")
	if all := w.h.Scripts(pan("A")); all[0].State != ScriptDone || all[1].State != ScriptDone {
		t.Errorf("got %+v", all)
	}
	if kept := w.h.Scripts(pan("B")); len(kept) != 0 {
		t.Errorf("got %+v", kept)
	}
}

func TestScriptRefused(t *testing.T) {
	w := newWorld(t)
	w.run("card A keys=yes\ncard B")
	c, _ := w.h.Registry.Card(pan("A"))
	c.PAN, c.Issuer.ENC = pan("C"), emv.Key{}
	_ = w.h.Registry.PutCard(c)
	for name, s := range map[string]struct {
		card string
		Script
		want string
	}{
		"no such card":    {"Z", Script{Do: BlockCard}, "not registered"},
		"no keys":         {"B", Script{Do: BlockCard}, "no keys"},
		"no such act":     {"A", Script{Do: "sing"}, "sing"},
		"no PIN":          {"A", Script{Do: ChangePIN}, "no PIN"},
		"no PIN key":      {"C", Script{Do: ChangePIN, PIN: pinOf("1234")}, "encipher"},
		"no tag":          {"A", Script{Do: PutData, Value: []byte{1}}, "tag"},
		"too much":        {"A", Script{Do: PutData, Tag: emv.TagPBOCCumulativeLimit, Value: make([]byte, 65)}, "1 to 64"},
		"one of them bad": {"A", Script{Do: PutData}, "tag"},
	} {
		if _, err := w.h.Script(pan(s.card), Script{Do: BlockCard}, s.Script); err == nil || !strings.Contains(err.Error(), s.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if all := w.h.Scripts(pan("A")); len(all) != 0 {
		t.Errorf("queued all the same: %+v", all)
	}
}

// TestBlockLost: a lost card's chip blocks itself, where the host is told to.
func TestBlockLost(t *testing.T) {
	w := newWorld(t)
	w.h.BlockLost = true
	w.run(`
		card A keys=yes
		sale A 1.00 atc=1 -> 00 scripts=0
		status A lost
		sale A 1.00 atc=2 as=s -> 41 status proved scripts=1
		sale A 1.00 atc=3 as=t -> 41 status proved scripts=1
		result A of=t done -> 00
		sale A 1.00 atc=4 -> 41 status proved scripts=0`)
	if all := w.h.Scripts(pan("A")); len(all) != 1 || all[0].Do != BlockApplication || all[0].State != ScriptDone {
		t.Errorf("got %+v", all)
	}
	w.run(`
		script A unblock
		sale A 1.00 atc=5 -> 41 scripts=2 # unblocks and, lost as it is, blocks again`)
}
