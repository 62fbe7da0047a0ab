package protocol

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// What the emulated pinpad tells of itself.
const (
	abecsMaker   = "possim"
	abecsVersion = "001.00 260101" // of its software: VVV.VV AAMMDD
	abecsSpec    = "2.12"
	abecsSerial  = "00000001"
)

// gin00 is what GIN tells of the pinpad itself: maker, model, contactless or not,
// system, version of the specification, of the manager, serial number.
var gin00 = block("", fmt.Sprintf("%-20s%-19s %-20s%s%-16s%-20s", abecsMaker, "ABECS", abecsMaker, abecsSpec, abecsVersion, abecsSerial))

// information carries out GIN (section 3.2.3): of the pinpad, or of the software that
// serves an acquirer, which is the same for all.
func (d *ABECSDevice) information(data string) []byte {
	f := fields{rest: data[3:]}
	f.take(3)
	acquirer := f.take(2)
	answer := fmt.Sprintf("%-20s%-13s%s   00", "Abecs", abecsVersion, abecsSpec)
	switch {
	case f.short || !isDigits(acquirer):
		return d.say("GIN" + abecsParam)
	case acquirer == "00":
		return d.say("GIN" + abecsOK + gin00)
	case acquirer == "02":
		answer = fmt.Sprintf("%-8s%-12s%-13s%s   00", "Abecs", "1.00", abecsVersion, abecsSpec)
	case acquirer == "03":
		answer = fmt.Sprintf("%-6s%-4s%-4s%-3s%-3s%-13s%s   00", "Abecs", "1.00", "", "", "", abecsVersion, abecsSpec)
	}
	return d.say("GIN" + abecsOK + block("", answer))
}

// noKeys is a map of keys that are not there (PP_MKTDESP and the like).
var noKeys = strings.Repeat("0", 100)

// gix are the data that GIX tells of, in the order of the specification. PP_CTLSVER and
// its like, and those of graphics, are of pinpads that have them.
var gix = []struct {
	id    uint16
	value string
}{
	{0x8001, abecsSerial}, {0x8002, "ABECS"}, {0x8003, "ABECS;1MB"}, {0x8004, abecsMaker}, {0x8005, "0000000000"},
	{0x8006, abecsMaker}, {0x8007, abecsSpec}, {0x8008, abecsVersion + "   "}, {0x8009, abecsVersion + "   "}, {0x800A, abecsVersion + "   "},
	{0x8010, "1.00"}, {0x8020, "0216"}, {0x8030, noKeys}, {0x8031, noKeys}, {0x8032, noKeys}, {0x8033, noKeys},
	{0x8034, noKeys}, {0x8035, noKeys}, {0x8036, noKeys}, {0x8062, "\x00\x10\x00\x00"},
}

// information2 carries out GIX (section 3.2.4): what is asked for, in that order, or all;
// what there is not is left out.
func (d *ABECSDevice) information2(p map[uint16]string) []byte {
	var a abecsAnswer
	list, asked := p[speIDs]
	if len(list)%2 != 0 {
		return d.say("GIX" + abecsParam)
	}
	if !asked {
		for _, datum := range gix {
			a.add(datum.id, datum.value)
		}
		return d.sayAll("GIX", a)
	}
	size := 0
	for ; len(list) > 0; list = list[2:] {
		id := binary.BigEndian.Uint16([]byte(list))
		value := d.datum(id)
		a.addSome(id, value)
		size += 4 + len(value)
	}
	if size > abecsMax-50 {
		return d.say("GIX" + "045") // ST_RSPOVRFL
	}
	return d.sayAll("GIX", a)
}

// datum is what GIX says of one identifier; "" is nothing.
func (d *ABECSDevice) datum(id uint16) string {
	for _, datum := range gix {
		if datum.id == id {
			return datum.value
		}
	}
	switch {
	case id >= ppTables && id <= ppTables+99:
		return d.tables.version(fmt.Sprintf("%02d", id-ppTables))
	case id == ppRandom: // for tests of the line: every value a byte has
		out := make([]byte, 900)
		for i := range out {
			out[i] = byte(i * 37)
		}
		return string(out)
	}
	return ""
}
