package scenarios_test

import (
	"context"
	"fmt"
	"os"

	"possim/scenarios"
)

func Example() {
	files, err := scenarios.Load([]scenarios.Source{{Path: "first.yaml", Data: []byte(`
possim: 1
scenarios:
  - name: a frozen card
    steps:
      - sale: 50.00
      - swipe: frozen
        expect: {rc: 62, receipt: none}
`)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := scenarios.Run(context.Background(), files, scenarios.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = scenarios.Report(os.Stdout, scenarios.TAP, &sum, false)
	// Output:
	// TAP version 14
	// 1..1
	// # seed 1
	// ok 1 - a frozen card
}

func ExampleLoad_errors() {
	_, err := scenarios.Load([]scenarios.Source{{Path: "typo.yaml", Data: []byte(`scenarios:
  - name: a typo
    steps:
      - sale: 50.00
      - swpie: good
`)}})
	fmt.Println(err)
	// Output:
	// typo.yaml:5:9: a step has no key "swpie" (did you mean "swipe"?)
	//      5 |       - swpie: good
	//        |         ^
}
