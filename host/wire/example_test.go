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

// A message from somewhere, in some form and some dialect.
func ExampleAuto() {
	message, form, err := wire.ParseInput([]byte("0034 6006010000 613100311108 0820 0000000000C00010 3030303030303031 383938313030303534313130303031 0011 000000013010"))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, why := wire.Auto(message)
	fmt.Println(form)
	fmt.Println(why)
	fmt.Println(d.Inspect(message, nil).Kind)
	// Output:
	// hex
	// unionpay: after 2 bytes of length, TPDU and header before the message type, and 3 fields read to the last byte
	// echo
}

// A dialect of the specification that an acquirer gave out as a jPOS packager. What
// it says that cannot be mapped is named, and the rest is there.
func ExampleLoad() {
	d, problems, err := wire.Load("acme.xml", []byte(`<isopackager>
  <isofield id="0"  length="4"   name="MTI"             class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
  <isofield id="1"  length="16"  name="bitmap"          class="org.jpos.iso.IFB_BITMAP"/>
  <isofield id="3"  length="6"   name="processing code" class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
  <isofield id="4"  length="12"  name="amount"          class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
  <isofield id="11" length="6"   name="trace"           class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
  <isofield id="39" length="2"   name="code"            class="org.jpos.iso.IF_CHAR"/>
  <isofield id="41" length="8"   name="terminal"        class="org.jpos.iso.IF_CHAR"/>
  <isofield id="62" length="999" name="magic"           class="com.acme.IFX_MAGIC"/>
</isopackager>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	frame, err := d.Encode(nil, &wire.Message{MTI: "0800", STAN: "000001", TID: "00000001"}, nil)
	fmt.Printf("%s %X %v\n", d, frame, err)
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// acme 080000200000008000000000013030303030303031 <nil>
	// field 62, com.acme.IFX_MAGIC (left out): a class that is not known
	// field 70 (note): missing: sign-on, sign-off and echo go without a function code
}

// What a terminal's totals say to the host, and the host's answer.
func ExampleParseTotals() {
	mine := wire.Totals{Domestic: wire.Sums{Debit: 12345, DebitCount: 2, Credit: 100, CreditCount: 1}}
	field, _ := mine.Field48()
	fmt.Println(field)

	theirs, err := wire.ParseTotals("0000000123450020000000001000011" + "0000000000000000000000000000001")
	fmt.Println(theirs.Domestic.Agreed.OK(), theirs.Domestic.Same(mine.Domestic), err)

	_, err = wire.ParseTotals("00000001234500x")
	fmt.Println(err)
	// Output:
	// 00000001234500200000000010000100000000000000000000000000000000
	// true true <nil>
	// field 48, domestic debit count (at 12): want 3 digits: not a digit
}
