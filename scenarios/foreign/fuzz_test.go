package foreign

import (
	"bytes"
	"os"
	"testing"

	"possim/host/wire"
)

// fuzz wants a reader to come to an end with whatever it is given, to give out only
// messages that decode, and to say something of what gave out none.
func fuzz(f *testing.F, format Format, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		im := Import{Format: format, Lenient: true}
		r, err := im.Read(bytes.NewReader(log), func(e Event) error {
			var m wire.Message
			if _, err := e.Dialect.Decode(e.Frame, &m); err != nil {
				t.Errorf("%s: %v", e.Place, err)
			}
			if e.Conn < 1 {
				t.Error("a connection without a number")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if r.Messages == 0 && r.Count == 0 {
			t.Error("no message and no word of why")
		}
	})
}

func FuzzQ2(f *testing.F) {
	log, err := os.ReadFile("testdata/q2.log")
	if err != nil {
		f.Fatal(err)
	}
	fuzz(f, JPOS, log, []byte(`<log at="2015"><send><isomsg><field id="0" value="0800"/><field id="70" value="301"/></isomsg></send></log>`))
}

func FuzzHex(f *testing.F) {
	q, a := pair(f, wire.UnionPay(), 1)
	fuzz(f, Dump, []byte(isosimLog(q, a)), []byte(tens(q)+tens(a)), []byte(history1(q, a)), []byte(grouped(q, 20, "\n")), []byte("10:15:00 > "+grouped(q, 1, " ")))
}

func FuzzPcap(f *testing.F) {
	q, a := pair(f, wire.UnionPay(), 1)
	w := &wired{t: f, link: 1, seq: [2]uint32{50, 60}}
	w.syn()
	w.send(0, framed(q))
	w.send(1, framed(a))
	ng := []byte{0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0,
		1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 20, 0, 0, 0}
	fuzz(f, PCAP, w.pcap(), ng)
}
