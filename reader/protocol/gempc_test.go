package protocol

import (
	"bytes"
	"reflect"
	"testing"
)

// LudovicRousseau/CCID, src/ccid_serial.c.
func TestGemPC(t *testing.T) {
	status := []byte{0x81, 0, 0, 0, 0, 0, 1, 2, 0, 0} // RDR_to_PC_SlotStatus: no card
	for _, c := range []struct {
		hex  string
		want []GemPCEvent
	}{
		{"\x03\x15\x16", []GemPCEvent{{Kind: GemPCNAK}}},
		{"\x50\x03\x50\x02", []GemPCEvent{{Kind: GemPCInserted}, {Kind: GemPCRemoved}}},
		{"\x03\x06" + string(status) + "\x87", []GemPCEvent{{Kind: GemPCMessage, Message: status}}},
	} {
		g := new(GemPC)
		got := g.Feed([]byte(c.hex))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("% x: %v", c.hex, got)
		}
		var back []byte
		for _, e := range got {
			back = e.Encode(back)
		}
		if string(back) != c.hex {
			t.Errorf("% x comes back as % x", c.hex, back)
		}
	}
}

// FuzzGemPC: the same whatever the cut, and a good frame after any bytes.
func FuzzGemPC(f *testing.F) {
	f.Add([]byte("\x03\x06\x81\x00\x00\x00\x00\x00\x01\x02\x00\x00\x87\x03\x15\x16\x50\x03\xff"), 4)
	f.Add([]byte("\x03\x06\x80\xff\x00\x00\x00\x00\x00\x00\x00\x00"), 4)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		cut = max(0, min(cut, len(in)))
		whole, pieces := new(GemPC), new(GemPC)
		got := append(whole.Feed(in), whole.Flush()...)
		if again := append(append(pieces.Feed(in[:cut]), pieces.Feed(in[cut:])...), pieces.Flush()...); !reflect.DeepEqual(got, again) {
			t.Fatalf("% x reads differently cut at %d", in, cut)
		}
		for _, e := range got {
			if back := new(GemPC).Feed(e.Encode(nil)); len(back) != 1 || back[0].Kind != e.Kind || !bytes.Equal(back[0].Message, e.Message) {
				t.Fatalf("%v comes back as %v", e, back)
			}
		}
		if got := whole.Feed([]byte("\x03\x15\x16")); len(got) != 1 || got[0].Kind != GemPCNAK {
			t.Fatalf("after % x a frame is lost: %v", in, got)
		}
	})
}
