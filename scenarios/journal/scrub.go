package journal

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// Finding is what looks like the number of a real card.
type Finding struct {
	Line, Column int
	PAN          card.PAN // prints masked
	Form         string   // how it is written
}

// String names place, mask and form; a file's name goes before it.
func (f Finding) String() string {
	return fmt.Sprintf("%d:%d: %s, %s", f.Line, f.Column, f.PAN, f.Form)
}

// Scan looks through a text, line by line, for numbers of cards that are on no test
// list: 13 to 19 digits with a right check digit that begin as an issuer's do and
// have the length of its scheme, and that stand where a card number would: by
// themselves, in groups of four, at the head of a track, or, within hexadecimal, in a
// message's field 2, in a track or in a chip's 5A. The check digit alone is right one
// time in ten.
func Scan(text io.Reader, found func(Finding)) error {
	in := bufio.NewReaderSize(text, 1<<16)
	for number := 1; ; number++ {
		line, err := in.ReadString('\n')
		scanLine(line, func(column int, pan, form string) {
			found(Finding{number, column + 1, card.PAN(pan), form})
		})
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var (
	grouped  = late(`[0-9]{4}([ -])[0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}`)
	hexRun   = late(`[0-9A-Fa-f]{20,}`)
	seeded   = late(`(?i)seed["']?[ :=]{1,2}$`) // of a run's randomness
	onTrack1 = late(`[Bb][0-9]{13,19}\^`)
	tracked  = late(`[0-9]{13,19}[=Dd][0-9]{2}(0[1-9]|1[0-2])`)
)

func scanLine(line string, found func(at int, pan, form string)) {
	seen := map[int]bool{}
	report := func(at int, pan, form string) {
		if !seen[at] && Real(pan) {
			seen[at] = true
			found(at, pan, form)
		}
	}
	for _, at := range tracked().FindAllStringIndex(line, -1) {
		end := at[0] + strings.IndexAny(line[at[0]:at[1]], "=Dd")
		for n := min(end-at[0], card.MaxPAN); n >= 13; n-- { // other digits may run into it
			report(end-n, line[end-n:end], "at the head of a track")
		}
	}
	for _, at := range onTrack1().FindAllStringIndex(line, -1) {
		report(at[0]+1, line[at[0]+1:at[1]-1], "on a track 1")
	}
	for _, at := range hexRun().FindAllStringIndex(line, -1) {
		scanHex(line[at[0]:at[1]], func(i int, pan, form string) { report(at[0]+i, pan, form) })
	}
	for _, at := range digits().FindAllStringIndex(line, -1) {
		if !insideHex(line, at[0], at[1]) && !seeded().MatchString(line[:at[0]]) {
			report(at[0], line[at[0]:at[1]], "in digits")
		}
	}
	for _, at := range grouped().FindAllStringIndex(line, -1) {
		report(at[0], strings.NewReplacer(" ", "", "-", "").Replace(line[at[0]:at[1]]), "in groups of digits")
	}
}

// insideHex reports whether digits are part of a longer run of hexadecimal, or of a
// number with a point.
func insideHex(line string, from, to int) bool {
	letter := func(i int) bool {
		return i >= 0 && i < len(line) && (nibble(line[i]) < 16 || line[i] == '.')
	}
	return letter(from-1) || letter(to) && line[to] != '.'
}

// scanFrame looks into a message, where bytes are one in a dialect that ships: at what
// its fields are, which says more than any context.
func scanFrame(raw []byte, found func(pan, form string)) bool {
	for _, dialect := range shipped {
		d := dialect()
		for _, frame := range [][]byte{raw, raw[min(2, len(raw)):]} { // without its length, and with it
			var m wire.Message
			if _, err := d.Decode(frame, &m); err != nil {
				continue
			}
			p := &pass{m: &m, finds: func(pan string) { found(pan, "in a message of "+d.Name()) }}
			p.learn()
			for _, text := range []string{m.Additional, m.Private48, m.Private63, string(m.Private62)} {
				for _, run := range digits().FindAllString(text, -1) {
					p.finds(run)
				}
			}
			for _, f := range m.Rest {
				for _, run := range digits().FindAllString(string(f.Value), -1) {
					p.finds(run)
				}
			}
			return true
		}
	}
	return false
}

// shipped are the dialects that ship, each built when it is first asked for.
var shipped = []func() *wire.Dialect{wire.UnionPay, wire.ISO87BCD, wire.ISO87ASCII}

// scanHex looks into bytes: for packed digits behind their length (field 2, LL or a
// tag 5A), and for characters.
func scanHex(s string, found func(at int, pan, form string)) {
	upper := strings.ToUpper(s)
	text, err := hex.DecodeString(upper[:len(upper)/2*2])
	if err != nil || scanFrame(text, func(pan, form string) { found(0, pan, form) }) {
		return
	}
	for i := 0; i+28 <= len(upper); i += 2 {
		if n, err := strconv.Atoi(upper[i : i+2]); err == nil && n >= 13 && n <= card.MaxPAN {
			at := i + 2
			if at+n <= len(upper) {
				found(at, upper[at:at+n], "in packed digits behind their length")
			}
		}
		if strings.HasPrefix(upper[i:], "5A") && i+4 <= len(upper) {
			if size, err := strconv.ParseUint(upper[i+2:i+4], 16, 8); err == nil && size >= 7 && size <= 10 && i+4+2*int(size) <= len(upper) {
				found(i+4, strings.TrimRight(upper[i+4:i+4+2*int(size)], "F"), "in a chip's 5A")
			}
		}
	}
	for _, at := range digits().FindAllIndex(text, -1) {
		run := string(text[at[0]:at[1]])
		found(2*at[0], run, "in hexadecimal characters")
		if len(run) >= 15 { // behind two digits of length
			if n, _ := strconv.Atoi(run[:2]); n >= 13 && n <= card.MaxPAN && len(run) >= n+2 {
				found(2*at[0]+4, run[2:2+n], "in hexadecimal characters behind their length")
			}
		}
	}
	for _, at := range tracked().FindAllIndex(text, -1) {
		end := at[0] + strings.IndexAny(string(text[at[0]:at[1]]), "=Dd")
		for n := min(end-at[0], card.MaxPAN); n >= 13; n-- {
			found(2*(end-n), string(text[end-n:end]), "at the head of a track, in hexadecimal characters")
		}
	}
}

// Real reports whether digits are the number of a card that somebody may have: of an
// issuer's range and of its length, with a right check digit, and on no test list.
func Real(number string) bool {
	if len(number) < 13 || len(number) > card.MaxPAN || strings.Trim(number, "0123456789") != "" {
		return false
	}
	if strings.Trim(number[6:len(number)-1], "0") == "" {
		return false // no issuer gives out account 0: a field filled with zeros
	}
	if hexOfHex(number) {
		return false // a UnionPay MAC, eight hexadecimal digits, written in hexadecimal
	}
	pan := card.PAN(number)
	return issued(number) && pan.LuhnValid() && !card.IsTest(pan)
}

// hexOfHex reports whether every two digits are the code of a hexadecimal digit: of
// numbers of cards four in ten million are so.
func hexOfHex(number string) bool {
	raw, err := hex.DecodeString(number)
	return err == nil && !slices.ContainsFunc(raw, func(c byte) bool { return nibble(c) > 15 || c > 'F' })
}

// issuers are the ranges that schemes gave out (ISO/IEC 7812-1) as their own rules
// publish them: how numbers begin, and how long they are.
var issuers = []struct {
	first, last string
	min, max    int
}{
	{"4", "4", 16, 16}, {"51", "55", 16, 16}, {"2221", "2720", 16, 16}, // Visa, Mastercard
	{"34", "34", 15, 15}, {"37", "37", 15, 15}, // American Express
	{"62", "62", 16, 19}, {"81", "81", 16, 19}, // UnionPay
	{"6011", "6011", 16, 19}, {"644", "659", 16, 19}, // Discover
	{"3528", "3589", 16, 19}, {"300", "305", 14, 14}, {"36", "36", 14, 14}, {"38", "39", 16, 19}, // JCB, Diners
	{"50", "50", 16, 19}, {"56", "58", 16, 19}, {"60", "60", 16, 19}, {"67", "69", 16, 19}, {"9", "9", 16, 19}, // Maestro, RuPay, China's own
}

func issued(number string) bool {
	for _, r := range issuers {
		head := number[:len(r.first)]
		if head >= r.first && head <= r.last && len(number) >= r.min && len(number) <= r.max {
			return true
		}
	}
	return false
}
