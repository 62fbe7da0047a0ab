package scenarios

import (
	"bytes"
	"testing"

	"possim/host/registry"
	"possim/reader/emv"
)

// TestTestCAPKs makes the keys of testcapks.json from their seed. A difference prints what
// the file has to be.
func TestTestCAPKs(t *testing.T) {
	var made emv.CAPKs
	for _, rid := range []emv.RID{emv.RIDUnionPay, emv.RIDVisa} {
		a, err := emv.NewAuthority(emv.IssuerProfile{Seed: registry.TestSeed, RID: rid})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, a.CAPK())
	}
	var want bytes.Buffer
	if err := emv.SaveCAPKs(&want, made); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(testCAPKs, want.Bytes()) {
		t.Errorf("testcapks.json is not the keys of the seed; want\n%s", &want)
	}
	all, err := TestCAPKs()
	if _, ok := all.Find(made[0].RID, made[0].Index); err != nil || !ok || len(all) != len(emv.PublicCAPKs())+len(made) {
		t.Errorf("%d keys, %v", len(all), err)
	}
}
