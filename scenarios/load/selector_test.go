package load_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"possim/scenarios/load"
)

// TestSeriesThresholds judges a run whose orders are known.
func TestSeriesThresholds(t *testing.T) {
	r := mixedRun(t)
	for text, want := range map[string]string{ // "" is not crossed
		"p99{code:00}>10ms": "", "p99{code:51}>10ms": "it is 30", "p99>10ms": "it is 30", "max{ code:51 , kind:sale } > 10ms": "it is 30",
		"answered{code:51}>10": "", "answered{code:51}>=10": "it is 10", "answered{code:51}>=10%": "it is 10.000% of all orders", "answered{code:51}>10%": "",
		"errors{cause:connection-lost}>0": "it is 10", "errors{cause:no-answer}>0": "", "errors{code:00}>0": "",
		"answered{kind:void}<10": "it is 0", "answered{tag:coffee}<1%": "it is 0.000% of all orders", "declined{code:51}<10": "", "approved{code:51}>0": "",
		"p50{kind:void}>1h": "no such order was answered", "rate{code:00}<8": "", "rate{code:51}<8": "it is 0",
	} {
		limit, err := load.ParseThreshold(text)
		if err != nil {
			t.Error(err)
			continue
		}
		how, crossed := limit.Crossed(&r)
		if crossed != (want != "") || !strings.HasPrefix(how, text+": "+want) {
			t.Errorf("%v, %s; want %q", crossed, how, want)
		}
	}
}

// TestImpossibleThresholds: what no order can have is refused, and the error says what
// there is.
func TestImpossibleThresholds(t *testing.T) {
	for text, want := range map[string]string{
		"p99{}>1s": "label:value", "p99{code}>1s": "label:value", "p99{code:00,}>1s": "label:value", "p99{code:00>1s": "want METRIC",
		"p99{status:200}>1s": "the labels are kind, tag, code and cause", "p99{Code:00}>1s": "the labels are", "speed{code:00}>1": "no metric",
		"p99{code:00,code:51}>1s": "twice", "p99{code:0}>1s": "two characters", "p99{code:000}>1s": "two characters", "p99{code:}>1s": "two characters",
		"p99{kind:gift}>1s": "the kinds are sale,", "errors{cause:noanswer}>0": "no-answer", "p99{tag:1}>1s": "want a letter", "p99{tag:}>1s": "want a letter",
		"p99{cause:no-answer}>1s": "is not answered", "max{cause:mac}>1s": "max is of answered", "answered{code:00,cause:mac}>0": "is not answered", "rate{cause:mac}<1": "is not answered",
		"sent{cause:behind}>0": "never sent", "errors{cause:behind,kind:sale}>0": "no other label", "errors{cause:script-error,tag:tea}>0": "no other label", "errors{cause:behind}>1s": "no limit",
		"errors>NaN": "no limit", "errors{kind:sale}>Inf": "no limit",
	} {
		if limit, err := load.ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v, want %q", text, limit, err, want)
		}
	}
}

// TestLabelsThereAre: every kind of order and every cause that package emulator has, and
// every cause of this package, can be asked for.
func TestLabelsThereAre(t *testing.T) {
	for file, label := range map[string]func(*ast.ValueSpec) string{
		"../../emulator/order.go": func(s *ast.ValueSpec) string {
			return map[string]string{"OrderKind": "kind", "Cause": "cause"}[fmt.Sprint(s.Type)]
		},
		"tally.go": func(s *ast.ValueSpec) string {
			if strings.HasPrefix(s.Names[0].Name, "cause") {
				return "cause"
			}
			return ""
		},
	} {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		ast.Inspect(source, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || label(spec) == "" {
				return true
			}
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err == nil {
				_, err = load.ParseThreshold("errors{" + label(spec) + ":" + text + "}>0")
			}
			if err != nil {
				t.Error(err)
			}
			found++
			return true
		})
		if found < 5 {
			t.Errorf("%d labels in %s: what was looked at?", found, file)
		}
	}
}

// FuzzParseThreshold: whatever is taken judges any run without harm, is about a limit that
// a figure can reach, and says what it was.
func FuzzParseThreshold(f *testing.F) {
	for _, text := range []string{"p99>50ms", "errors>0", "p99{code:00}>50ms", "answered{kind:void}<10", "answered{code:51}>1%", "errors{cause:no-answer}>0", "max{tag:coffee,kind:sale}>1s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		limit, err := load.ParseThreshold(text)
		if err != nil {
			return
		}
		how, crossed := limit.Crossed(&load.Report{Answered: 1, Approved: 1, Series: []load.Series{{Labels: load.Labels{Kind: "sale", Code: "00"}, Count: 1, Approved: 1}}})
		if !strings.HasPrefix(how, text+": ") || strings.Contains(how, "NaN") {
			t.Errorf("%q: %v, %s", text, crossed, how)
		}
		if how, crossed := limit.Crossed(&load.Report{Errors: 1}); strings.Contains(text, "{") && !crossed {
			t.Errorf("%q: nobody knows what the order was, and that is a success: %s", text, how)
		}
	})
}
