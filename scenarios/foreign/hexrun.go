package foreign

import (
	"strings"
)

// fewest is how many digits hexadecimal has at least to pass for a message.
const fewest = 2 * shortest

// hexRun finds the longest hexadecimal in a line, pairs with at most a space, colon or
// dash between them, and returns its digits and what stands around it.
func hexRun(line string) (before, digits, after string) {
	begin, end := 0, 0
	for at := 0; at+1 < len(line); at++ {
		if !isHex(line[at]) || at > 0 && isWord(line[at-1]) && !(line[at-1] == 'x' && at > 1 && line[at-2] == '0') {
			continue
		}
		stop := runEnd(line, at)
		if stop-at > end-begin {
			begin, end = at, stop
		}
		at = max(at, stop)
	}
	digits = strings.NewReplacer(" ", "", ":", "", "-", "").Replace(line[begin:end])
	if len(digits) < fewest {
		return line, "", ""
	}
	return strings.TrimSuffix(line[:begin], "0x"), digits, line[end:]
}

// runEnd returns where pairs of digits that begin at at end: not inside a word.
func runEnd(line string, at int) (end int) {
	end = at
	for i := at; i+1 < len(line) && isHex(line[i]) && isHex(line[i+1]); {
		i += 2
		if i == len(line) || !isWord(line[i]) {
			end = i
		}
		if i < len(line) && (line[i] == ' ' || line[i] == ':' || line[i] == '-') {
			i++
		}
	}
	return end
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
