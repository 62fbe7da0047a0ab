package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
)

func load(t testing.TB, name string) (*Dialect, []Problem) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", "foreign", name))
	if err != nil {
		t.Fatal(err)
	}
	d, problems, err := Load(name, file)
	if err != nil {
		t.Fatal(err, problems)
	}
	return d, problems
}

// TestJPOSGolden: jPOS's definitions of ISO 8583:1987 give the same messages as the
// dialects that are built in, both ways.
func TestJPOSGolden(t *testing.T) {
	for file, dialect := range map[string]string{"iso87ascii.xml": "iso87ascii", "iso87binary.xml": "iso87bcd"} {
		d, problems := load(t, file)
		for _, p := range problems {
			if p.Left {
				t.Errorf("%s: %s", file, p)
			}
		}
		for _, g := range readGolden(t, dialect) {
			var got Message
			mab, err := d.Decode(g.frame, &got)
			if err != nil || !reflect.DeepEqual(got, g.message) || (mab == nil) != (g.message.MAC == nil) {
				t.Errorf("%s %s:\n got %s, %v\nwant %s", file, g.name, spell(got), err, spell(g.message))
			}
			if again, err := d.Encode(nil, &g.message, nil); err != nil || !bytes.Equal(again, g.frame) {
				t.Errorf("%s %s:\n got %X, %v\nwant %X", file, g.name, again, err, g.frame)
			}
		}
		if d.Name() != strings.TrimSuffix(file, ".xml") {
			t.Errorf("%s is called %s", file, d.Name())
		}
	}
}

