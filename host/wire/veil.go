package wire

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"possim/reader/card"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// hidden stands for what is never shown, not even its length.
const hidden = "****"

// A veil decides how each field of one message may be shown.
type veil struct {
	show func(card.PAN) bool // PANs that may be seen in clear
	mti  MTI
	// network is 60.3, which tells what field 62 is
	network string
	gbk     bool       // text that is not ASCII is GBK before it is UTF-8
	pans    []card.PAN // that the message holds in the fields meant for one
}

// learn collects the PANs of a message, so that copies of them in other fields
// are masked too.
func (v *veil) learn(found map[int][]byte) {
	v.add(strings.TrimRight(string(found[2]), "ABCDEF")) // half bytes that were counted
	v.add(beforeSeparator(string(found[35])))
	if _, pan, ok := formatCode(string(found[36])); ok {
		v.add(pan)
	}
	if name := strings.TrimLeft(string(found[45]), "B"); name != "" {
		pan, _, _ := strings.Cut(name, "^")
		v.add(pan)
	}
	m := Message{QR: string(found[59])}
	if code, ok := m.ScanCode(); ok {
		v.add(code.Reveal())
	}
	v.network = ParseSub60(string(found[60])).Network
	walkTLV(found[55], func(tag string, value []byte, _ bool) {
		switch tag {
		case "5A":
			v.add(strings.TrimRight(upperHex(value), "F"))
		case "57", "9F6B":
			v.add(beforeSeparator(upperHex(value)))
		}
	})
}

// Numbers shorter than this are too common to look for.
const leastPAN = 12

func (v *veil) add(pan string) {
	if len(pan) >= leastPAN && onlyDigits([]byte(pan)) == nil {
		v.pans = append(v.pans, card.PAN(pan))
	}
}

func beforeSeparator(track string) string {
	if i := strings.IndexAny(track, "=D"); i >= 0 {
		return track[:i]
	}
	return ""
}

// formatCode splits the two digits before the PAN off track 3 (ISO 4909).
func formatCode(track string) (code, pan string, ok bool) {
	pan = beforeSeparator(track)
	if len(pan) < 2 {
		return "", "", false
	}
	return pan[:2], pan[2:], true
}

// pan shows a PAN: in clear only when that is allowed.
func (v *veil) pan(digits string) string {
	if v.clear(digits) {
		return digits
	}
	return card.Mask(digits)
}

func (v *veil) clear(pan string) bool { return pan != "" && v.show != nil && v.show(card.PAN(pan)) }

// track shows the masked PAN of a track and how long the rest is.
func (v *veil) track(data, pan string) string {
	if v.clear(pan) {
		return data
	}
	if pan == "" || !strings.HasPrefix(data, pan) {
		return strings.Repeat("*", len(data))
	}
	return card.Mask(pan) + data[len(pan):len(pan)+1] + strings.Repeat("*", len(data)-len(pan)-1)
}

// field shows a field.
func (v *veil) field(r row, value []byte) string {
	s := string(value)
	switch r.number {
	case 2, 34, 102, 103:
		return v.pan(s)
	case 35:
		return v.track(s, beforeSeparator(s))
	case 36:
		_, pan, _ := formatCode(s)
		if v.clear(pan) {
			return s
		}
		return strings.Repeat("*", len(s))
	case 45:
		return strings.Repeat("*", len(s))
	case 52:
		return hidden
	case 59:
		return v.others(v.coded(value))
	case 62:
		if v.hidesKeys() {
			return hidden
		}
	case 48:
		if strings.HasPrefix(string(v.mti), "03") {
			return v.others(v.details(s))
		}
	}
	if r.kind == 'b' {
		return v.others(upperHex(value))
	}
	return v.others(v.text(r, value))
}

// Field 48 of a batch upload: a count of two digits, then for each transaction
// card type 2, STAN 6, PAN 20 with zeros before it, amount 12.
const (
	detailSize  = 40
	detailPAN   = 8
	detailAfter = 28
)

