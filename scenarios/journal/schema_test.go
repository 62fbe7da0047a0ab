package journal_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// schema is the published one.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/journal.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema: what is written is as the published schema has it, and what is not as it
// has it is refused by the schema.
func TestSchema(t *testing.T) {
	s := schema(t)
	var b bytes.Buffer
	w := journal.NewWriter(&b, config(t, wire.UnionPay()))
	w.Header()
	w.Source(journal.Source{Path: "x.yaml", Text: "possim: 1\n"})
	w.World(journal.World{Scenario: "x", File: "x.yaml", Line: 1, Seed: 1, Start: start, MAC: "require"})
	w.Step(start, "card", 3, 5)
	frame, err := wire.UnionPay().Encode(nil, purchase(), func([]byte) ([]byte, error) { return []byte("12345678"), nil })
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Frame(start, 1, true, frame)
	_ = w.Frame(start, 1, true, frame[:20])
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 6 {
		t.Fatalf("got %d lines, want 6:\n%s", len(lines), b.String())
	}
	for _, line := range lines {
		if err := validate(s, line); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
	for _, line := range []string{"{}", `{"t":1,"conn":0,"dir":">","mti":"","hex":null}`, `{"t":1,"conn":1,"dir":">","mti":"0200","hex":"` + hex.EncodeToString(frame)[1:] + `"}`,
		strings.Replace(lines[0], `"version":2`, `"version":3`, 1), strings.Replace(lines[4], `"dir"`, `"direction"`, 1)} {
		if validate(s, line) == nil {
			t.Errorf("the schema takes %s", line)
		}
	}
}

func validate(s *jsonschema.Schema, line string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}
