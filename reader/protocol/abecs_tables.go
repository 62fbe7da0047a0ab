package protocol

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"strconv"
)

// abecsTables are the EMV tables of a pinpad (ABECS 2.12, chapter 4): records of
// acquirers, and their versions. "00" is the version of all tables together.
type abecsTables struct {
	versions     map[string]string
	applications []EMVApplication
	keys         []EMVKey
	revoked      []EMVRevoked
}

// abecsLoad is a load under way: nothing of it counts before its end.
type abecsLoad struct {
	acquirer, version string
	records           []string
}

// version is what GTS says, and GIX: none is zeros.
func (t *abecsTables) version(acquirer string) string {
	if v, ok := t.versions[acquirer]; ok {
		return v
	}
	if v, ok := t.versions["00"]; ok && acquirer != "00" && t.has(acquirer) {
		return v // loaded with all the others
	}
	return noTables
}

// has reports whether there is a record of an acquirer.
func (t *abecsTables) has(acquirer string) bool {
	for _, a := range t.applications {
		if a.Acquirer == acquirer {
			return true
		}
	}
	return false
}

// finish puts a load in place of what there was of its acquirer, or of all.
func (t *abecsTables) finish(l abecsLoad) {
	all := l.acquirer == "00"
	gone := func(acquirer string) bool { return all || acquirer == l.acquirer }
	next := abecsTables{versions: map[string]string{}}
	for _, a := range t.applications {
		if !gone(a.Acquirer) {
			next.applications = append(next.applications, a)
		}
	}
	for _, k := range t.keys {
		if !gone(k.Acquirer) {
			next.keys = append(next.keys, k)
		}
	}
	for _, r := range t.revoked {
		if !gone(r.Acquirer) {
			next.revoked = append(next.revoked, r)
		}
	}
	for acquirer, v := range t.versions {
		if acquirer != "00" && !gone(acquirer) {
			next.versions[acquirer] = v
		}
	}
	for _, r := range l.records {
		next.add(r)
	}
	if len(l.records) > 0 {
		next.versions[l.acquirer] = l.version
	}
	*t = next
}

// add takes a record; what is none is left out, as section 4 allows.
func (t *abecsTables) add(record string) {
	f := fields{rest: record}
	f.take(3)
	id, acquirer, index := f.take(1), f.take(2), f.take(2)
	switch id {
	case "1":
		if a, ok := abecsApplication(&f); ok {
			a.Acquirer, a.Record = acquirer, index
			t.applications = append(t.applications, a)
		}
	case "2":
		if k, ok := abecsKey(&f); ok {
			k.Acquirer = acquirer
			t.keys = append(t.keys, k)
		}
	case "3":
		rid, capk, serial := f.hex(10), f.hex(2), f.hex(6)
		if !f.short {
			t.revoked = append(t.revoked, EMVRevoked{acquirer, [5]byte(rid), capk[0], [3]byte(serial)})
		}
	}
}

// abecsApplication reads a record of 284 characters and more (4.1.1): what stands behind
// those is of contactless cards.
func abecsApplication(f *fields) (EMVApplication, bool) {
	var a EMVApplication
	n := f.number(2)
	a.AID = f.hex(32)
	a.Type = f.take(2)
	f.take(16 + 2) // a label that is used no more, and 03
	for i := range a.Versions {
		a.Versions[i] = f.hex(4)
	}
	a.Country, a.Currency = f.take(3), f.take(3)
	f.take(1) // exponent
	a.Merchant, a.MCC, a.Terminal = f.take(15), f.take(4), f.take(8)
	a.Capabilities, a.More = f.hex(6), f.hex(10)
	kind := f.hex(2)
	a.Default, a.Denial, a.Online = f.hex(10), f.hex(10), f.hex(10)
	a.Floor = f.hexNumber(8)
	category := f.take(1)
	f.take(1 + 1 + 3*8 + 4 + 1) // contactless
	a.TDOL, a.DDOL = bytes.TrimRight(f.hex(40), "\x00"), bytes.TrimRight(f.hex(40), "\x00")
	if f.short || n < 5 || n > 16 {
		return a, false
	}
	a.AID, a.TerminalType, a.Category = a.AID[:n], kind[0], category[0]
	return a, true
}

// abecsKey reads a record of 611 characters (4.1.2).
func abecsKey(f *fields) (EMVKey, bool) {
	rid, index := f.hex(10), f.hex(2)
	f.take(2)
	nExponent := f.number(1)
	exponent := f.hex(6)
	nModulus := f.number(3)
	modulus := f.hex(496)
	check, sum := f.take(1), f.hex(40)
	if f.short || nExponent < 1 || nExponent > len(exponent) || nModulus < 1 || nModulus > len(modulus) {
		return EMVKey{}, false
	}
	k := EMVKey{RID: [5]byte(rid), Index: index[0], Modulus: modulus[:nModulus], Exponent: exponent[:nExponent]}
	want := sha1.Sum(bytes.Join([][]byte{rid, index, k.Modulus, k.Exponent}, nil)) // EMV Book 2, 11.2.2
	return k, check != "1" || bytes.Equal(sum, want[:])
}

// number takes decimal digits.
func (f *fields) number(width int) int {
	n, err := strconv.ParseUint(f.take(width), 10, 48)
	if err != nil {
		f.short = true
	}
	return int(n)
}

// hex takes hexadecimal digits, two a byte.
func (f *fields) hex(width int) []byte {
	b, err := hex.DecodeString(f.take(width))
	if err != nil || len(b) != width/2 {
		f.short = true
		return make([]byte, width/2)
	}
	return b
}

// hexNumber takes a binary number in hexadecimal digits.
func (f *fields) hexNumber(width int) (n int64) {
	for _, b := range f.hex(width) {
		n = n<<8 | int64(b)
	}
	return n
}

// loadTables carries out TLI, TLR and TLE (sections 3.5.2 to 3.5.4).
func (d *ABECSDevice) loadTables(name, data string) []byte {
	f := fields{rest: data[3:]}
	switch {
	case name == "TLI":
		f.take(3)
		l := abecsLoad{acquirer: f.take(2), version: f.take(10)}
		if f.short || !isDigits(l.acquirer) {
			return d.say(name + abecsParam)
		}
		d.loading = &l
		if d.tables.version(l.acquirer) != l.version {
			return d.say(name + abecsTablesDiffer)
		}
	case d.loading == nil:
		return d.say(name + abecsInvalid)
	case name == "TLR":
		f.take(3)
		var records []string
		for n := f.number(2); n > 0 && !f.short; n-- {
			size := fields{rest: f.rest}
			records = append(records, f.take(max(size.number(3), 3)))
		}
		if f.short || len(f.rest) > 0 {
			return d.say(name + abecsParam)
		}
		if d.loading.records = append(d.loading.records, records...); len(d.loading.records) > abecsMostRecords {
			d.loading = nil
			return d.say(name + "021")
		}
	case name == "TLE":
		d.tables.finish(*d.loading)
		d.loading = nil
	}
	return d.say(name + abecsOK)
}

// abecsMostRecords is how many records there is room for: the specification wants room
// for a hundred candidates (6.1.2), and here are some for each acquirer.
const abecsMostRecords = 2000
