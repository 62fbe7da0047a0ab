package script

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/grafana/sobek"
	"github.com/grafana/sobek/parser"

	"possim/reader/icc"
	"possim/scenarios"
	"possim/scenarios/load"
)

// World is what a script is read in.
type World struct {
	// Read returns what is in a file: the script, what it imports, and what it opens.
	Read func(path string) ([]byte, error)
	// Print takes what the script says, a line at a time: console.log and its like, and
	// what goes wrong. It is called from the goroutines of all terminals.
	Print func(line string)
	Env   map[string]string // what the script sees as env
	// Named are the cards that cards.named and scenarios know.
	Named []*scenarios.Card
	// Chip opens what the chip of a card remembers, as in scenarios.Real: it is saved by
	// Close. nil begins with cards as they left the factory.
	Chip ChipMemory
}

// Script is a file that was read.
type Script struct {
	World
	Options Options
	path    string
	main    *sobek.SourceTextModuleRecord
	modules map[string]*sobek.SourceTextModuleRecord // by path
	paths   map[sobek.ModuleRecord]string
	texts   map[string][]byte // of modules, by path
	chips   chips

	mu     sync.Mutex // guards what follows
	suites map[string][]*scenarios.File
	told   map[string]bool // what was printed of errors
	plays  scenarios.Options
}

// Parse reads a script with all that it imports, and runs it once as far as its options
// need. The error is an *Error, with the place, or ctx's, or Read's of the script itself.
func Parse(ctx context.Context, path string, w World) (*Script, error) {
	s := &Script{World: w, path: path, modules: map[string]*sobek.SourceTextModuleRecord{}, paths: map[sobek.ModuleRecord]string{},
		texts:  map[string][]byte{},
		suites: map[string][]*scenarios.File{}, told: map[string]bool{}}
	s.chips = chips{open: w.Chip, ring: scenarios.Keyring(), profiles: map[string]icc.Profile{}, named: map[string]*chip{}}
	main, err := s.module(path)
	if err != nil {
		return nil, err
	}
	s.main = main
	if err := survived(main.Link); err != nil {
		return nil, placed(path, err)
	}
	v, err := s.read(ctx, nil)
	if err != nil {
		return nil, err
	}
	line, column := s.place(path, optionsForm)
	s.Options.Line = line
	err = v.interruptible(ctx, func() error {
		if err := s.Options.read(v.exports.Get("options")); err != nil {
			return &Error{File: path, Line: line, Column: column, Message: err.Error()}
		}
		return s.expects(v)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Player makes a terminal's own copy of the script: a load.Config.Player.
func (s *Script) Player(ctx context.Context, seat *load.Seat) (load.Player, error) {
	v, err := s.read(ctx, seat)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Scenarios says how scenario files are played that the script has: dialect, keys, MACs
// and a Real, whose Dial, State and Chip the script fills in.
func (s *Script) Scenarios(o scenarios.Options) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plays = o
}

// Close saves what the chips remember.
func (s *Script) Close() error { return s.chips.close() }

// module parses a file of the script, once.
func (s *Script) module(path string) (*sobek.SourceTextModuleRecord, error) {
	if m := s.modules[path]; m != nil {
		return m, nil
	}
	text, err := s.Read(path)
	if err != nil {
		return nil, err
	}
	s.texts[path] = text
	if err := bounded(path, text); err != nil {
		return nil, err
	}
	// A source map would be looked for in the world outside.
	var m *sobek.SourceTextModuleRecord
	err = survived(func() error {
		program, err := parser.ParseFile(nil, path, string(text), 0, parser.IsModule, parser.WithDisableSourceMaps)
		if err == nil {
			m, err = sobek.ModuleFromAST(program, s.resolve)
		}
		return err
	})
	if err != nil {
		return nil, placed(path, err)
	}
	s.modules[path], s.paths[m] = m, path
	return m, nil
}

// The engine takes stack for each level of a text, and a text without bounds takes all there
// is, which ends the process.
const (
	longestFile  = 4 << 20 // bytes
	mostBrackets = 1000    // open at the same place
)

// bounded refuses a text that the engine had better not see. It counts brackets in strings
// and comments, too, where none come to so many.
func bounded(path string, text []byte) error {
	if len(text) > longestFile {
		return &Error{path, 1, 1, fmt.Sprintf("it has %d bytes: want at most %d; data belongs in a file that the script opens", len(text), longestFile)}
	}
	open, line, start := 0, 1, 0
	for i, b := range text {
		switch b {
		case '(', '[', '{':
			open++
		case ')', ']', '}':
			open = max(open-1, 0)
		case '\n':
			line, start = line+1, i+1
		}
		if open > mostBrackets {
			return &Error{path, line, i - start + 1, fmt.Sprintf("here are more than %d brackets open: want fewer", mostBrackets)}
		}
	}
	return nil
}

// resolve finds what a file imports: possim, or a file beside it.
func (s *Script) resolve(from any, name string) (sobek.ModuleRecord, error) {
	if name == moduleName {
		return native{s}, nil
	}
	record, _ := from.(sobek.ModuleRecord)
	importer := cmp.Or(s.paths[record], s.path)
	wrong := func(format string, args ...any) error {
		line, column := s.place(importer, regexp.MustCompile(`(["']`+regexp.QuoteMeta(name)+`["'])`))
		return &Error{importer, line, column, fmt.Sprintf("it imports %q: "+format, append([]any{name}, args...)...)}
	}
	if !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") {
		return nil, wrong("there is %q, and files, as in './cards.js'", moduleName)
	}
	m, err := s.module(filepath.Join(filepath.Dir(importer), filepath.FromSlash(name)))
	var unread *fs.PathError
	if errors.As(err, &unread) {
		err = wrong("%s", err)
	}
	return m, err
}

// expects refuses a script that counts on functions being called that nobody calls.
func (s *Script) expects(v *vm) error {
	for _, name := range neverCalled {
		if _, is := sobek.AssertFunction(v.exports.Get(name)); is {
			line, column := s.place(s.path, regexp.MustCompile(`(?m)^[ \t]*(export\s[^\n]*\b`+name+`\b)`))
			return &Error{s.path, line, column, fmt.Sprintf("it exports %s, which k6 calls and possim does not: what prepares a terminal stands at the top of the file", name)}
		}
	}
	return nil
}

// optionsForm is where a file has its options.
var optionsForm = regexp.MustCompile(`(?m)^[ \t]*((?:export\s+)?(?:const|let|var|function)\s+options)\b`)

// place is where the text of a file first has a form, in its first group; 1 and 1 where it
// has none. A file is read once: it may be a pipe.
func (s *Script) place(path string, form *regexp.Regexp) (line, column int) {
	text := s.texts[path]
	at := form.FindSubmatchIndex(text)
	if at == nil {
		return 1, 1
	}
	before := text[:at[2]]
	return 1 + bytes.Count(before, []byte("\n")), at[2] - bytes.LastIndexByte(before, '\n')
}
