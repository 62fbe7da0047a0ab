package script_test

import (
	"context"
	"fmt"

	"possim/scenarios/script"
)

// A script is read once for its options, before there is a terminal.
func Example() {
	files := map[string]string{"checkout.js": `
		import { terminal, cards } from 'possim'
		export const options = { terminals: 16, rate: 50, duration: '10s' }
		export default () => terminal.sale('12.34', cards.any())`}
	s, err := script.Parse(context.Background(), "checkout.js", script.World{
		Read:  func(path string) ([]byte, error) { return []byte(files[path]), nil },
		Print: func(line string) { fmt.Println(line) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*s.Options.Terminals, *s.Options.Rate, *s.Options.Duration)
	// Output: 16 50 10s
}
