package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"possim/host/ledger"
)

// TestLine writes every field and reads it back: with our reader, and with encoding/json for a second
// opinion on what is in the text.
func TestLine(t *testing.T) {
	binary, empty := full(), ledger.Posting{Seq: 1, Key: "k", At: full().At}
	binary.Memo = []byte{0xff, 0}
	for name, want := range map[string]ledger.Posting{"full": full(), "binary memo": binary, "empty": empty} {
		text := want.AppendLine(nil)
		got, err := ledger.ReadLine(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v\nfrom %s\nwant %+v", name, got, err, text, want)
		}
		if bytes.ContainsAny(text, "\n") {
			t.Errorf("%s: a line feed in %s", name, text)
		}
	}
	p := full()
	d := json.NewDecoder(bytes.NewReader(p.AppendLine(nil)))
	d.UseNumber()
	var got []any
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	got[2] = nil // the print, in base64
	want := `[7 k"\世 <nil> 2026-06-01T01:02:03.000000004Z 20260601 orig undone rule ` +
		`[[day-amount o"\é 20260601] [atc c 0]] ` +
		`[[a 0 9223372036854775807 -9223372036854775808 -9223372036854775808 0 1] [b 1 0 0 <nil> <nil> 0]] ` +
		`[[0 9223372036854775807] [0 <nil> 0] [0 <nil> -9223372036854775808]] ` + string(p.Memo) + `]`
	if fmt.Sprint(got) != want {
		t.Errorf("encoding/json reads\n%v, want\n%v", got, want)
	}
}

func TestReadLineRefuses(t *testing.T) {
	p := full()
	good := string(p.AppendLine(nil))
	for name, text := range map[string]string{
		"nothing":          "",
		"an object":        string(p.AppendJSON(nil)),
		"more":             good + " ",
		"white space":      strings.Replace(good, `,[[`, `, [[`, 1),
		"short print":      strings.Replace(good, `"/w`, `"`, 1),
		"odd print":        strings.Replace(good, `"/w`, `"!w`, 1),
		"no time":          strings.Replace(good, "2026-06-01T", "2026-06-31T", 1),
		"kind":             strings.Replace(good, `"atc"`, `"act"`, 1),
		"big number":       strings.Replace(good, "9223372036854775807", "9223372036854775808", 1),
		"big day":          strings.Replace(good, ",20260601,", ",20260601000,", 1),
		"no register":      strings.Replace(good, `"b",1,`, `"b",2,`, 1),
		"a register below": strings.Replace(good, `"b",1,`, `"b",-1,`, 1),
		"passed":           strings.Replace(good, `null,null,0]`, `null,null,2]`, 1),
		"escape":           strings.Replace(good, `\u001f`, `\u00ff`, 1),
		"other escape":     strings.Replace(good, `\u001f`, `\n`, 1),
	} {
		if text == good {
			t.Fatalf("%s: the same", name)
		}
		if got, err := ledger.ReadLine([]byte(text)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, got)
		}
	}
	for i := range good {
		if got, err := ledger.ReadLine([]byte(good[:i])); err == nil {
			t.Errorf("cut at %d: got %+v, want an error", i, got)
		}
	}
}
