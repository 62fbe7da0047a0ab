package emv

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// The FCI of a PSE as a public terminal's recording has it (emvpt test_data.yaml).
const pseFCI = "6F2C840E315041592E5359532E4444463031A51A8801015F2D02656E9F110101BF0C0BDF02020246DF4703800101"

func TestParseNested(t *testing.T) {
	l := must[List](t)(Parse(unhex(t, pseFCI)))
	if got := l.Inside(TagFCITemplate).Inside(TagFCIProprietary).Value(TagSFI); !bytes.Equal(got, []byte{1}) {
		t.Errorf("SFI %X", got)
	}
	if v, ok := l.Find(0xDF47); !ok || !bytes.Equal(v, unhex(t, "800101")) {
		t.Errorf("DF47 %X", v)
	}
	if l.Has(TagSFI) || !l.Has(TagFCITemplate) {
		t.Error("Has looks at other levels than this one")
	}
	var order []string
	for o := range l.All() {
		order = append(order, o.Tag.String())
	}
	if got := strings.Join(order, " "); got != "6F 84 A5 88 5F2D 9F11 BF0C DF02 DF47" {
		t.Error(got)
	}
	if got := l.Bytes(); !bytes.Equal(got, unhex(t, pseFCI)) {
		t.Errorf("coded again: %X", got)
	}
}

