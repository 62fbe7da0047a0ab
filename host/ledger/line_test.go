package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"possim/host/ledger"
)

// postings are a few that between them have everything.
func postings() map[string]ledger.Posting {
	binary, empty, many := full(), ledger.Posting{Seq: 1, Key: "k", At: full().At}, sale()
	binary.Memo = []byte{0xff, 0}
	for n := range 40 {
		r := ledger.Reg{Kind: ledger.Kind(1 + n%14), Owner: fmt.Sprint("owner", n), Day: ledger.Day(n % 3 * 20260601)}
		many.Moves = append(many.Moves, ledger.Move{Reg: r, Add: int64(n), Set: n%5 == 0})
	}
	ends := sale()
	ends.Key, ends.Why = "key/é/世", nil
	for i, name := range []string{"x:key/é", "x:key/é/", "x:key/", "x:key", "x:ke", "x:key/é/世", "x:y:key/é", ":key/é", "key/é", "x:", "x:key/é/世1", "key/é/世", "x:key/è"} {
		ends.Moves = append(ends.Moves, ledger.Move{Reg: ledger.Reg{Kind: ledger.Rest, Owner: name}, Add: int64(i)})
	}
	void := sale()
	void.Undoes, void.Undo, void.Memo, void.Day = "orig", ledger.Undone, nil, 20260602
	return map[string]ledger.Posting{"full": full(), "binary memo": binary, "empty": empty, "sale": sale(), "void": void, "many": many, "ends": ends}
}

