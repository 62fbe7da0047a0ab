package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"possim/host/wire"
)

// A purchase on its way to the host and back: encode, decode, answer, match.
func Example() {
	d := wire.UnionPay()
	tx, _ := d.Transaction(wire.Purchase)
	req := wire.Message{
		TPDU: []byte{0x60, 0x06, 0x01, 0x00, 0x00}, Amount: 1234, STAN: "000001", EntryMode: "022",
		Track2: "6210947000000021=29121010000000010", TID: "00000001", MID: "898100054110001", Currency: "156",
	}
	tx.Start(&req)
	frame, err := d.Encode(nil, &req, nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	var came wire.Message // at the host
	if _, err := d.Decode(frame, &came); err != nil {
		fmt.Println(err)
		return
	}
	kind, _ := wire.KindOf(&came)
	ans := came.Answer()
	ans.Code, ans.RRN = wire.Approved, "000000000123"

	fmt.Println(kind, came)
	fmt.Println(ans.Code, ans)
	fmt.Println(wire.Matches(&req, &ans))
	// Output:
	// purchase 0200 STAN 000001, fields 3 4 11 22 25 35 41 42 49 60
	// 00 0210 STAN 000001, fields 3 4 11 25 37 39 41 42 49 60
	// <nil>
}

// What possim decode shows of a message that breaks off inside the track.
func ExampleDialect_Inspect() {
	frame, _ := hex.DecodeString("02006000000020000000166210947000000021000000336210")
	p := wire.ISO87BCD().Inspect(frame, nil)
	fmt.Print(p)
	asJSON, _ := json.Marshal(p)
	fmt.Println(string(asJSON))
	// Output:
	//         dialect                                                   iso87bcd
	//         length                                                    25
	//         message type                                              0200 purchase
	//         bitmap                                                    6000000020000000
	//      2  primary account number 主账号                             621094******0021
	//      3  processing code 交易处理码                                000000
	// malformed: offset 22, field 35 (track 2 data): the frame ends before the field does: it wants 17 bytes and 2 are left
	// {"dialect":"iso87bcd","length":25,"mti":"0200","bitmap":"6000000020000000","fields":{"2":"621094******0021","3":"000000"},"kind":"purchase","error":{"offset":22,"field":"35","message":"track 2 data: the frame ends before the field does: it wants 17 bytes and 2 are left"}}
}

// A seal computes the MAC of the bytes that Encode hands it.
func ExampleSeal() {
	seal := func(mab []byte) ([]byte, error) { return fmt.Appendf(nil, "%08X", len(mab)), nil }
	m := wire.Message{MTI: wire.MTINotice, TID: "00000001"}
	frame, err := wire.ISO87ASCII().Encode(nil, &m, seal)
	fmt.Printf("%s %v\n", frame, err)

	mab, err := wire.ISO87ASCII().Decode(frame, &m)
	fmt.Printf("%s covers %s %v\n", m.MAC, mab, err)
	// Output:
	// 08200000000000800001000000013030303030303143 <nil>
	// 0000001C covers 0820000000000080000100000001 <nil>
}