func TestParseForms(t *testing.T) {
	for what, c := range map[string]struct{ in, want string }{
		"nothing":                {"", ""},
		"padding alone":          {"0000FFFF00", ""},
		"padding around":         {"00 9A03240101 FFFF 9C0100 00", "9A03240101 9C0100"},
		"padding in a template":  {"7007 00 9C0100 0000 FF", "70039C0100"},
		"order and duplicates":   {"9C0100 9A03240101 9C0101", "9C0100 9A03240101 9C0101"},
		"length in one byte, 81": {"8A 81 02 3030", "8A023030"},
		"length in two bytes":    {"8A 82 0002 3030", "8A023030"},
		"long value":             {"90 8180" + strings.Repeat("AB", 128), "908180" + strings.Repeat("AB", 128)},
		"longer value":           {"90 820100" + strings.Repeat("AB", 256), "90820100" + strings.Repeat("AB", 256)},
		"empty values":           {"9F1000 7000", "9F1000 7000"},
		"three-byte tag":         {"DF810C 0107", "DF810C0107"},
	} {
		l, err := Parse(unhex(t, c.in))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if !bytes.Equal(l.Bytes(), unhex(t, c.want)) {
			t.Errorf("%s: %X, want %s", what, l.Bytes(), c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, at := range map[string]int{
		"5F2A80":           2, // the indefinite length
		"7080 9C0100 0000": 1, // of a template too
		"9F":               0, // half a tag
		"DF8181":           0, // two thirds of one
		"DF81818101":       0, // a tag of four bytes
		"9C":               1, // no length
		"9C81":             1, // half a length
		"9C8201":           1, // two thirds of one
		"9C8300000100":     1, // a length of three bytes
		"9C02":             2, // no value
		"9C0201":           2, // half of one
		"9C0100 9C0501":    5, // the second object
		"7004 9C0501":      2, // a template longer than what is left
		"7003 9C0501":      4, // an object that leaves its template
		"9C84FFFFFFFF":     1, // 4 GB
	} {
		_, err := Parse(unhex(t, in))
		var e *TLVError
		if !errors.As(err, &e) || e.Offset != at {
			t.Errorf("%s: %v, want an error at %d", in, err, at)
		}
	}
}

func TestCut(t *testing.T) {
	tag, value, rest, err := Cut(unhex(t, "7781039C0100 00FF"))
	if err != nil || tag != TagResponseFormat2 || hexText(value) != "9C0100" || hexText(rest) != "00FF" {
		t.Errorf("%s %X %X %v", tag, value, rest, err)
	}
	for _, bad := range []string{"", "00", "9F", "77", "7780", "7702 00"} {
		if _, _, _, err := Cut(unhex(t, bad)); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// A hash runs over the bytes as they came: long lengths stay, padding does not count,
// 9F4B is left out wherever it stands.
func TestHashedBytes(t *testing.T) {
	got := must[[]byte](t)(CombinedData(unhex(t, "9F270180 00 9F4B020102 9F36810200FF"), []byte{0xAA}))
	same(t, "combined", got, "AA9F2701809F36810200FF")
	got = must[[]byte](t)(StaticData([]Record{{1, unhex(t, "7081039C0100")}, {11, unhex(t, "70039C0101")}}, []byte{0x82}, []byte{0x3C, 0}))
	same(t, "static", got, "9C0100 70039C0101 3C00")
	got = must[[]byte](t)(StaticData([]Record{{1, unhex(t, "70039C0100 00FF")}, {11, unhex(t, "70039C0101 00")}}, nil, nil))
	same(t, "static, padded", got, "9C0100 00FF 70039C0101 00")
	for _, bad := range []string{"", "77039C0100", "70039C01009C", "70049C0100"} {
		if _, err := StaticData([]Record{{1, unhex(t, bad)}}, nil, nil); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestNesting(t *testing.T) {
	o := New(TagTransactionType, []byte{0})
	for range maxDepth {
		o = Template(TagRecordTemplate, o)
	}
	must[List](t)(Parse(o.Bytes()))
	if _, err := Parse(Template(TagRecordTemplate, o).Bytes()); err == nil {
		t.Error("objects nest deeper than allowed")
	}
}

func TestParseCopies(t *testing.T) {
	b := unhex(t, "9C0100")
	l := must[List](t)(Parse(b))
	b[2] = 9
	if l.Value(TagTransactionType)[0] != 0 {
		t.Error("the list looks into the caller's bytes")
	}
}

func TestListSet(t *testing.T) {
	var l List
	l.Set(TagTVR, []byte{1})
	l.Add(TagTSI, []byte{2})
	l.Set(TagTVR, []byte{3})
	if got := l.String(); got != "95 03 9B 02" {
		t.Error(got)
	}
	if tag, twice := l.Duplicate(); twice {
		t.Error(tag)
	}
	l.Add(TagTSI, nil)
	if tag, twice := l.Duplicate(); !twice || tag != TagTSI {
		t.Error("9B is there twice")
	}
	// Two application templates in a directory are none.
	if _, twice := (List{Template(TagApplicationTemplate), Template(TagApplicationTemplate)}).Duplicate(); twice {
		t.Error("templates may come twice")
	}
}

func TestTags(t *testing.T) {
	for s, c := range map[string]struct {
		tag         Tag
		constructed bool
	}{"9F26": {TagCryptogram, false}, "82": {TagAIP, false}, "70": {TagRecordTemplate, true}, "BF0C": {TagFCIDiscretionary, true}, "DF810C": {0xDF810C, false}} {
		tag := must[Tag](t)(ParseTag(s))
		if tag != c.tag || tag.String() != s || tag.Constructed() != c.constructed || !tag.Valid() {
			t.Errorf("%s: %v", s, tag)
		}
	}
	for _, bad := range []string{"", "9", "9F", "8226", "00", "FF01", "1F8080", "zz", "9F2601"} {
		if tag, err := ParseTag(bad); err == nil {
			t.Errorf("%q is %v", bad, tag)
		}
	}
	for _, bad := range []Tag{0, 0xFF, 0x9F, 0x8226, 0x9F808080} {
		if bad.Valid() {
			t.Errorf("%X is valid", uint32(bad))
		}
	}
}

// The dictionary is the books': no tag twice, every tag one that can be coded, lengths
// in order, constructed tags and only those of data objects.
func TestDictionary(t *testing.T) {
	seen := map[Tag]string{}
	for _, table := range [][]Info{bookTags, contactlessTags, pbocTags} {
		for _, i := range table {
			if seen[i.Tag] != "" {
				t.Errorf("%s is %s and %s", i.Tag, seen[i.Tag], i.Name)
			}
			seen[i.Tag] = i.Name
			if !i.Tag.Valid() || i.Name == "" || i.Max != 0 && i.Min > i.Max || i.Tag.Constructed() != (i.Format == DataObjects) {
				t.Errorf("%s %+v", i.Tag, i)
			}
		}
	}
	for _, tag := range []Tag{0x5A, 0x57, 0x5F20, 0x9F1F, 0x9F6B, 0x56, 0x9F20, 0x99} {
		if !tag.Secret() {
			t.Errorf("%s is not secret", tag)
		}
	}
	if TagPAN.Format() != Compressed || TagAmountAuthorised.Format() != Numeric || TagTerminalCapabilities.Format() != Binary {
		t.Error("formats")
	}
	if unknown := Tag(0xDF7F).Info(); !reflect.DeepEqual(unknown, Info{Tag: 0xDF7F}) {
		t.Errorf("%+v", unknown)
	}
}
