package wire

import (
	"fmt"
	"slices"
	"strconv"
)

// Tagged is one item of field 59: a tag of two characters, a length of three
// digits, a value. Its value may be a payment code or a terminal's serial number,
// so it never prints.
type Tagged struct {
	Tag   string
	Value Secret
}

// The tags of field 59.
const (
	TagPINCipher    = "A1" // PIN under an SM algorithm
	TagTerminalInfo = "A2"
	TagScanCode     = "A3"
	TagVoucher      = "A4" // in an answer: what the slip of a code payment names
	TagLocation     = "A5"
)

// ParseTagged reads field 59, or a value in it that is made the same way.
func ParseTagged(text string) ([]Tagged, error) { return taggedAs(59, text) }

func taggedAs(field int, text string) ([]Tagged, error) {
	c := cut(field, text)
	var all []Tagged
	for c.more() {
		item := "item " + strconv.Itoa(len(all)+1)
		tag := c.text(item+", tag", 2)
		n := int(c.number(item+", length", 3))
		value := c.text(item+", value", n)
		if c.err == nil {
			all = append(all, Tagged{Tag: tag, Value: Secret(value)})
		}
	}
	return all, c.err
}

// Tagged59 writes field 59.
func Tagged59(items []Tagged) (string, error) {
	p := paster{field: 59}
	for i, item := range items {
		p.text("item "+strconv.Itoa(i+1)+", tag", item.Tag, 2)
		p.number("item "+strconv.Itoa(i+1)+", length", int64(len(item.Value)), 3)
		p.out = append(p.out, item.Value...)
	}
	return p.end()
}

// ScanCode returns the payment code in m's field 59; ok is false without one.
func (m *Message) ScanCode() (code QRCode, ok bool) {
	items, _ := ParseTagged(m.QR) // what could be read
	for _, item := range items {
		if item.Tag == TagScanCode {
			return QRCode(item.Value), true
		}
	}
	return "", false
}

// SetScanCode puts a payment code into m's field 59, in place of another, and
// leaves what else stands there.
func (m *Message) SetScanCode(code QRCode) error {
	return m.setTagged(TagScanCode, []byte(code))
}

func (m *Message) setTagged(tag string, value []byte) error {
	items, err := ParseTagged(m.QR)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(items, func(item Tagged) bool { return item.Tag == tag }); i >= 0 {
		items[i].Value = value
	} else {
		items = append(items, Tagged{Tag: tag, Value: value})
	}
	text, err := Tagged59(items)
	if err == nil {
		m.QR = text
	}
	return err
}

// TerminalInfo is what item A2 of field 59 says of the terminal.
type TerminalInfo struct {
	DeviceType string // 01: 04 is a POS terminal
	Serial     string // 02: TUSN, the terminal's unique serial number
	Random     string // 03: last six of the PAN or of the payment code
	Cipher     Secret // 04: eight characters that prove the serial number
	Version    string // 05: eight characters
}

func (t *TerminalInfo) places() []struct {
	tag   string
	value *string
} {
	return []struct {
		tag   string
		value *string
	}{{"01", &t.DeviceType}, {"02", &t.Serial}, {"03", &t.Random}, {"05", &t.Version}}
}

// ParseTerminalInfo reads the value of item A2. Items it has no name for are left out.
func ParseTerminalInfo(text string) (TerminalInfo, error) {
	items, err := ParseTagged(text)
	if err != nil {
		return TerminalInfo{}, err
	}
	var t TerminalInfo
	for _, item := range items {
		if item.Tag == "04" {
			t.Cipher = item.Value
		}
		for _, p := range t.places() {
			if p.tag == item.Tag {
				*p.value = string(item.Value)
			}
		}
	}
	return t, nil
}

// TerminalInfo returns what m's field 59 says of the terminal; ok is false when it
// says nothing that can be read.
func (m *Message) TerminalInfo() (info TerminalInfo, ok bool) {
	items, _ := ParseTagged(m.QR)
	for _, item := range items {
		if item.Tag == TagTerminalInfo {
			info, err := ParseTerminalInfo(string(item.Value))
			return info, err == nil
		}
	}
	return TerminalInfo{}, false
}

// SetTerminalInfo puts item A2 into m's field 59.
func (m *Message) SetTerminalInfo(t TerminalInfo) error {
	var items []Tagged
	for _, p := range t.places() {
		if p.tag == "05" && t.Cipher != nil {
			items = append(items, Tagged{"04", t.Cipher})
		}
		if *p.value != "" {
			items = append(items, Tagged{p.tag, Secret(*p.value)})
		}
	}
	text, err := Tagged59(items)
	if err != nil {
		return fmt.Errorf("item A2: %w", err)
	}
	return m.setTagged(TagTerminalInfo, []byte(text))
}
