package wire

import "strings"

// hidesKeys reports whether field 62 carries working keys: in the answer to a sign-on.
func (v *veil) hidesKeys() bool {
	if !v.answer() || v.class() != "08" {
		return false
	}
	switch v.network {
	case "001", "003", "004", "005":
		return true
	}
	return v.network == "" // who knows
}

// A layout of working keys by its length (60.3 = 001, 003, 004): key sizes, each
// followed by a check value of four bytes.
var keyLayouts = map[int][]int{24: {8, 8}, 40: {16, 16}, 60: {16, 16, 16}, 56: {24, 24}, 84: {24, 24, 24}}

var keyNames = []string{"TPK", "TAK", "TDK"}

const checkValue = 4

// downloads shows field 62, whose content depends on the message.
func (v *veil) downloads(value []byte) ([]ShownPart, error) {
	if v.hidesKeys() {
		return v.keys(value), nil
	}
	if serial, err := ParseSequence(value); err == nil {
		return []ShownPart{{Label: "62", Name: "serial number 终端硬件序列号", Value: v.printed(serial)}}, nil
	}
	if v.class() != "08" || !listNetworks[v.network] {
		return nil, nil
	}
	if !v.answer() {
		if received, err := ParseListQuery(value); err == nil {
			return []ShownPart{{Label: "62", Name: "entries received 已下载数目", Value: string(value), Means: strings.TrimSpace(countOf(received))}}, nil
		}
		return v.objects(value, 0)
	}
	list, err := ParseList(value)
	if err != nil {
		return nil, err
	}
	entries, err := v.objects(list.Objects, 0)
	return append([]ShownPart{{Label: "62.1", Name: "state 下载标志", Value: string(rune(list.State)), Means: listMeans[list.State]}}, entries...), err
}

// What carries keys and parameters of chip cards.
var listNetworks = map[string]bool{"370": true, "371": true, "372": true, "373": true, "380": true, "381": true, "382": true}

var listMeans = map[ListState]string{ListEmpty: "nothing there", ListWhole: "all in this message", ListMore: "more follows", ListLast: "the last part"}

func countOf(n int) string {
	if n == 0 {
		return "from the beginning"
	}
	return "after those"
}

// keys shows what a block of working keys holds: its check values and no key, not
// even enciphered.
func (v *veil) keys(value []byte) []ShownPart {
	if raw, _, err := (hexText{}).Decode(value, len(value)/2); err == nil { // in characters, as iso87ascii has it
		value = raw
	}
	sizes, known := keyLayouts[len(value)]
	if !known {
		return nil
	}
	var parts []ShownPart
	at := 0
	for i, size := range sizes {
		check := value[at+size : at+size+checkValue]
		parts = append(parts, ShownPart{Label: "62." + string(rune('1'+i)), Name: keyNames[i], Value: hidden, Means: "KCV " + upperHex(check)})
		at += size + checkValue
	}
	return parts
}

// printed is text as it is where it is text.
func (v *veil) printed(s string) string {
	for _, b := range []byte(s) {
		if b < ' ' || b > '~' {
			return upperHex([]byte(s))
		}
	}
	return v.others(v.likely(s))
}