// asMoovJSON writes a specification as moov's builder does (its own package for it
// wants a YAML library that nothing else here needs).
func asMoovJSON(t *testing.T, spec *iso8583.MessageSpec) []byte {
	t.Helper()
	encodings := map[encoding.Encoder]string{encoding.ASCII: "ASCII", encoding.Binary: "Binary", encoding.BytesToASCIIHex: "HexToASCII", encoding.BCD: "BCD", encoding.LBCD: "LBCD"}
	fields := map[string]any{}
	for number, f := range spec.Fields {
		s := f.Spec()
		enc, ok := encodings[s.Enc]
		if !ok {
			t.Fatalf("field %d: encoding %T", number, s.Enc)
		}
		x := map[string]any{"type": reflect.TypeOf(f).Elem().Name(), "length": s.Length, "description": s.Description, "enc": enc, "prefix": s.Pref.Inspect()}
		if s.Pad != nil {
			x["padding"] = map[string]string{"type": "Left", "pad": string(s.Pad.Inspect())}
		}
		fields[fmt.Sprint(number)] = x
	}
	file, err := json.Marshal(map[string]any{"name": spec.Name, "fields": fields})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestMoovGolden: what moov's library packs with its specification, the dialect
// made of that specification reads, field for field, and writes again.
func TestMoovGolden(t *testing.T) {
	spec := iso8583.Spec87
	d, problems, err := FromMoovJSON(bytes.NewReader(asMoovJSON(t, spec)))
	if err != nil {
		t.Fatal(err, problems)
	}
	for _, p := range problems {
		if p.Left {
			t.Error(p)
		}
	}
	theirs := iso8583.NewMessage(spec)
	theirs.MTI("0200")
	values := map[int]string{2: "4761739001010010", 3: "310000", 4: "000000001234", 11: "100001", 12: "193000", 13: "1101", 22: "122", 25: "10",
		32: "48020000", 35: "4761739001010010=29121010000000001", 37: "000000000123", 39: "00", 41: "00000001", 42: "898100054110001", 49: "156", 60: "2200000100020", 70: "301"}
	for number, value := range values {
		if err := theirs.Field(number, value); err != nil {
			t.Fatal(number, err)
		}
	}
	frame, err := theirs.Pack()
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if _, err := d.Decode(frame, &m); err != nil {
		t.Fatalf("%q: %v, %v", frame, err, problems)
	}
	for number, want := range values {
		if got := string(m.content(number, 0, nil)); got != want {
			t.Errorf("field %d: got %q, want %q", number, got, want)
		}
	}
	if again, err := d.Encode(nil, &m, nil); err != nil || !bytes.Equal(again, frame) {
		t.Errorf("got  %q, %v\nwant %q", again, err, frame)
	}
}

// TestMoovOlder reads how earlier versions of moov's library spelled a
// specification, and digits in a composite.
func TestMoovOlder(t *testing.T) {
	d, problems, err := FromMoovJSON(strings.NewReader(`{"name":"older","fields":{
"Field000":{"type":"String","length":4,"enc":"asciiEncoder","prefix":"ASCII.fixed"},
"Field001":{"type":"Bitmap","length":16,"enc":"hexEncoder","prefix":"Hex.fixed"},
"Field003":{"type":"Composite","length":3,"prefix":"BCD.Fixed","subfields":{"1":{"type":"String","length":2,"enc":"BCD","prefix":"BCD.Fixed"},"2":{"type":"String","length":4,"enc":"BCD","prefix":"BCD.Fixed"}}},
"Field004":{"type":"String","length":12,"enc":"asciiEncoder","prefix":"ASCII.fixed","padding":{"type":"Left","pad":48}},
"Field011":{"type":"Numeric","length":6,"enc":"asciiEncoder","prefix":"ASCII.fixed"},
"Field032":{"type":"Numeric","length":11,"enc":"LBCD","prefix":"Binary.L"},
"Field035":{"type":"Track2","length":37,"enc":"ASCII","prefix":"Hex.L"},
"Field039":{"type":"String","length":2,"enc":"EBCDIC1047","prefix":"EBCDIC.Fixed"},
"Field041":{"type":"String","length":8,"enc":"asciiEncoder","prefix":"ASCII.fixed","padding":{"type":"Right","pad":" "}},
"Field048":{"type":"String","length":9999,"enc":"EBCDIC1047","prefix":"EBCDIC.LLLL"},
"Field052":{"type":"String","length":8,"enc":"hexEncoder","prefix":"Hex.fixed"},
"Field060":{"type":"String","length":9,"enc":"EBCDIC","prefix":"EBCDIC.LL"},
"Field061":{"type":"Odd","length":9,"enc":"ASCII","prefix":"ASCII.LL"},
"Field062":{"type":"String","length":9,"enc":"ASCII","prefix":"BerTLV"},
"Field0x3":{"type":"String","length":9,"enc":"ASCII","prefix":"ASCII.LL"}}}`))
	if err != nil {
		t.Fatal(err, problems)
	}
	var left []int
	for _, p := range problems {
		if p.Left {
			left = append(left, p.Field)
		}
	}
	if want := []int{-1, 60, 61, 62}; !reflect.DeepEqual(left, want) || d.Name() != "older" {
		t.Errorf("%s leaves out %v, want %v: %v", d, left, want, problems)
	}
	m := Message{MTI: "0210", ProcessingCode: "310000", Amount: 1234, STAN: "000001", Acquirer: "123", Track2: "12=34", Code: "51", TID: "T1", Private48: "AB", PINBlock: Secret("\x01\x02\x03\x04\x05\x06\x07\x08")}
	frame, err := d.Encode(nil, &m, nil)
	want := "0210" + "3020000122811000" + "\x31\x00\x00" + "000000001234" + "000001" + "\x03\x12\x30" + "0512=34" + "\xF5\xF1" + "T1      " + "\xF0\xF0\xF0\xF2\xC1\xC2" + "0102030405060708"
	if err != nil || string(frame) != want {
		t.Errorf("got  %X, %v\nwant %X", frame, err, want)
	}
	var back Message
	if _, err := d.Decode(frame, &back); err != nil || back.ProcessingCode != "310000" || back.Track2 != "12=34" || back.TID != "T1" || back.Private48 != "AB" || back.Code != "51" {
		t.Errorf("got %s, %v", spell(back), err)
	}
}

const littleXML = `<isopackager>
<isofield id="0" length="4" name="MTI" class="org.jpos.iso.%s"/>
<isofield id="1" length="16" name="bitmap" class="org.jpos.iso.%s"/>
<isofield id="3" length="6" name="processing code" class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
<isofield id="4" length="12" name="amount" class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
<isofield id="11" length="6" name="STAN" class="org.jpos.iso.IFB_NUMERIC" pad="true"/>
<isofield id="39" length="2" name="code" class="org.jpos.iso.IF_CHAR"/>
<isofield id="41" length="8" name="TID" class="org.jpos.iso.IF_CHAR"/>
%s</isopackager>`

func little(mti, bitmap, more string) string { return fmt.Sprintf(littleXML, mti, bitmap, more) }

// TestJPOSClasses maps one field of each family of classes: what a value is on the
// wire, from jPOS's own documentation of them.
func TestJPOSClasses(t *testing.T) {
	for _, tt := range []struct{ class, attributes, value, wire string }{
		{"IFA_NUMERIC", `length="6"`, "123456", "313233343536"},
		{"IFA_LLNUM", `length="11"`, "123", "3033313233"},
		{"IFA_LCHAR", `length="9"`, "abc", "33616263"},
		{"IFA_LLLLCHAR", `length="2000"`, "abc", "30303033616263"},
		{"IFA_LLBINARY", `length="9"`, "\x01\x02", "30320102"},
		{"IFA_LLABINARY", `length="9"`, "\x01\x02", "303230313032"},
		{"IFA_BINARY", `length="2"`, "\x01\x02", "30313032"},
		{"IFA_LLBNUM", `length="8" pad="false"`, "1234", "30341234"},
		{"IFB_NUMERIC", `length="3" pad="true"`, "022", "0022"},
		{"IFB_NUMERIC", `length="3" pad="false"`, "022", "0220"},
		{"IFB_FNUMERIC", `length="3"`, "022", "022F"},
		{"IFB_LLNUM", `length="19" pad="false"`, "123", "031230"},
		{"IFB_FLLNUM", `length="19"`, "123", "03123F"},
		{"IFB_LLLNUM", `length="19" pad="true"`, "123", "00030123"},
		{"IFB_LLHNUM", `length="19" pad="false"`, "123", "031230"},
		{"IFB_LLCHAR", `length="19"`, "abc", "03616263"},
		{"IFB_LLLCHAR", `length="190"`, "abc", "0003616263"},
		{"IFB_LLHCHAR", `length="190"`, "abcdefghijk", "0B6162636465666768696A6B"},
		{"IFB_LLLHCHAR", `length="990"`, "abc", "0003616263"},
		{"IFB_LLHECHAR", `length="190"`, "ABC", "03C1C2C3"},
		{"IFB_LLHBINARY", `length="190"`, "\x01", "0101"},
		{"IFB_LLLBINARY", `length="190"`, "\x01", "000101"},
		{"IFB_LLLHEX", `length="190"`, "\x01\x02", "00040102"},
		{"IFB_AMOUNT", `length="9" pad="true"`, "C00000001", "4300000001"},
		{"IFA_AMOUNT", `length="9"`, "D00000001", "443030303030303031"},
		{"IFE_NUMERIC", `length="3"`, "022", "F0F2F2"},
		{"IFE_CHAR", `length="4"`, "AB", "C1C24040"},
		{"IFE_LLNUM", `length="19"`, "123", "F0F3F1F2F3"},
		{"IFE_LLCHAR", `length="19"`, "AB", "F0F2C1C2"},
		{"IFEA_LLCHAR", `length="19"`, "AB", "F0F24142"},
		{"IFAE_LLCHAR", `length="19"`, "AB", "3032C1C2"},
		{"IFEB_LLNUM", `length="19"`, "1234", "F0F21234"},
		{"IF_CHAR", `length="4"`, "AB", "41422020"},
		{"IF_ECHAR", `length="4"`, "AB", "C1C24040"},
	} {
		more := fmt.Sprintf("<isofield id=\"47\" %s name=\"x\" class=\"org.jpos.iso.%s\"/>\n", tt.attributes, tt.class) +
			`<isofield id="70" length="3" name="x" class="org.jpos.iso.IFB_NUMERIC"/>`
		d, problems, err := FromJPOS(strings.NewReader(little("IFB_NUMERIC", "IFB_BITMAP", more)))
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v, %v", tt.class, err, problems)
			continue
		}
		m := Message{MTI: "0200", Rest: []Field{{47, Secret(tt.value)}}}
		frame, err := d.Encode(nil, &m, nil)
		if got := upperHex(frame); err != nil || got != "0200"+"0000000000020000"+tt.wire {
			t.Errorf("%s %s: got %s, %v, want %s", tt.class, tt.attributes, got, err, tt.wire)
			continue
		}
		var back Message
		if _, err := d.Decode(frame, &back); err != nil || len(back.Rest) != 1 || string(back.Rest[0].Value) != tt.value {
			t.Errorf("%s: another value came back, %v", tt.class, err)
		}
	}
}

