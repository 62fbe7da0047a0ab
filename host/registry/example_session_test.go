package registry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"possim/host/hsm"
	"possim/host/registry"
)

// A terminal signs on twice, settles, and signs on again. The keys print as what
// they are and never as what they hold.
func ExampleRegistry_SignOn() {
	ctx, at := context.Background(), time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	r, seeded := registry.New(), rand.NewChaCha8([32]byte{})
	for _, settles := range []bool{false, true, false} {
		keys, err := hsm.Double.Make(seeded)
		if err != nil {
			fmt.Println(err)
		}
		s, err := r.SignOn(ctx, registry.DefaultMID, "00000001", keys, at)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println("batch", s.Batch)
		if settles {
			_ = r.CloseBatch(ctx, registry.DefaultMID, "00000001", s.Batch)
		}
	}
	t, _ := r.Terminal(registry.DefaultMID, "00000001")
	fmt.Println(t.TMK)
	// Output:
	// batch 1
	// batch 1
	// batch 2
	// TDES-128 key, KCV D0E06F
}

// The code that a phone shows says whose it is, and since when.
func ExampleIssueCode() {
	r, at := registry.New(), time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	_ = r.PutCard(registry.Card{PAN: "6222020000000015"})
	code, err := registry.IssueCode(registry.UnionPay, "6222020000000015", at)
	pan, age, ok := r.CodeOwner(code, at.Add(61*time.Second))
	fmt.Println(len(code), code[:2], err)
	fmt.Println(pan, age, ok)
	// Output:
	// 19 62 <nil>
	// 622202******0015 1m1s true
}
