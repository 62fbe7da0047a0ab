package draft_test

import (
	"fmt"
	"os"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/draft"
	"possim/scenarios/journal"
)

// A sale that was recorded between somebody's terminal and somebody's host.
func Example() {
	d := wire.ISO87ASCII()
	request, err := d.Encode(nil, &wire.Message{MTI: "0200", PAN: "6222020000000023", ProcessingCode: "000000", Amount: 8800, STAN: "000001",
		Expiry: "2912", EntryMode: "022", Condition: "00", Track2: "6222020000000023=29121010000000000", TID: "00000001"}, nil)
	if err != nil {
		fmt.Println(err)
	}
	answer, err := d.Encode(nil, &wire.Message{MTI: "0210", ProcessingCode: "000000", Amount: 8800, STAN: "000001", Code: "62", TID: "00000001"}, nil)
	log, err2 := journal.NewReader(strings.NewReader(fmt.Sprintf(`{"format":"possim-journal","version":2,"dialect":"iso87ascii","framing":"none","redaction":"surrogate","seed":0,"tool":"x"}
{"t":0,"conn":1,"dir":">","mti":"0200","hex":"%X"}
{"t":0.1,"conn":1,"dir":"<","mti":"0210","hex":"%X"}
`, request, answer)))
	made := draft.New(func(card.PAN) (string, bool) { return "", false })
	fmt.Println(err, err2, made.Read(log, d), len(made.Left))
	if _, err := made.WriteTo(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <nil> <nil> <nil> 0
	// possim: 1
	// cards:
	//   card1: {pan: "6222020000000023", expiry: "2912", account: {status: frozen}}
	// scenarios:
	//   - name: "recorded"
	//     terminal: {tid: "00000001"}
	//     steps:
	//       - sale: 88.00
	//       - swipe: card1
	//         expect: {rc: "62", messages: [{mti: "0200", f: {3: "000000", 4: "000000008800"}}, {mti: "0210", f: {3: "000000", 4: "000000008800", 39: "62"}}]}
}