// TestProblems: what cannot be mapped is said field by field, and what nothing can
// do without is an error.
func TestProblems(t *testing.T) {
	d, problems, err := FromJPOS(strings.NewReader(little("IFA_NUMERIC", "IFA_BITMAP",
		`<isofield id="60" length="20" name="x" class="com.acme.IFX_MAGIC"/>
<isofield id="61" length="20" name="x" class="org.jpos.iso.IFA_TTLLCHAR"/>
<isofield id="62" length="0" name="x" class="org.jpos.iso.IF_CHAR"/>
<isofield id="200" length="2" name="x" class="org.jpos.iso.IF_CHAR"/>
<isofieldpackager id="48" length="255" name="x" class="org.jpos.iso.IFA_LLLCHAR" packager="org.jpos.iso.packager.GenericSubFieldPackager">
  <isofield id="1" length="2" name="y" class="org.jpos.iso.IF_CHAR"/></isofieldpackager>
<isofield id="55" length="255" name="x" class="org.jpos.iso.IFA_LLLCHAR"/>`)))
	var said []string
	for _, p := range problems {
		said = append(said, p.String())
	}
	want := []string{
		"field 48, org.jpos.iso.IFA_LLLCHAR (note): its subfields are taken as one content",
		"field 55, org.jpos.iso.IFA_LLLCHAR (note): taken as hexadecimal digits",
		"field 60, com.acme.IFX_MAGIC (left out): a class that is not known",
		"field 61, org.jpos.iso.IFA_TTLLCHAR (left out): a class that is not known",
		"field 62, org.jpos.iso.IF_CHAR (left out): a length of 0",
		"field 70 (note): missing: sign-on, sign-off and echo go without a function code",
		"field 200, org.jpos.iso.IF_CHAR (left out): there is no such field number",
	}
	if err != nil || !reflect.DeepEqual(said, want) {
		t.Errorf("got  %q, %v\nwant %q", said, err, want)
	}
	if d != nil && (d.Carries(60) || !d.Carries(48)) {
		t.Error("a field that was left out is there, or one that maps is not")
	}
	_, problems, err = FromJPOS(strings.NewReader(little("IFA_NUMERIC", "IFA_BITMAP", `<isofield id="60" length="20" name="x" class="org.jpos.iso.IFA_LLCHAR"/>`)))
	if err != nil || len(problems) != 1 || problems[0].String() != "field 70 (note): missing: echo goes without a function code" {
		t.Errorf("with field 60: got %v, %v", problems, err)
	}
	sale, _ := d.Transaction(Purchase)
	m := Message{STAN: "000001"}
	if sale.Start(&m); m.Private60 != "" || m.Condition != "" {
		t.Errorf("a sale starts with what the dialect has no field for: %s", spell(m))
	}
	for _, tt := range []struct{ file, want string }{
		{"", "neither a JSON object"}, {"<isopackager", "1:13: not a jPOS packager"}, {"<x/>", "expected element type <isopackager>"},
		{"<isopackager/>", "no fields"}, {little("IFX_MTI", "IFA_BITMAP", ""), "field 0 is missing or cannot be mapped"},
		{little("IFA_NUMERIC", "IFX_BITMAP", ""), "field 1, the bitmap"},
		{`{"fields":]`, "byte 11: not JSON"}, {`{"fields":{}}`, "no fields"}, {`{"fields":7}`, "not a specification"},
	} {
		d, _, err := Load("x.txt", []byte(tt.file))
		if err == nil || !strings.Contains(err.Error(), tt.want) || d != nil {
			t.Errorf("%q: got %v, %v, want %s", tt.file, d, err, tt.want)
		}
	}
}

