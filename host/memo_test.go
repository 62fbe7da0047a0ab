package host

import (
	"encoding/json"
	"reflect"
	"testing"
	"testing/quick"
)

// TestRecordIsJSON: what encode writes is what encoding/json does, whatever is in it.
func TestRecordIsJSON(t *testing.T) {
	same := func(r record) bool {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.encode(); string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
			return false
		}
		return reflect.DeepEqual(readRecord(r.encode()), readRecord(want))
	}
	for _, r := range []record{{}, {Kind: `"<&>\`, PAN: "622202******0015", TID: "0\x1f\x7fé\xff", Balance: new(int64(-5)), Tries: new(int64(0)), Chip: &chipRecord{}}} {
		same(r)
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}