func (v *veil) details(s string) string {
	if len(s) < 2 {
		return s
	}
	out := s[:2]
	for s = s[2:]; s != ""; {
		n := min(detailSize, len(s))
		out, s = out+v.detail(s[:n]), s[n:]
	}
	return out
}

func (v *veil) detail(d string) string {
	if len(d) < detailPAN {
		return d
	}
	end := min(detailAfter, len(d))
	pan := strings.TrimLeft(d[detailPAN:end], "0")
	return d[:end-len(pan)] + v.pan(pan) + d[end:]
}

// others masks the message's PANs wherever else they stand, as digits or as the
// hexadecimal of their characters.
func (v *veil) others(s string) string {
	for _, pan := range v.pans {
		if v.clear(pan.Reveal()) {
			continue
		}
		s = strings.ReplaceAll(s, pan.Reveal(), pan.String())
		s = strings.ReplaceAll(s, upperHex([]byte(pan.Reveal())), upperHex([]byte(pan.String())))
	}
	return s
}

// Text fields made of digits that are no PAN whatever they look like.
var noPANs = map[int]bool{37: true, 38: true, 41: true, 42: true, 48: true, 60: true, 61: true}

// text shows characters: as UTF-8 when that is what they can be, otherwise as
// hexadecimal, since what does not print is not text.
func (v *veil) text(r row, value []byte) string {
	s, ok := v.utf8(value)
	if !ok {
		return upperHex(value)
	}
	if r.kind == 's' && !noPANs[r.number] {
		s = v.likely(s)
	}
	return s
}

func (v *veil) utf8(value []byte) (string, bool) {
	if bytes.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return "", false
	}
	if !v.gbk && utf8.Valid(value) {
		return string(value), true
	}
	s, err := simplifiedchinese.GBK.NewDecoder().Bytes(value)
	if err != nil || bytes.ContainsRune(s, utf8.RuneError) {
		return "", false
	}
	return string(s), true
}

// likely masks what looks like a PAN in a text that has no place for one: 13 to 19
// digits with a check digit that fits, and what a payment code looks like.
func (v *veil) likely(s string) string {
	return v.runs(s, func(run string) bool {
		_, code := QRCode(run).Scheme()
		for _, n := range []int{18, 19} { // behind the digits of another item
			if len(run) > n && len(run) <= 24 && !code {
				_, code = QRCode(run[len(run)-n:]).Scheme()
			}
		}
		return code || len(run) >= 13 && len(run) <= card.MaxPAN && card.PAN(run).LuhnValid()
	})
}

// coded masks the payment code in field 59, whatever it looks like, and what else
// may be one.
func (v *veil) coded(value []byte) string {
	items, err := ParseTagged(string(value))
	if err != nil {
		return v.likely(v.text(row{number: 59, kind: 's'}, value))
	}
	out := ""
	for _, item := range items {
		text := v.text(row{number: 59, kind: 's'}, item.Value)
		switch item.Tag {
		case TagScanCode:
			text = QRCode(item.Value).String()
		case TagPINCipher:
			text = strings.Repeat("*", len(item.Value))
		}
		out += fmt.Sprintf("%s%03d%s", item.Tag, len(item.Value), text)
	}
	return out
}

// runs masks the runs of digits that are chosen. Behind a tag and a length (A3 019)
// a code begins within the run.
func (v *veil) runs(s string, choose func(run string) bool) string {
	out := ""
	for s != "" {
		start := strings.IndexAny(s, "0123456789")
		if start < 0 {
			break
		}
		end := start
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		run, before := s[start:end], s[:start]
		if strings.HasSuffix(before, "A") && len(run) > 4 && choose(run[4:]) { // of A3019...
			before, run = before+run[:4], v.pan(run[4:])
		} else if choose(run) {
			run = v.pan(run)
		}
		out, s = out+before+run, s[end:]
	}
	return out + s
}
