package journal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// secret says which fields never leave in clear, whatever they hold: numbers of
// cards, tracks, PIN blocks and EMV data (PCI DSS 3.3.1 and 3.4.1), payment codes
// (59) and working keys (62). F2 and a payment code show as their masks; the others
// show nothing but their length. F45 and F34 have no name in wire.Message, but a
// foreign dialect may carry them.
var secret = map[int]bool{2: true, 20: true, 34: true, 35: true, 36: true, 45: true, 52: true, 55: true, 59: true, 62: true, 96: true, 102: true, 103: true}

// Secret reports whether a field is never shown in clear.
func Secret(number int) bool { return secret[number] }

// Text returns the content of a field in clear, "" when it is absent: numbers and
// text as text, binary as upper-case hex. It is for comparing, not for showing.
func Text(m *wire.Message, number int) string { return text(m, texts(m), number) }

// text is Text with the named texts at hand.
func text(m *wire.Message, named map[int]string, number int) string {
	switch number {
	case 2:
		return m.PAN.Reveal()
	case 4:
		if m.Amount == 0 && !m.Has.Has(4) {
			return ""
		}
		return fmt.Sprintf("%012d", m.Amount)
	case 35:
		return m.Track2.Reveal()
	case 36:
		return m.Track3.Reveal()
	case 39:
		return string(m.Code)
	case 49:
		return string(m.Currency)
	case 52:
		return binary(m.PINBlock)
	case 55:
		return binary(m.Chip)
	case 62:
		return binary(m.Private62)
	case 64, 128:
		if m.Has.Has(128) != (number == 128) {
			return ""
		}
		return binary(m.MAC)
	}
	if s, is := named[number]; is {
		return s
	}
	for _, f := range m.Rest {
		if f.Number == number {
			return string(f.Value)
		}
	}
	return ""
}

// texts is the fields that a message keeps as text.
func texts(m *wire.Message) map[int]string {
	return map[int]string{
		3: m.ProcessingCode, 11: m.STAN, 12: m.Time, 13: m.Date, 14: m.Expiry, 15: m.SettlementDate,
		22: m.EntryMode, 23: m.CardSequence, 25: m.Condition, 26: m.PINCapture, 32: m.Acquirer,
		37: m.RRN, 38: m.AuthCode, 41: m.TID, 42: m.MID, 44: m.Additional, 48: m.Private48,
		53: m.Security, 54: m.Balance, 59: m.QR, 60: m.Private60, 61: m.Original, 63: m.Private63,
		70: m.NetworkCode, 90: m.OriginalData,
	}
}

func binary(b []byte) string { return packed(b) }

// Masked returns the fields of a message as a journal shows them, and the numbers
// of those that are not shown in full.
func Masked(m *wire.Message) (fields map[string]string, redacted []string) {
	fields = map[string]string{}
	named := texts(m)
	for n := 2; n <= 128; n++ {
		value := text(m, named, n)
		if value == "" {
			continue
		}
		key := strconv.Itoa(n)
		switch {
		case n == 2:
			fields[key] = card.Mask(value)
		case n == 59 && scanned(m):
			code, _ := m.ScanCode()
			fields[key] = "A3 " + code.String()
		case secret[n] || rest(m, n) || n == 48 && uploads(m) || free[n] && namesCard(m, value):
			fields[key] = fmt.Sprintf("(%d)", len(value))
		default:
			fields[key] = value
			continue
		}
		redacted = append(redacted, key)
	}
	return fields, redacted
}

// free are the fields whose text is the sender's own choice.
var free = map[int]bool{44: true, 48: true, 54: true, 63: true}

// digits are the runs that may be a number of a card.
var digits = late(`[0-9]{13,}`)

// namesCard reports whether a free text holds the message's card, or a number that
// passes for one.
func namesCard(m *wire.Message, text string) bool {
	track, _, _ := strings.Cut(m.Track2.Reveal(), "=")
	for _, pan := range []string{m.PAN.Reveal(), track} {
		if pan != "" && strings.Contains(text, pan) {
			return true
		}
	}
	return slices.ContainsFunc(digits().FindAllString(text, -1), func(run string) bool {
		return len(run) <= card.MaxPAN && card.PAN(run).LuhnValid()
	})
}

// scanned reports whether field 59 holds a payment code and nothing else.
func scanned(m *wire.Message) bool {
	items, err := wire.ParseTagged(m.QR)
	return err == nil && len(items) == 1 && items[0].Tag == wire.TagScanCode
}

// uploads reports whether field 48 holds the details of a batch, which name cards.
func uploads(m *wire.Message) bool {
	return m.MTI.First() == wire.MTIBatch || m.MTI.First() == wire.MTIBatchAnswer
}

// rest reports whether a field has no name: nobody knows what it holds, so it is
// treated as a secret.
func rest(m *wire.Message, number int) bool {
	return slices.ContainsFunc(m.Rest, func(f wire.Field) bool { return f.Number == number })
}
