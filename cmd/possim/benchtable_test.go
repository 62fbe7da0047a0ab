package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	tableFile = flag.String("table", "", "run the benchmarks and write their table to this file (make bench)")
	tablePage = flag.String("page", "", "and put it into this page, between its marks")
)

// series are the benchmarks of the table, with how long each is measured.
var series = []struct{ pkg, bench, time, count string }{
	{"./host/wire", "^Benchmark(Encode|Decode|Stock)$", "200ms", "3"},
	{"./reader/magstripe", "^BenchmarkSwipeDecode$", "300ms", "3"},
	{"./host", "^Benchmark(Sale|SealedSale)$", "300ms", "3"},
	{"./host/sqlite", "^BenchmarkCommit$", "1s", "3"},
	{"./scenarios/load", "^BenchmarkWholePath$", "2x", "1"},
	{"./scenarios/load", "^BenchmarkWholePathPostgres$", "2x", "1"},
	{"./scenarios/script", "^BenchmarkSale$", "300ms", "3"},
	{"./scenarios", "^BenchmarkCatalog$", "3x", "3"},
	{"./cmd/possim", "^BenchmarkColdStart$", "15x", "1"},
	{"./cmd/possim", "^BenchmarkTerminals$", "1x", "1"},
}

// A line of the table. Names are of benchmarks, "name unit"; without a unit it is ns/op.
type line struct {
	what   string
	is     string
	floor  string // what it is beside, "" where that is in the figure itself
	beside string // in words
	wanted string
}

func lines() (all []line) {
	for _, dialect := range []string{"unionpay", "iso87ascii", "iso87bcd"} {
		wanted := ""
		if dialect == "unionpay" {
			wanted = "at most 25"
		}
		all = append(all,
			line{what: "pack, " + dialect, is: "Encode/" + dialect, floor: "Encode/floor", beside: "hand-written for one message", wanted: wanted},
			line{what: "unpack, " + dialect, is: "Decode/" + dialect, floor: "Decode/floor", beside: "hand-written for one message", wanted: wanted})
	}
	all = append(all,
		line{what: "pack, moov with its own BCD", is: "Stock/pack", floor: "Encode/unionpay", beside: "unionpay", wanted: "at least 5"},
		line{what: "unpack, moov with its own BCD", is: "Stock/unpack", floor: "Decode/unionpay", beside: "unionpay", wanted: "at least 5"},
		line{what: "decode of a swipe", is: "SwipeDecode"},
		line{what: "one decision, frame to frame, in memory", is: "Sale/unionpay", floor: "Encode/floor + Decode/floor", beside: "hand-written codec"},
		line{what: "the same with MACs", is: "SealedSale", floor: "Encode/floor + Decode/floor", beside: "hand-written codec"},
	)
	for _, n := range []string{"1", "64", "512"} {
		all = append(all,
			line{what: "durable commits, " + n + " at once", is: "Commit/sqlite/" + n + " commits/s", floor: "Commit/sqlite/" + n + " log/s", beside: "the same decisions in an append-only log, group commit", wanted: map[string]string{"64": "at least 0.5"}[n]},
			line{what: "durable commits, " + n + " at once", is: "Commit/sqlite/" + n + " commits/s", floor: "Commit/sqlite/" + n + " floor/s", beside: "such a log that decides nothing"})
	}
	for _, who := range []string{"light", "load"} {
		for _, n := range []string{"1", "8", "64", "512"} {
			all = append(all, line{what: "whole path, " + n + " connections, " + who + " terminals", is: "WholePath/" + who + "/" + n + " sales/s", floor: "WholePath/" + who + "/" + n + " raw/s", beside: "TCP ping-pong", wanted: map[string]string{"light64": "at least 0.25"}[who+n]})
		}
		all = append(all,
			line{what: "median sale on 1 connection, " + who + " terminal", is: "WholePath/" + who + "/1 p50-us", floor: "WholePath/" + who + "/1 fdatasync-us", beside: "fdatasync", wanted: map[string]string{"light": "below 4"}[who]},
			line{what: "processor time of a sale, 64 connections, " + who, is: "WholePath/" + who + "/64 cpu-us", floor: "WholePath/" + who + "/64 raw-cpu-us", beside: "TCP ping-pong"})
	}
	return append(all,
		line{what: "whole path over PostgreSQL, 64 connections", is: "WholePathPostgres/cold/64 sales/s", floor: "WholePathPostgres/cold/64 raw/s", beside: "TCP ping-pong", wanted: "at least 8000 /s"},
		line{what: "the same, all on one card", is: "WholePathPostgres/hot/64 sales/s", floor: "WholePathPostgres/cold/64 sales/s", beside: "on a thousand", wanted: "at least 0.33"},
		line{what: "a sale by a script of a load, without a host", is: "Sale/script", floor: "Sale/mix", beside: "by a mix"},
		line{what: "the whole catalog", is: "Catalog"},
		line{what: "cold start, a file of one scenario", is: "ColdStart/file p50-ms", floor: "ColdStart/floor p50-ms", beside: "a process that does nothing", wanted: "below 100 ms"},
		line{what: "cold start, one scenario of the catalog", is: "ColdStart/catalog p50-ms", floor: "ColdStart/floor p50-ms", beside: "a process that does nothing"},
		line{what: "cold start, a chip sale of the catalog", is: "ColdStart/chip p50-ms", floor: "ColdStart/floor p50-ms", beside: "a process that does nothing"},
		line{what: "cold start, the whole catalog", is: "ColdStart/together p50-ms", floor: "ColdStart/floor p50-ms", beside: "a process that does nothing"},
		line{what: "a host with 10,000 idle terminals", is: "Terminals MB-idle", floor: "Terminals MB-empty", beside: "a host with none", wanted: "below 400 MB"},
		line{what: "memory of an idle terminal", is: "Terminals KB/idle-terminal"},
		line{what: "memory of a busy terminal", is: "Terminals KB/busy-terminal"},
	)
}

