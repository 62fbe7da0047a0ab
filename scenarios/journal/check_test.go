package journal_test

import (
	"fmt"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// problems is what Check says of a journal.
func problems(t *testing.T, d *wire.Dialect, text string) string {
	t.Helper()
	all, err := journal.Check(strings.NewReader(text), d, 20)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(fmt.Sprint(all.Problems), "[]")
}

// TestCheckNamesEachProblem: with its line, before anything is played.
func TestCheckNamesEachProblem(t *testing.T) {
	d := wire.ISO87ASCII()
	frame, err := d.Encode(nil, purchase(), nil)
	if err != nil {
		t.Fatal(err)
	}
	line := func(at float64, conn int, dir, mti string, frame []byte) string {
		return fmt.Sprintf(`{"t":%v,"conn":%d,"dir":"%s","mti":"%s","hex":"%X"}`+"\n", at, conn, dir, mti, frame)
	}
	good := line(1, 1, ">", "0200", frame)
	for text, want := range map[string]string{
		headerLine + good: "",
		headerLine + good + line(0.5, 2, ">", "0200", frame):                                                    "", // two connections change places by less than a second
		headerLine + good + line(0, 1, ">", "0200", frame):                                                      "",
		headerLine + line(9, 1, ">", "0200", frame) + good:                                                      "3:1: the clock goes back by 8.000 s",
		headerLine + good[:40] + "\n" + good[:50] + "\n":                                                        "2:41: invalid character '\\n' in string literal 3:51: invalid character",
		headerLine + line(1, 1, "<", "0210", frame):                                                             "2:1: the frame is a 0200 and the line says \"0210\"",
		headerLine + good + line(1, 2, "<", "0200", frame):                                                      "3:1: an answer on connection 2, on which nothing was sent",
		headerLine + line(1, 1, ">", "0200", frame[:20]):                                                        "2:1: the frame is not of the dialect iso87ascii: offset 20",
		headerLine + line(1, 1, ">", "0200", append([]byte{byte(len(frame) >> 8), byte(len(frame))}, frame...)): "2:1: the frame is not of the dialect iso87ascii: offset 0, mti: ",
		strings.Replace(headerLine, "iso87ascii", "unionpay", 1) + good:                                         "1:1: it was recorded in the dialect unionpay, and this is iso87ascii: say --dialect",
		strings.Replace(headerLine, `"version":2`, `"version":1`, 1) + good:                                     "1:1: a journal of version 1 holds no whole messages",
		strings.Replace(headerLine, `"version":2`, `"version":9`, 1) + good:                                     "1:1: this journal has version 9",
	} {
		if got := problems(t, d, text); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	if got := problems(t, d, headerLine+strings.Repeat("{}\n", 100)); strings.Count(got, "neither a frame") != 20 {
		t.Errorf("got %s, want the first twenty", got)
	}
}