// TestWithTPDU puts a TPDU before a dialect that has none.
func TestWithTPDU(t *testing.T) {
	d := ISO87BCD().WithTPDU(0)
	frame, err := d.Encode(nil, &Message{MTI: "0800", TPDU: []byte{0x60, 0, 1, 0, 2}}, nil)
	if want := "6000010002" + "0800" + "0000000000000000"; err != nil || upperHex(frame) != want {
		t.Errorf("got %X, %v, want %s", frame, err, want)
	}
	var m Message
	if _, err := d.Decode(frame, &m); err != nil || len(m.TPDU) != 5 || ISO87BCD().tpdu != 0 {
		t.Errorf("got %s, %v", spell(m), err)
	}
}

// FuzzLoad takes any file: no panic, and what loads encodes, or says why not.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(little("IFA_NUMERIC", "IFA_BITMAP", "")))
	f.Add([]byte(`{"name":"x","fields":{"0":{"type":"String","length":4,"enc":"ASCII","prefix":"ASCII.Fixed"},"1":{"type":"Bitmap","enc":"Binary","prefix":"Binary.Fixed"}}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, _, err := Load("x", file)
		if (d == nil) != (err != nil) {
			t.Fatalf("%v, %v", d, err)
		}
		if err != nil {
			return
		}
		m := Message{MTI: "0200", STAN: "000001", TID: "00000001", ProcessingCode: "000000", Amount: 1}
		frame, err := d.Encode(nil, &m, nil)
		if err != nil {
			return
		}
		var back Message
		if _, err := d.Decode(frame, &back); err != nil {
			t.Fatalf("%X encodes and does not decode: %v", frame, err)
		}
		d.Inspect(frame, nil)
	})
}

// TestFit: a foreign dialect leaves out what it has no field for, ours nothing.
func TestFit(t *testing.T) {
	m := Message{MTI: "0210", STAN: "000001", TID: "00000001", Code: Approved, SettlementDate: "0601", Private60: "22000001"}
	for name, want := range map[string]string{
		"few":        "0210 STAN 000001, fields 11 39 41",
		"iso87ascii": "0210 STAN 000001, fields 11 15 39 41 60",
	} {
		d, err := ByName(name)
		if err != nil {
			var few strings.Builder
			for _, field := range []string{`0" length="4`, `3" length="6`, `4" length="12`, `11" length="6`, `39" length="2`, `41" length="8`} {
				fmt.Fprintf(&few, `<isofield id="%s" class="IF_CHAR"/>`, field)
			}
			d, _, err = Load(name, []byte(`<isopackager><isofield id="1" length="16" class="IFA_BITMAP"/>`+few.String()+`</isopackager>`))
		}
		if err != nil {
			t.Fatal(err)
		}
		got := m
		d.Fit(&got)
		if got.String() != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if _, err := d.Encode(nil, &got, nil); err != nil {
			t.Error(err)
		}
	}
}
