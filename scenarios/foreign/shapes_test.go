package foreign

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what TestShapes finds as what it wants")

// TestShapes reads logs in the shapes that other people's programs give them: jPOS of
// each generation through every listener, logger, container, export, mail and page
// that was met, dumps of every program, and what is no log. The shapes are of public
// questions, issues and sources; what is in them is our own. Each must come in, or be
// refused with its place and a reason.
func TestShapes(t *testing.T) {
	all, err := filepath.Glob("testdata/shapes/*")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, path := range all {
		if strings.HasSuffix(path, ".want") {
			continue
		}
		read++
		t.Run(filepath.Base(path), func(t *testing.T) { shape(t, path) })
	}
	if read < 60 {
		t.Errorf("%d shapes: the others are not there", read)
	}
}

// TestCutGzip reads what is whole of a file whose packing is cut off.
func TestCutGzip(t *testing.T) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for i := range 5000 {
		fmt.Fprintf(z, "<log realm=\"c\" at=\"2026-06-01T09:00:00\">\n<send>\n<isomsg><field id=\"0\" value=\"0800\"/><field id=\"11\" value=\"%06d\"/></isomsg>\n</send>\n</log>\n", i*7919%1000000)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, events, r := read(t, Import{Lenient: true}, out.String()[:out.Len()/2])
	if len(events) < 1000 || r.Count != 1 || !strings.Contains(r.Problems[0].Error(), "the file's gzip is cut off") || r.Problems[0].Place != events[len(events)-1].Place {
		t.Errorf("%d messages, %v", len(events), r.Problems)
	}
}

func shape(t *testing.T, path string) {
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, events, r := read(t, Import{Lenient: true}, string(log))
	var b strings.Builder
	if r.Format != "" {
		fmt.Fprintf(&b, "%s: %s\n", r.Format, r.Why)
	}
	if r.Dialect != nil {
		fmt.Fprintf(&b, "%s: %s\n", r.Dialect, r.Because)
	}
	for i, line := range lines {
		fmt.Fprintf(&b, "%s %s\n", events[i].At.Format("15:04:05.000"), line)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem %v\n", p)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note %s: %s\n", n.Place, n)
	}
	want, err := os.ReadFile(path + ".want")
	if *update {
		if err := os.WriteFile(path+".want", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	} else if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if len(events) == 0 && r.Count == 0 {
		t.Error("no message, and no reason")
	}
}
