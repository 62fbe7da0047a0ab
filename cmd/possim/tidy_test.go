package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms is the plan of the house: each package and the packages of this module
// it may import, beside the standard library. A package that is not listed, and
// an import that is not listed for it, fail. The rule behind it:
//
//	reader < host < emulator < scenarios < cmd
var rooms = map[string]string{
	"reader/card":             "",
	"reader/mac":              "",
	"reader/emv":              "reader/card reader/mac",
	"reader/icc":              "reader/card reader/emv reader/mac",
	"reader/magstripe":        "reader/card",
	"reader":                  "reader/card reader/magstripe",
	"reader/protocol":         "reader reader/card reader/magstripe",
	"reader/device":           "reader",
	"reader/keyboard":         "reader reader/card reader/device reader/magstripe reader/protocol",
	"reader/hid":              "reader reader/device reader/protocol",
	"reader/serialport":       "reader reader/card reader/magstripe reader/protocol",
	"reader/recording":        "reader reader/card reader/magstripe",
	"reader/scripted":         "reader reader/card reader/magstripe",
	"reader/pty":              "reader reader/card reader/magstripe reader/protocol",
	"reader/vpcd":             "",
	"reader/vpcd/vpcdtest":    "reader/vpcd",
	"reader/pcsc":             "reader",
	"host/money":              "",
	"host/wire":               "host/money reader/card",
	"host/hsm":                "reader/card reader/mac",
	"host/ledger":             "",
	"host/ledger/ledgertest":  "host/ledger",
	"host/ledger/gather":      "host/ledger",
	"host/sqlite":             "host/ledger host/ledger/gather",
	"host/postgres":           "host/ledger host/ledger/gather",
	"host/postgres/pgtest":    "",
	"host/registry":           "host/hsm host/money reader/card reader/emv",
	"host":                    "host/hsm host/ledger host/money host/registry host/wire reader/card reader/emv",
	"host/server":             "host/wire",
	"emulator/kernel":         "host/money reader reader/card reader/emv reader/mac",
	"emulator/slip":           "host/money host/wire reader/card",
	"emulator":                "emulator/kernel emulator/slip host/hsm host/money host/wire reader reader/card reader/emv reader/magstripe",
	"scenarios/sim":           "host/wire",
	"scenarios/fault":         "host/wire",
	"scenarios/journal":       "host/hsm host/money host/registry host/wire reader/card reader/emv",
	"scenarios/foreign":       "host/wire reader/card",
	"scenarios/draft":         "host/wire reader/card scenarios/journal",
	"scenarios/catalog":       "",
	"scenarios":               "emulator emulator/kernel emulator/slip host host/hsm host/ledger host/money host/registry host/server host/wire reader reader/card reader/emv reader/icc reader/magstripe reader/scripted scenarios/catalog scenarios/fault scenarios/journal scenarios/sim",
	"scenarios/load/loadtest": "host/wire",
	"scenarios/load":          "emulator host/hsm host/money host/wire reader reader/card reader/magstripe",
	"scenarios/script":        "emulator host/hsm host/money host/wire reader reader/card reader/emv reader/icc scenarios scenarios/load",
	"cmd/possim":              "*",
}

// outside names the third-party modules that one package alone may import.
var outside = map[string]string{
	"github.com/moov-io/iso8583": "host/wire",
	"github.com/tarm/serial":     "reader/serialport",
	"github.com/sf1/go-card":     "reader/pcsc",
	"zombiezen.com/go/sqlite":    "host/sqlite",
	"github.com/jackc/pgx/v5":    "host/postgres",
	"github.com/spf13/cobra":     "cmd/possim",

	"github.com/gopacket/gopacket":            "scenarios/foreign",
	"github.com/HdrHistogram/hdrhistogram-go": "scenarios/load",
	"github.com/grafana/sobek":                "scenarios/script",
}

// mayStart lists the packages that may start goroutines: everything else runs in
// its caller's, so that a simulated world is one actor at a time.
var mayStart = strings.Fields("host/server host/sqlite host/postgres host/ledger/ledgertest reader/pcsc reader/pty reader/vpcd/vpcdtest scenarios scenarios/load")