// TestBenchTable is `make bench`.
func TestBenchTable(t *testing.T) {
	if *tableFile == "" {
		t.Skip("make bench asks for it")
	}
	figures, machine := measure(t)
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n\n", machine)
	printTable(&out, figures)
	if err := os.MkdirAll(filepath.Dir(*tableFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*tableFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if *tablePage != "" {
		if err := putTable(*tablePage, out.String()); err != nil {
			t.Fatal(err)
		}
	}
}

var figure = regexp.MustCompile(`([0-9.e+]+) (\S+)`)

// measure runs the benchmarks one series after the other, and takes what they print:
// "BenchmarkEncode/unionpay-2  100  2219 ns/op  0 B/op".
func measure(t *testing.T) (figures map[string][]float64, machine string) {
	figures = map[string][]float64{}
	machine = fmt.Sprintf("%s, %d processors, %s/%s", runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if kernel, err := exec.Command("uname", "-sr").Output(); err == nil {
		machine += ", " + strings.TrimSpace(string(kernel))
	}
	named := false
	for _, s := range series {
		cmd := exec.Command("go", "test", "-run", "^$", "-bench", s.bench, "-benchtime", s.time, "-count", s.count, s.pkg)
		cmd.Dir, cmd.Stderr = filepath.Join("..", ".."), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v\n%s", s.pkg, err, out)
		}
		for text := range strings.Lines(string(out)) {
			if cpu, ok := strings.CutPrefix(text, "cpu: "); ok && !named {
				machine, named = strings.TrimSpace(cpu)+", "+machine, true
			}
			name, rest, ok := strings.Cut(strings.TrimPrefix(text, "Benchmark"), "\t")
			if !ok || !strings.HasPrefix(text, "Benchmark") {
				continue
			}
			name = regexp.MustCompile(`-\d+\s*$`).ReplaceAllString(name, "")
			rest = strings.Join(strings.Fields(rest)[1:], " ")
			for _, m := range figure.FindAllStringSubmatch(rest, -1) {
				if value, err := strconv.ParseFloat(m[1], 64); err == nil {
					figures[name+" "+m[2]] = append(figures[name+" "+m[2]], value)
				}
			}
		}
	}
	return figures, machine
}

// valueOf is the median of a figure, or the sum of several.
func valueOf(figures map[string][]float64, name string) (value float64, unit string, ok bool) {
	for _, part := range strings.Split(name, " + ") {
		if _, unit, ok = strings.Cut(part, " "); !ok {
			part, unit = part+" ns/op", "ns/op"
		}
		all := slices.Sorted(slices.Values(figures[part]))
		if len(all) == 0 {
			return 0, unit, false
		}
		value += all[len(all)/2]
	}
	return value, unit, true
}

func printTable(out io.Writer, figures map[string][]float64) {
	fmt.Fprintln(out, "| what | measured | beside | that | ratio | wanted |")
	fmt.Fprintln(out, "|---|---:|---|---:|---:|---|")
	for _, l := range lines() {
		is, unit, ok := valueOf(figures, l.is)
		if !ok {
			fmt.Fprintf(out, "| %s | not measured | | | | %s |\n", l.what, l.wanted)
			continue
		}
		that, ratio := "", ""
		if floor, floorUnit, ok := valueOf(figures, l.floor); ok && l.floor != "" {
			that, ratio = shownFigure(floor, floorUnit), fmt.Sprintf("%.3g", is/floor)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", l.what, shownFigure(is, unit), l.beside, that, ratio, l.wanted)
	}
}

// shownFigure writes a figure with its unit.
func shownFigure(value float64, unit string) string {
	switch {
	case unit == "ns/op" && value >= 1e6:
		return fmt.Sprintf("%.4g ms", value/1e6)
	case unit == "ns/op":
		return fmt.Sprintf("%.3g us", value/1e3)
	case strings.HasSuffix(unit, "/s"):
		return fmt.Sprintf("%.0f /s", value)
	}
	for end, word := range map[string]string{"-us": "us", "-ms": "ms", "MB-idle": "MB", "MB-empty": "MB", "KB/idle-terminal": "KB", "KB/busy-terminal": "KB"} {
		if strings.HasSuffix(unit, end) {
			return fmt.Sprintf("%.4g %s", value, word)
		}
	}
	return fmt.Sprintf("%.4g %s", value, unit)
}

// The marks between which a page holds the table.
const tableBegin, tableEnd = "<!-- table -->\n", "<!-- end of table -->"

func putTable(page, table string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the table, between %q and %q", page, strings.TrimSpace(tableBegin), tableEnd)
	}
	return os.WriteFile(page, []byte(before+tableBegin+table+tableEnd+after), 0o644)
}

// TestTableIsRead: the figures of a benchmark's output come out where they belong.
func TestTableIsRead(t *testing.T) {
	figures := map[string][]float64{
		"Encode/unionpay ns/op": {1000, 3000, 2000}, "Encode/floor ns/op": {100}, "Decode/floor ns/op": {300}, "SealedSale ns/op": {8000},
		"WholePath/light/64 sales/s": {20000}, "WholePath/light/64 raw/s": {80000},
	}
	var out bytes.Buffer
	printTable(&out, figures)
	for _, want := range []string{
		"| pack, unionpay | 2 us | hand-written for one message | 0.1 us | 20 | at most 25 |",
		"| the same with MACs | 8 us | hand-written codec | 0.4 us | 20 |  |",
		"| whole path, 64 connections, light terminals | 20000 /s | TCP ping-pong | 80000 /s | 0.25 | at least 0.25 |",
		"| decode of a swipe | not measured |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %s in\n%s", want, out.String())
		}
	}
}
