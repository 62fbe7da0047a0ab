package wire

import (
	"errors"
	"slices"
	"strconv"

	"possim/host/money"
)

// namedText returns the place of a field that m names and keeps as text.
func (m *Message) namedText(number int) *string {
	switch number {
	case 2:
		return (*string)(&m.PAN)
	case 3:
		return &m.ProcessingCode
	case 11:
		return &m.STAN
	case 12:
		return &m.Time
	case 13:
		return &m.Date
	case 14:
		return &m.Expiry
	case 15:
		return &m.SettlementDate
	case 22:
		return &m.EntryMode
	case 23:
		return &m.CardSequence
	case 25:
		return &m.Condition
	case 26:
		return &m.PINCapture
	case 32:
		return &m.Acquirer
	case 35:
		return (*string)(&m.Track2)
	case 36:
		return (*string)(&m.Track3)
	case 37:
		return &m.RRN
	case 38:
		return &m.AuthCode
	case 39:
		return (*string)(&m.Code)
	case 41:
		return &m.TID
	case 42:
		return &m.MID
	case 44:
		return &m.Additional
	case 48:
		return &m.Private48
	case 49:
		return (*string)(&m.Currency)
	case 53:
		return &m.Security
	case 54:
		return &m.Balance
	case 59:
		return &m.QR
	case 60:
		return &m.Private60
	case 61:
		return &m.Original
	case 63:
		return &m.Private63
	case 70:
		return &m.NetworkCode
	case 90:
		return &m.OriginalData
	}
	return nil
}

// namedBytes returns the place of a field that m names and keeps as bytes.
func (m *Message) namedBytes(number, mac int) *[]byte {
	switch number {
	case 52:
		return (*[]byte)(&m.PINBlock)
	case 55:
		return &m.Chip
	case 62:
		return &m.Private62
	case mac:
		return &m.MAC
	}
	return nil
}

// Fields with a name, for present to go through.
var textFields = []int{
	2, 3, 11, 12, 13, 14, 15, 22, 23, 25, 26, 32, 35, 36, 37, 38, 39, 41, 42, 44,
	48, 49, 53, 54, 59, 60, 61, 63, 70, 90,
}

// textual are the fields that m keeps as text. What else there is, it keeps as bytes.
var textual = func() (fields [lastField + 1]bool) {
	for number := range fields {
		fields[number] = new(Message).namedText(number) != nil
	}
	fields[PartMTI], fields[4] = true, true
	return fields
}()

var errAmount = errors.New("the amount is not a number")

// set stores a decoded field.
func (m *Message) set(number, mac int, value []byte) error {
	m.Has.Add(number)
	if number == 4 {
		minor, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || minor < 0 || minor > money.MaxMinor {
			m.Has.Remove(number)
			return errAmount
		}
		m.Amount = minor
	} else if place := m.namedText(number); place != nil {
		*place = string(value)
	} else {
		m.setBytes(number, mac, slices.Clone(value))
	}
	return nil
}

// setBytes takes over the content of a field that is not kept as text.
func (m *Message) setBytes(number, mac int, value []byte) {
	if place := m.namedBytes(number, mac); place != nil {
		*place = value
	} else {
		m.Rest = append(m.Rest, Field{Number: number, Value: value})
	}
}

// content returns what a field holds, appended to scratch when it is not bytes already.
func (m *Message) content(number, mac int, scratch []byte) []byte {
	if number == 4 {
		return appendAmount(scratch, m.Amount)
	}
	if place := m.namedText(number); place != nil {
		return append(scratch, *place...)
	}
	if place := m.namedBytes(number, mac); place != nil {
		return *place
	}
	for _, f := range m.Rest {
		if f.Number == number {
			return append(scratch, f.Value...)
		}
	}
	return nil
}

// appendAmount writes n12. Larger amounts come out longer, which the encoding refuses.
func appendAmount(dst []byte, minor int64) []byte {
	for scale := int64(100_000_000_000); scale > 1 && minor < scale; scale /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, minor, 10)
}

// present is the set of fields that m carries.
func (m *Message) present() Fields {
	f := m.Has
	if m.Amount != 0 {
		f.Add(4)
	}
	for _, number := range textFields {
		if *m.namedText(number) != "" {
			f.Add(number)
		}
	}
	if m.PINBlock != nil {
		f.Add(52)
	}
	if m.Chip != nil {
		f.Add(55)
	}
	if m.Private62 != nil {
		f.Add(62)
	}
	for i := range m.Rest {
		f.Add(m.Rest[i].Number)
	}
	return m.placeMAC(f)
}

// placeMAC moves the MAC to the last bit of the last bitmap. A field 64 that is
// not the last one is no MAC: it stays in Rest.
func (m *Message) placeMAC(f Fields) Fields {
	if f.Has(64) && f[1] != 0 && !slices.ContainsFunc(m.Rest, func(r Field) bool { return r.Number == 64 }) {
		f.Remove(64)
		f.Add(128)
	}
	if m.MAC != nil {
		f.Add(macField(f))
	}
	return f
}

// Present reports whether m carries a field.
func (m *Message) Present(number int) bool {
	switch place := m.namedText(number); {
	case place != nil:
		return *place != "" || m.Has.Has(number)
	case number == 4:
		return m.Amount != 0 || m.Has.Has(4)
	}
	f := m.present() // where a MAC stands depends on what else there is
	return f.Has(number)
}

// Clear takes a field out of m.
func (m *Message) Clear(number int) {
	m.Has.Remove(number)
	if len(m.Rest)+len(m.Pads)+len(m.Readings) > 0 {
		m.Rest = slices.DeleteFunc(slices.Clone(m.Rest), func(f Field) bool { return f.Number == number })
		m.Pads = slices.DeleteFunc(slices.Clone(m.Pads), func(p Pad) bool { return p.Field == number })
		m.Readings = slices.DeleteFunc(slices.Clone(m.Readings), func(r Reading) bool { return r.Field == number })
	}
	switch place := m.namedText(number); {
	case number == 4:
		m.Amount = 0
	case number == 64, number == 128:
		m.MAC = nil
	case place != nil:
		*place = ""
	default:
		if place := m.namedBytes(number, 0); place != nil {
			*place = nil
		}
	}
}

// pad is the half byte that fills an odd number of digits, where it is not the
// dialect's own.
func (m *Message) pad(number int) *Pad {
	for i := range m.Pads {
		if m.Pads[i].Field == number {
			return &m.Pads[i]
		}
	}
	return nil
}
