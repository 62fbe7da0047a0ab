package journal_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"possim/scenarios/journal"
)

const (
	headerLine = `{"format":"possim-journal","version":2,"dialect":"iso87ascii","framing":"none","redaction":"surrogate","seed":7,"tool":"possim"}` + "\n"
	frameLine  = `{"t":1.5,"conn":1,"dir":">","mti":"0200","hex":"30323030"}` + "\n"
)

// read returns the numbers of the lines that a Reader gives, and how it ends.
func read(t *testing.T, text string) (numbers []int, cut int, err error) {
	t.Helper()
	r, err := journal.NewReader(strings.NewReader(text))
	for err == nil {
		var e journal.Entry
		if e, err = r.Next(); err == nil {
			numbers = append(numbers, e.Number)
		}
	}
	if err == io.EOF {
		return numbers, r.Cut(), nil
	}
	return numbers, 0, err
}

// TestCutOff: a last line that a crash cut off is said and no error; one in the middle
// is an error with its line.
func TestCutOff(t *testing.T) {
	whole := headerLine + frameLine + frameLine
	for n := len(headerLine) + len(frameLine) + 1; n < len(whole)-1; n++ {
		numbers, cut, err := read(t, whole[:n])
		if len(numbers) != 1 || cut != 3 && n != len(whole)-1 || err != nil {
			t.Fatalf("%d bytes: got lines %v, cut %d, %v", n, numbers, cut, err)
		}
	}
	if numbers, cut, err := read(t, strings.TrimSuffix(whole, "\n")); len(numbers) != 2 || cut != 0 || err != nil {
		t.Errorf("a last line without its end: got %v, %d, %v", numbers, cut, err)
	}
	_, _, err := read(t, headerLine+frameLine[:30]+"\n"+frameLine)
	var wrong *journal.LineError
	if !errors.As(err, &wrong) || wrong.Line != 2 || wrong.Column < 25 {
		t.Errorf("got %v, want line 2", err)
	}
}

// TestBadLines: each is named with its line.
func TestBadLines(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "1:1: the file is empty",
		"possim\n":                          "1:1: no journal",
		`{"format":"x","version":2}` + "\n": "1:1: no journal",
		strings.Replace(headerLine, `"version":2`, `"version":3`, 1): "1:1: this journal has version 3, and this program reads up to 2",
		strings.Replace(headerLine, `"version":2`, `"version":0`, 1): "1:1: there is no version 0",
		headerLine + "{}\n": "2:1: neither a frame",
		headerLine + "\n" + `{"t":1,"conn":1,"dir":"x","hex":"00"}` + "\n": `3:1: "dir"`,
		headerLine + `{"conn":1,"dir":"<","hex":"00"}` + "\n":              `2:1: "t"`,
		headerLine + `{"t":1,"dir":"<","hex":"00"}` + "\n":                 `2:1: "conn"`,
		headerLine + `{"t":1,"conn":1,"dir":"<","hex":"0"}` + "\n":         `2:1: "hex": 1 digits`,
		headerLine + `{"t":1,"conn":1,"dir":"<","hex":"0G"}` + "\n":        `2:1: "hex": character 2`,
		headerLine + `{"t":"x","conn":1,"dir":"<","hex":"00"}` + "\n":      "2:8: t: want float64",
		headerLine + strings.Repeat(" ", 5<<20) + "\n":                     "2:1: a line of more than",
	} {
		if _, _, err := read(t, text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.80q: got %v, want %s", text, err, want)
		}
	}
}

// FuzzReader: no text makes it panic or go on for ever.
func FuzzReader(f *testing.F) {
	f.Add(headerLine + frameLine)
	f.Fuzz(func(t *testing.T, text string) {
		numbers, _, _ := read(t, text)
		if len(numbers) > strings.Count(text, "\n")+1 {
			t.Errorf("more lines than there are: %d", len(numbers))
		}
	})
}
