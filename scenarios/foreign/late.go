package foreign

import (
	"regexp"
	"sync"
)

// late is an expression compiled when it is first asked for: most processes import no
// log, and pay for none.
func late(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
