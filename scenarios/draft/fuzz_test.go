package draft

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios"
	"possim/scenarios/journal"
)

// FuzzDraft wants whatever comes of a session to be a scenario file.
func FuzzDraft(f *testing.F) {
	d := wire.ISO87ASCII()
	for _, m := range []wire.Message{
		{MTI: "0200", PAN: "6222020000000015", ProcessingCode: "000000", Amount: 100, STAN: "000001", EntryMode: "022", Condition: "00", TID: "00000001"},
		{MTI: "0400", PAN: "6222020000000015", ProcessingCode: "000000", Amount: 100, STAN: "000001", EntryMode: "052", Condition: "00", TID: "a\"b: {c}"},
		{MTI: "0220", PAN: "6222020000000015", ProcessingCode: "200000", Amount: 100, STAN: "000002", EntryMode: "071", Condition: "00", RRN: "615200000001"},
	} {
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame, `a "name": {x}`)
	}
	f.Fuzz(func(t *testing.T, frame []byte, name string) {
		log := fmt.Sprintf("{\"format\":\"possim-journal\",\"version\":2,\"dialect\":\"iso87ascii\"}\n{\"scenario\":%q,\"file\":\"f\",\"line\":1,\"seed\":1,\"start\":\"2026-06-01T09:00:00Z\"}\n{\"t\":0,\"conn\":1,\"dir\":\">\",\"mti\":\"\",\"hex\":\"%s\"}\n",
			strings.Map(plain, name), hex.EncodeToString(frame))
		r, err := journal.NewReader(strings.NewReader(log))
		if err != nil {
			t.Fatal(err)
		}
		made := New(func(card.PAN) (string, bool) { return "", false })
		if err := made.Read(r, d); err != nil || made.Scenarios() == 0 {
			return
		}
		var out bytes.Buffer
		if _, err := made.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := scenarios.Parse("f.yaml", out.Bytes(), nil); err != nil {
			t.Errorf("%v in\n%s", err, out.String())
		}
	})
}

func plain(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
