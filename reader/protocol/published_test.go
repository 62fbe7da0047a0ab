package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// single holds what of testdata/published.json is no message of one direction, or of no
// Parser here: what each is held to.
var single = map[string]func(t *testing.T, raw []byte){
	"UIC MSR110 P0: ready to read / ack": func(t *testing.T, raw []byte) {
		if got := new(UICDevice).Receive(0, raw[:1]); !bytes.Equal(got, raw[1:]) {
			t.Errorf("answered % x", got)
		}
	},
	"MAKStripe: session: query/version, read": func(t *testing.T, raw []byte) {
		d := new(MAKStripeDevice)
		name := d.Receive(0, raw[:1])
		ready := d.Receive(0, raw[1+len(name):][:2])
		if got := string(raw[:1]) + string(name) + "R\x07" + string(ready); got != string(raw) || d.Wants() != WantCard {
			t.Errorf("%q", got)
		}
	},
	"Verifone PIN pad: display packet": func(t *testing.T, raw []byte) {
		end := len(raw) - 1
		if raw[0] != stx || raw[end-1] != etx || lrc(raw[1:end]) != raw[end] {
			t.Errorf("LRC %02x", lrc(raw[1:end]))
		}
	},
	"ABECS pinpad: OPN, zero-length (LRC-free CRC frame)": func(t *testing.T, raw []byte) {
		if sent := abecsPacket([]byte("OPN000")); !bytes.Equal(sent, raw) {
			t.Errorf("sent as % x", sent)
		}
		if got := new(ABECSDevice).Receive(0, raw); !bytes.HasPrefix(got, []byte{0x06}) || !bytes.Contains(got, []byte("OPN000")) {
			t.Errorf("answered %q", got)
		}
	},
	"GemPC Twin serial: NAK frame":               gemPCBothWays,
	"GemPC Twin serial: card inserted / removed": gemPCBothWays,
}

// gemPCBothWays: the emulated reader says it, to a garbled frame or of a card that comes
// and goes, and the client takes it for whole messages.
func gemPCBothWays(t *testing.T, raw []byte) {
	d := new(GemPCDevice)
	garbled := gemFrame(ccidMessage(ccidSlotStatus, 1, [3]byte{}, nil))
	garbled[len(garbled)-1]++
	said := append(d.Receive(0, garbled), append(d.Insert(), d.Remove()...)...)
	if !bytes.Contains(said, raw) {
		t.Errorf("the reader says % x", said)
	}
	g := newGemPC().(*gempc)
	if g.Feed(raw); g.Pending() != PendingNone {
		t.Error("the client makes no message of it")
	}
}

// TestPublishedVectors: each message of testdata/published.json, which is what could be
// found printed of these readers, is one of testdata/ascii.json or devices.json, which
// say what it means or what answers it, or is held to something in single.
func TestPublishedVectors(t *testing.T) {
	load := func(name string, into any) {
		text, err := os.ReadFile("testdata/" + name)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var published, known []struct{ Device, What, Hex, Answer string }
	covered := map[string]bool{}
	for _, name := range []string{"ascii.json", "devices.json"} {
		known = nil
		load(name, &known)
		for _, v := range known {
			covered[strings.ReplaceAll(v.Hex, " ", "")] = true
			covered[strings.ReplaceAll(v.Answer, " ", "")] = true
		}
	}
	load("published.json", &published)
	if len(published) < 30 {
		t.Fatalf("%d messages", len(published))
	}
	for _, v := range published {
		name := v.Device + ": " + v.What
		t.Run(name, func(t *testing.T) {
			raw, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			switch held, ok := single[name]; {
			case ok:
				held(t, raw)
			case !covered[v.Hex]:
				t.Error("nothing says what it means")
			}
		})
	}
}
