package journal

import _ "embed" // the schema

// Schema is the JSON Schema (2020-12) of a line of a journal.
//
//go:embed journal.schema.json
var Schema string
