package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// Secret is bytes that never print: every verb and encoding shows four asterisks.
type Secret []byte

// String returns asterisks, always as many.
func (Secret) String() string { return hidden }

// Format implements fmt.Formatter so that no verb shows the bytes.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// String tells the message type, the STAN and which fields there are, and nothing
// of what is in the others: "0200 STAN 000001, fields 3 4 11 41".
func (m Message) String() string {
	var b strings.Builder
	b.WriteString(string(m.MTI))
	if m.STAN != "" {
		b.WriteString(" STAN " + m.STAN)
	}
	b.WriteString(", fields")
	fields := m.present()
	for number := fields.first(); number != 0; number = fields.first() {
		fields.Remove(number)
		b.WriteString(" " + strconv.Itoa(number))
	}
	return printable(b.String())
}

// Format implements fmt.Formatter so that no verb shows more than String.
func (m Message) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// MarshalText implements encoding.TextMarshaler, for logs.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