// TestLine writes every field and reads it back: with our reader, from a line of today and one of
// version 2, and with encoding/json for a second opinion on what is in the text.
func TestLine(t *testing.T) {
	for name, want := range postings() {
		for _, text := range [][]byte{want.AppendLine(nil), want.AppendOldLine(nil)} {
			got, err := ledger.ReadLine(text)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, %v\nfrom %s\nwant %+v", name, got, err, text, want)
			}
			if bytes.ContainsAny(text, "\n") || !json.Valid(text) {
				t.Errorf("%s: a line feed, or no JSON: %s", name, text)
			}
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
	want := `[[k"\世 o"\é c] 7 <nil> 2026-06-01T01:02:03.000000004Z 20260601 ` +
		`[[a da1 9223372036854775807 -9223372036854775808 -9223372036854775808 0] [b at2 0 0 <nil> <nil> 0]] ` +
		`[da1 9223372036854775807 da1= 0 da1= -9223372036854775808] ` + string(p.Memo) + ` orig undone rule]`
	if fmt.Sprint(got) != want {
		t.Errorf("encoding/json reads\n%v, want\n%v", got, want)
	}
}

// TestLineIs writes what the comment in line.go says.
func TestLineIs(t *testing.T) {
	head := `[["898100054110001/00000001/000001/0200/000123","terminal:",24,"card:9ebdb41a32a263fd1c16119691b0f765","merchant:",15,"batch:",31],` +
		`2,"AQIDAAAAAAAAAAAAAAAAAA","2026-06-01T01:02:03.000000004Z",`
	all := postings()
	for name, want := range map[string]string{
		"sale": head + `20260601,[["terminal-day","da1",0,1,null,50000000],["balance","ba3",100000000,-1,0]],` +
			`["da3",1,"dc3",1,"da1",1,"da4",1,"ta6",1,"tc6",1,"ba3",-1,"ba4",1,"re0",1],` + string(sale().Memo) + `]`,
		"void": head + `20260602,[["terminal-day","da1@20260601",0,1,null,50000000],["balance","ba3",100000000,-1,0]],` +
			`["da3@20260601",1,"dc3@20260601",1,"da1@20260601",1,"da4@20260601",1,"ta6",1,"tc6",1,"ba3",-1,"ba4",1,"re0",1],"","orig","undone"]`,
		"empty":       `[["k"],1,"AAAAAAAAAAAAAAAAAAAAAA","2026-06-01T01:02:03.000000004Z",0,[],[]]`,
		"binary memo": `"","orig","undone","rule","/wA="]`,
		"ends": `[["key/é/世","card:9ebdb41a32a263fd1c16119691b0f765","terminal:898100054110001/00000001","merchant:898100054110001","batch:898100054110001/00000001/000001","898100054110001/00000001/000001/0200/000123",` +
			`"x:",6,"x:",7,"x:",4,"x:key","x:ke","x:",10,"x:y:key/é",":",6,"key/é","x:","x:key/é/世1","x:key/è"],2,`,
		"many": `"ba8=",0,"ho9@20260601",1,"da10@40521202",2,"dc11@0",3,"li12@20260601",4,"st13@40521202=",5,"pt14",6,`,
	} {
		p := all[name]
		text := string(p.AppendLine(nil))
		if !strings.Contains(text, want) {
			t.Errorf("%s: got\n%s, want\n%s", name, text, want)
		}
	}
}

func TestReadLineRefuses(t *testing.T) {
	p, s, binary := full(), sale(), postings()["binary memo"]
	good, second, third := string(p.AppendLine(nil)), string(s.AppendLine(nil)), string(binary.AppendLine(nil))
	letters := ledger.Posting{Seq: 1, Key: "key/é/é", At: full().At, Moves: []ledger.Move{{Reg: ledger.Reg{Kind: ledger.Rest, Owner: "x:key/é/"}, Add: 1}}}
	wide := string(letters.AppendLine(nil))
	for name, c := range map[string]struct{ text, old, new string }{
		"nothing":               {good, good, ""},
		"an object":             {good, good, string(p.AppendJSON(nil))},
		"more":                  {good, good, good + " "},
		"white space":           {good, `,[[`, `, [[`},
		"no UTF-8":              {good, `世`, "\xff"},
		"a control character":   {second, `/0200/`, "/\x1f00/"},
		"and in what escapes":   {good, `k\"`, "\x1f\\\""},
		"number":                {good, `],7,`, `],-7,`},
		"short print":           {good, `"/w`, `"`},
		"long print":            {good, `"/w`, `"A/w`},
		"odd print":             {good, `"/w`, `"!w`},
		"no time":               {good, "2026-06-01T", "2026-06-31T"},
		"zeros behind a time":   {good, "000000004Z", "00000000Z"},
		"time of a zone":        {good, "000000004Z", "000000004+00:00"},
		"kind":                  {good, `"at2"`, `"ax2"`},
		"kind by name":          {good, `"at2"`, `"atc2"`},
		"big number":            {good, "9223372036854775807", "9223372036854775808"},
		"a zero before":         {good, `],7,`, `],07,`},
		"less than nothing":     {second, `,0,1,null`, `,-0,1,null`},
		"no number":             {good, `],7,`, `],-,`},
		"a big day":             {good, ",20260601,", ",20260601000,"},
		"a day below":           {good, ",20260601,", ",-20260601,"},
		"a usual day said":      {second, `"da3"`, `"da3@20260601"`},
		"no day said":           {second, `"ba3"`, `"ba3@0"`},
		"no owner":              {good, `"at2"`, `"at3"`},
		"an owner below":        {good, `"at2"`, `"at-1"`},
		"an owner too early":    {second, `["terminal-day","da1"`, `["terminal-day","da3"`},
		"an owner twice":        {good, `,"c"]`, `,"c","c"]`},
		"the key as an owner":   {second, `,"merchant:",15`, `,"898100054110001/00000001/000001/0200/000123"`},
		"a number as an owner":  {second, `"da1"`, `"da2"`},
		"no end said":           {second, `"merchant:",15`, `"merchant:898100054110001"`},
		"an end of another":     {second, `"merchant:",15`, `"merchant",15`},
		"an end too long":       {second, `"batch:",31`, `"batch:",310`},
		"an end too short":      {second, `"merchant:",15`, `"merchant:",3`},
		"two ends":              {second, `"merchant:",15`, `"merchant:",15,15`},
		"an end of the key":     {second, `000123",`, `000123",15,`},
		"an owner twice as one": {second, `"merchant:",15`, `"terminal:",24`},
		"half a character":      {wide, `"x:",7`, `"x:",5`},
		"no name":               {good, `,"c"]`, `,""]`},
		"an owner of nothing":   {good, `,"c"]`, `,"c","d"]`},
		"no bound said":         {second, `,-1,0]`, `,-1,0,null]`},
		"no bounds said":        {second, `,-1,0]`, `,-1,null]`},
		"passed":                {good, `null,null,0]`, `null,null,1]`},
		"escape":                {good, `\u001f`, `\u00ff`},
		"other escape":          {good, `\u001f`, `\n`},
		"an escape in capitals": {good, `\u001f`, `\u001F`},
		"half an escape":        {good, `\u001f`, `\u01`},
		"no memo":               {second, string(s.Memo), `""`},
		"a memo in a string":    {second, string(s.Memo), `"{}"`},
		"a memo with space":     {second, `"amount":1`, `"amount": 1`},
		"a memo that goes on":   {second, `"entry":"012"`, `"entry":"012"}`},
		"nothing at its end":    {good, `,"rule"]`, `,"rule",""]`},
		"base64 of text":        {third, `/wA=`, `QUI=`},
		"no base64":             {third, `/wA=`, `/wB=`},
		"two memos":             {good, `,"rule"]`, `,"rule","/wA="]`},
	} {
		text := strings.Replace(c.text, c.old, c.new, 1)
		refuses(t, name, c.text, text)
	}
	refusesCut(t, good)
}

// refuses looks that a text, which is another than the good one, is not read.
func refuses(t *testing.T, name, good, text string) {
	t.Helper()
	if text == good {
		t.Fatalf("%s: the same", name)
	}
	if got, err := ledger.ReadLine([]byte(text)); err == nil {
		t.Errorf("%s: got %+v, want an error", name, got)
	}
}

// refusesCut looks that no beginning of a good line is read.
func refusesCut(t *testing.T, good string) {
	t.Helper()
	for i := range good {
		if got, err := ledger.ReadLine([]byte(good[:i])); err == nil {
			t.Errorf("cut at %d: got %+v, want an error", i, got)
		}
	}
}

// TestReadLineSaysWhere: an error names the byte at which it was found.
func TestReadLineSaysWhere(t *testing.T) {
	s := sale()
	good := string(s.AppendLine(nil))
	for _, c := range [][3]string{
		{`"dc3"`, `"dx3"`, "dx3"},
		{`"2026-06-01T`, `"2026-06-31T`, `"2026-06-31T`},
		{`"stan":"`, `"stan" :"`, `{"kind"`},
		{`"re0",1`, `"re0",x`, `x]`},
		{`,["da3"`, `["da3"`, `["da3"`},
	} {
		text := strings.Replace(good, c[0], c[1], 1)
		want := fmt.Sprintf("at byte %d: ", strings.Index(text, c[2]))
		if _, err := ledger.ReadLine([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", c[1], err, want)
		}
	}
}

func TestReadOldLineRefuses(t *testing.T) {
	p := full()
	good := string(p.AppendOldLine(nil))
	for name, text := range map[string]string{
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
		refuses(t, name, good, text)
	}
	refusesCut(t, good)
}

// FuzzReadLine: of what the reader takes the writer makes the same text again.
func FuzzReadLine(f *testing.F) {
	for _, p := range postings() {
		f.Add(p.AppendLine(nil))
		f.Add(p.AppendOldLine(nil))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ledger.ReadLine(text)
		if err != nil || !bytes.HasPrefix(text, []byte("[[")) {
			return
		}
		if again := p.AppendLine(nil); string(again) != string(text) {
			t.Fatalf("%s\nis read as %+v\nand written as\n%s", text, p, again)
		}
	})
}

// FuzzMemo: a memo comes back to the byte, and one that encoding/json takes for a whole object or array,
// without white space and with whole numbers alone, stands in the line as it is.
func FuzzMemo(f *testing.F) {
	for _, memo := range []string{`{}`, `[]`, `{"a":[1,-2,{"b":null}],"c":"\u00e9\n\"é"}`, `{"a":1.5}`, `{"a":01}`, `{"a":-}`, `[true,false,nul]`, `{"a":"` + "\n" + `"}`, `"text"`, `17`, ` {}`, `{"a":"\x"}`, `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]`, "{\"\xff\":1}", `{"a":"`} {
		f.Add([]byte(memo))
	}
	f.Fuzz(func(t *testing.T, memo []byte) {
		p := sale()
		if p.Memo = memo; len(memo) == 0 {
			p.Memo = nil
		}
		line := p.AppendLine(nil)
		if got, err := ledger.ReadLine(line); err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("got %q, %v from %s", got.Memo, err, line)
		}
		if !json.Valid(line) || bytes.Contains(line, []byte("\n")) {
			t.Fatalf("no JSON on one line: %q", line)
		}
		var least bytes.Buffer
		if json.Compact(&least, memo) == nil && least.String() == string(memo) && !bytes.ContainsAny(memo, ".eE") && utf8.Valid(memo) && len(memo) > 0 && len(memo) < 32 &&
			(memo[0] == '{' || memo[0] == '[') && !bytes.HasSuffix(line, append(memo[:len(memo):len(memo)], ']')) {
			t.Fatalf("%s is not in %s", memo, line)
		}
	})
}
