package emv

import "testing"

func TestText(t *testing.T) {
	for _, c := range []struct {
		raw   string
		table byte
		want  string
	}{
		{"PBOC DEBIT", 0, "PBOC DEBIT"},
		{"D\xE9bit", 1, "Débit"},
		{"\xBA\xD0\xE0\xE2\xD0 5", 5, "????? 5"},
		{"\x1b[31mred\x00\x7f\x9b1m", 1, "[31mred1m"},
		{"6210947000000021", 1, "621094******0021"},
		{"pay 62109470000000210000000 now", 1, "pay " + "621094*************0000"[:6] + "*************0000" + " now"},
	} {
		if got := Text([]byte(c.raw), c.table); got != c.want {
			t.Errorf("%q: got %q, want %q", c.raw, got, c.want)
		}
	}
}
