package wire

import "fmt"

// List is field 62 of an answer to a query or download of keys or parameters: one
// character that says what comes, then data objects.
type List struct {
	State   ListState
	Objects []byte // BER-TLV: 9F06 and 9F22 of each key, 9F06 of each application
}

// ListState is the first character.
type ListState byte

// The states of a list.
const (
	ListEmpty ListState = '0' // there is nothing
	ListWhole ListState = '1' // all is in this message
	ListMore  ListState = '2' // more follows: ask again with what was received
	ListLast  ListState = '3' // the last part
)

// ParseList reads field 62 of an answer.
func ParseList(data []byte) (List, error) {
	c := cut(62, string(data))
	state := c.text("state", 1)
	if c.err == nil && (state < "0" || state > "3") {
		c.fail("state", 0, "want 0 to 3")
	}
	if c.err != nil {
		return List{}, c.err
	}
	l := List{State: ListState(state[0])}
	if len(data) > 1 {
		l.Objects = data[1:]
	}
	if read := walkTLV(l.Objects, func(string, []byte, bool) {}); read < len(l.Objects) {
		return List{}, &PartError{Field: 62, Part: "objects", At: 1 + read, Err: errNotTLV}
	}
	return l, nil
}

// Field62 writes field 62 of an answer.
func (l List) Field62() []byte { return append([]byte{byte(l.State)}, l.Objects...) }

// ParseListQuery reads field 62 of a query: "100" to begin with, then 1 and how
// many entries have come.
func ParseListQuery(data []byte) (received int, err error) {
	c := cut(62, string(data))
	if one := c.text("query", 1); c.err == nil && one != "1" {
		c.fail("query", 0, "want 1")
	}
	received = int(c.number("received", 2))
	return received, c.end()
}

// ListQuery62 writes field 62 of a query. Two digits count to 99: beyond that a
// host cannot be asked.
func ListQuery62(received int) ([]byte, error) {
	if received < 0 || received > 99 {
		return nil, &PartError{Field: 62, Part: "received", At: 1, Err: fmt.Errorf("it does not fit into 2 digits")}
	}
	return fmt.Appendf(nil, "1%02d", received), nil
}

// Entry names a key (RID and index) or an application (AID alone).
type Entry struct {
	AID   string // 9F06, hexadecimal
	Index string // 9F22, hexadecimal; empty for an application
}

// Entries lists what the objects of a list, or field 62 of a download, name: each
// begins with 9F06. Objects such as the key's expiry (DF05) stand beside.
func Entries(objects []byte) ([]Entry, error) {
	tlvs, err := ParseTLV(objects)
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, o := range tlvs {
		switch {
		case o.Tag == "9F06":
			all = append(all, Entry{AID: upperHex(o.Value)})
		case o.Tag == "9F22" && len(all) > 0:
			all[len(all)-1].Index = upperHex(o.Value)
		}
	}
	return all, nil
}