// banned are the doors to the real world. Outside cmd the world is handed in.
var banned = map[string]string{
	"time":         "Now Since Until Sleep After AfterFunc NewTimer NewTicker Tick",
	"context":      "WithTimeout WithDeadline WithTimeoutCause WithDeadlineCause",
	"os":           "Getenv LookupEnv Environ Stdin Stdout Stderr",
	"math/rand":    "*",
	"math/rand/v2": "Int IntN Int32 Int32N Int64 Int64N Uint32 Uint32N Uint64 Uint64N UintN Uint N Float32 Float64 NormFloat64 ExpFloat64 Perm Shuffle",
	"crypto/rand":  "*",
}

const maxFunctionLines = 70

// TestTidy holds the plan of the house against the code.
func TestTidy(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(root, path, d)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		room := filepath.ToSlash(rel)
		for _, problem := range tidy(room, path) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// enter skips what is not this module's code: dot folders, testdata, nested modules.
func enter(root, path string, d fs.DirEntry) error {
	name := d.Name()
	if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
		return filepath.SkipDir
	}
	if nested, _ := filepath.Glob(filepath.Join(path, "go.mod")); path != root && len(nested) > 0 {
		return filepath.SkipDir
	}
	return nil
}

// tidy returns what one file does that the house forbids.
func tidy(room, path string) []string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
	if err != nil {
		return []string{err.Error()}
	}
	c := checker{room: room, fset: fset, names: map[string]string{}}
	if _, ok := rooms[room]; !ok {
		c.complain(file.Package, "package %s is not in the plan: list it in rooms with what it may import", room)
	}
	if base := filepath.Base(room); slices.Contains(strings.Fields("util utils common helpers models"), base) {
		c.complain(file.Package, "a package called %s says nothing about what it owns", base)
	}
	c.imports(file)
	ast.Inspect(file, c.node)
	c.docs(file)
	return c.problems
}

type checker struct {
	room     string
	fset     *token.FileSet
	names    map[string]string // local name of an import to its path
	problems []string
}

func (c *checker) complain(at token.Pos, format string, args ...any) {
	c.problems = append(c.problems, c.fset.Position(at).String()+": "+fmt.Sprintf(format, args...))
}

func (c *checker) imports(file *ast.File) {
	allowed := strings.Fields(rooms[c.room])
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if name == "v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		c.names[name] = path
		if own, ok := strings.CutPrefix(path, "possim/"); ok {
			if rooms[c.room] != "*" && !slices.Contains(allowed, own) {
				c.complain(spec.Pos(), "%s may not import %s (reader < host < emulator < scenarios < cmd)", c.room, own)
			}
		}
		for module, only := range outside {
			if (path == module || strings.HasPrefix(path, module+"/")) && c.room != only {
				c.complain(spec.Pos(), "only %s imports %s", only, module)
			}
		}
		if banned[path] == "*" && !c.inCmd() {
			c.complain(spec.Pos(), "%s is banned outside cmd: randomness is handed in", path)
		}
	}
}

func (c *checker) inCmd() bool { return strings.HasPrefix(c.room, "cmd/") }

func (c *checker) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		c.selector(n)
	case *ast.GoStmt:
		if !c.inCmd() && !slices.Contains(mayStart, c.room) {
			c.complain(n.Pos(), "%s may not start a goroutine", c.room)
		}
	case *ast.FuncDecl:
		if n.Body != nil {
			c.length("function "+n.Name.Name, n.Body)
		}
	}
	return true
}

func (c *checker) selector(n *ast.SelectorExpr) {
	x, ok := n.X.(*ast.Ident)
	if !ok || c.inCmd() {
		return
	}
	path, ok := c.names[x.Name]
	if ok && x.Obj == nil && slices.Contains(strings.Fields(banned[path]), n.Sel.Name) {
		c.complain(n.Pos(), "%s.%s is banned outside cmd: the world is handed in", x.Name, n.Sel.Name)
	}
}

func (c *checker) length(what string, body *ast.BlockStmt) {
	if lines := c.fset.Position(body.End()).Line - c.fset.Position(body.Pos()).Line; lines > maxFunctionLines {
		c.complain(body.Pos(), "%s has %d lines, more than %d", what, lines, maxFunctionLines)
	}
}

// docs wants a comment on every exported name; a group's comment serves its constants.
func (c *checker) docs(file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
				c.complain(d.Pos(), "%s has no doc comment", d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				c.specDoc(d, spec)
			}
		}
	}
}

func (c *checker) specDoc(d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
			c.complain(s.Pos(), "%s has no doc comment", s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
				c.complain(name.Pos(), "%s has no doc comment", name.Name)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
