package load

import (
	"strings"
	"testing"
)

// TestTagThresholds judges a run by what its orders were called.
func TestTagThresholds(t *testing.T) {
	r := tagged()
	for text, want := range map[string]bool{
		"max{tag:coffee,kind:sale}>=1s": true, "max{tag:tea}>=1s": false, "p1{tag:coffee}>=999ms": true, "p99{code:00}>=1s": true, "p99{code:51}>=1s": false,
		"approved{tag:tea}<2": true, "errors{tag:tea,code:00}>0": true, "errors{tag:coffee}>0": false, "sent{tag:tea}<3": false,
		"rate{tag:coffee}<1.5": false, "rate{tag:coffee}<=1.5": true, // three in two seconds
	} {
		limit, err := ParseThreshold(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if how, crossed := limit.Crossed(&r); crossed != want {
			t.Errorf("%s: %v (%s)", text, crossed, how)
		}
	}
}

// TestThresholdOfUnlisted: a condition that may be about orders of which nobody knows what
// they were has failed.
func TestThresholdOfUnlisted(t *testing.T) {
	r := tagged()
	r.Errors += 15
	limit, err := ParseThreshold("errors{kind:void}>99")
	if err != nil {
		t.Fatal(err)
	}
	if how, crossed := limit.Crossed(&r); !crossed || !strings.Contains(how, "15 orders") {
		t.Errorf("%v: %s", crossed, how)
	}
}
