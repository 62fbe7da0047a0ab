package ledger_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"possim/host/ledger"
)

// full is a posting with something in every field.
func full() ledger.Posting {
	r := ledger.Reg{Kind: ledger.DayAmount, Owner: `o"\é`, Day: 20260601}
	return ledger.Posting{
		Seq: 7, Key: `k"\世`, Undoes: "orig", Undo: ledger.Undone, Print: [16]byte{0xff, 15: 1},
		At: time.Date(2026, 6, 1, 1, 2, 3, 4, time.UTC), Day: 20260601, Refused: "rule",
		Why: []ledger.Verdict{
			{Guard: ledger.Guard{Rule: "a", Reg: r, Add: math.MinInt64, Min: ledger.At(math.MinInt64), Max: ledger.At(0)}, Value: math.MaxInt64, OK: true},
			{Guard: ledger.Guard{Rule: "b", Reg: ledger.Reg{Kind: ledger.ATC, Owner: "c"}}},
		},
		Moves: []ledger.Move{{Reg: r, Add: math.MaxInt64}, {Reg: r, Add: 0, Set: true}, {Reg: r, Add: math.MinInt64, Set: true}},
		Memo:  []byte("\x00\x1f\t\n\"\\</>\u2028\x7f"),
	}
}

func TestJSON(t *testing.T) {
	want := full()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got ledger.Posting
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nfrom %s\nwant %+v", got, err, text, want)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	p := full()
	good := string(p.AppendJSON(nil))
	for name, text := range map[string]string{
		"no JSON":     `[{"seq":1`,
		"short print": "[" + strings.Replace(good, `"print":"ff`, `"print":"`, 1) + "]",
		"long print":  "[" + strings.Replace(good, `"print":"`, `"print":"00`, 1) + "]",
		"odd print":   "[" + strings.Replace(good, `"print":"ff`, `"print":"fg`, 1) + "]",
		"kind":        "[" + strings.Replace(good, `"kind":"atc"`, `"kind":"act"`, 1) + "]",
		"big number":  "[" + strings.Replace(good, `"add":9223372036854775807`, `"add":9223372036854775808`, 1) + "]",
	} {
		if got, err := ledger.ReadJSON([]byte(text)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, got)
		}
	}
	if got, err := ledger.ReadJSON([]byte("[" + good + "]")); err != nil || !reflect.DeepEqual(got, []ledger.Posting{p}) {
		t.Errorf("the good one: got %+v, %v", got, err)
	}
}

// FuzzJSON commits what the fuzzer likes and reads it back through JSON, as object and as line.
func FuzzJSON(f *testing.F) {
	f.Add("key", "owner", []byte("memo"), int64(1))
	f.Add("key/é/1", "x:key/é", []byte(`{"a":1}`), int64(1))
	f.Add(`"\`, "\u2028", []byte{0, 0xff}, int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, key, owner string, memo []byte, n int64) {
		var m, again ledger.Machine
		r := ledger.Reg{Kind: ledger.Rest, Owner: owner}
		tx := ledger.Tx{
			Key: ledger.Key(key), Memo: memo, Moves: []ledger.Move{{Reg: r, Add: n}, {Reg: r, Add: n, Set: true}},
			Guards: []ledger.Guard{{Rule: owner, Reg: r, Add: n}},
		}
		if _, err := m.Apply(tx); err != nil {
			return
		}
		want, err := m.Posting(1)
		if err != nil {
			t.Fatal(err)
		}
		text := append(want.AppendJSON([]byte("[")), ']')
		postings, err := ledger.ReadJSON(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(postings, []ledger.Posting{want}) {
			t.Fatalf("got %+v from %s, want %+v", postings, text, want)
		}
		if got, err := ledger.ReadLine(want.AppendLine(nil)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v from %s, want %+v", got, err, want.AppendLine(nil), want)
		}
		if err := again.Replay(postings[0]); err != nil {
			t.Fatal(err)
		}
	})
}
