package wire

import (
	"fmt"
	"strings"
)

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
	switch {
	case v.class() == "08" && v.network == "362" && !v.answer():
		return v.conditions(string(value))
	case v.class() == "03" && chipNotices[v.network] && !v.answer():
		return v.chipNotice(string(value))
	case v.class() != "08" || !listNetworks[v.network]:
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

// conditions shows the status report of a terminal (0820, 60.3 = 362): parts of a
// number (n2) and a state (n1) each. What the parts are was not published with the
// one report that is public.
func (v *veil) conditions(s string) (parts []ShownPart, err error) {
	c := cut(62, s)
	for c.more() {
		number := c.digits("number of a part", 2)
		state := c.digits("state of part "+number, 1)
		if c.err == nil {
			parts = append(parts, ShownPart{Label: "62." + number, Name: "state 状态", Value: state})
		}
	}
	return parts, c.end()
}

// chipNotices are the uploads about one chip transaction.
var chipNotices = map[string]bool{"203": true, "204": true, "205": true, "206": true}

var cardClasses = map[string]string{"00": "domestic 内卡", "01": "foreign 外卡"}

var refusedBy = map[string]string{"1": "the card: AAC", "2": "the issuer's ARPC"}

// chipNotice shows what goes with an upload about a chip transaction (0320, 60.3 =
// 203 to 206): usage 61, one that was approved, or usage 71, one that the card
// declined or whose ARPC was wrong. Of usage 71 the public text leaves out what
// stands between its first and its last digits; it is taken for what usage 61 has
// there, and left whole when it is not as long.
func (v *veil) chipNotice(s string) ([]ShownPart, error) {
	c := cut(62, s)
	usage := c.text("usage", 2)
	if usage != "61" && usage != "71" {
		return nil, nil // usage 92, a TC's own parts, and other acquirers'
	}
	parts := []ShownPart{{Label: "62.1", Name: "usage 用法", Value: usage}}
	add := func(name string, size int, means map[string]string) {
		value := c.text(name, size)
		if c.err == nil {
			parts = append(parts, ShownPart{Label: fmt.Sprintf("62.%d", len(parts)+1), Name: name, Value: v.printed(value), Means: means[value]})
		}
	}
	add("card class 卡类别", 2, cardClasses)
	add("response code 应答码", 2, nil)
	add("amount 金额", 12, nil)
	add("currency 货币", 3, nil)
	if usage == "71" {
		add("declined by 拒绝类型", 1, refusedBy)
		add("result 结果", 1, nil)
	}
	return parts, c.end()
}
