package scenarios

import "sort"

// nearest returns the known word that a misspelt one most likely meant, or "".
func nearest(word string, known []string) string {
	best, bestAt := "", max(2, len([]rune(word))/3) // a third of the letters may be wrong
	sorted := append([]string(nil), known...)
	sort.Strings(sorted)
	for _, k := range sorted {
		if d := distance([]rune(word), []rune(k)); d <= bestAt && d < len([]rune(word)) && (best == "" || d < bestAt) {
			best, bestAt = k, d
		}
	}
	return best
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// (optimal string alignment) between a and b.
func distance(a, b []rune) int {
	if len(a) > 64 || len(b) > 64 { // nothing in the vocabulary is that long
		return 64
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
