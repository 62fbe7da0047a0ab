package emv

import "testing"

func TestScriptResults(t *testing.T) {
	got, err := ParseScriptResults(unhex(t, "2000000009"+"1312345678"+"1000000000"+"00FFFFFFFF"+"4000000001"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		id, says string
		done     bool
	}{{"00000009", "successful", true}, {"12345678", "failed at command 3", false}, {"00000000", "failed", false},
		{"FFFFFFFF", "not performed", false}, {"00000001", "RFU outcome 4", false}} {
		if r := got[i]; r.ID != want.id || r.String() != want.says || r.Done() != want.done {
			t.Errorf("result %d: %s %s %v, want %+v", i, r.ID, r, r.Done(), want)
		}
	}
	if none, err := ParseScriptResults(nil); err != nil || len(none) != 0 {
		t.Errorf("of nothing: %v, %v", none, err)
	}
	if _, err := ParseScriptResults(make([]byte, 6)); err == nil {
		t.Error("six bytes are no results")
	}
}

// TestResultsOf: which cryptogram a 9F10 is of. The first two are published ARQCs.
func TestResultsOf(t *testing.T) {
	for iad, want := range map[string]string{
		"07000103A04002010A010000001000D1F61152":    "ARQC",
		"06011203A0B800":                            "ARQC",
		"07010103900000" + "01":                     "TC",   // by the first GENERATE AC
		"07010103800000" + "01":                     "AAC",  // the same
		"07010103600000" + "01":                     "TC",   // by the second, after an ARQC
		"07010103200000" + "01":                     "AAC",  // the same
		"0110A00003220000" + "00000000000000000000": "none", // M/Chip: its results are not known here
	} {
		i := must[IAD](t)(ParseIAD(unhex(t, iad)))
		got := "none"
		if kind, ok := i.Cryptogram(); ok {
			got = kind.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", iad, got, want)
		}
	}
}
