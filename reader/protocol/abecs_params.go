package protocol

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// The parameters of Abecs commands, and the data of their answers, that are used here
// (ABECS 2.12, sections 3.1.3.1 and 3.1.3.2).
const (
	speIDs      = 0x0001
	speTags     = 0x0004
	speEMV      = 0x0005
	speEvents   = 0x0006
	speTracks   = 0x0007
	speMethod   = 0x0003
	spePIN      = 0x0002
	speKeyIndex = 0x0009
	speTimeout  = 0x000C
	speAcquirer = 0x0010
	speAppTypes = 0x0011
	speAIDs     = 0x0012
	speAmount   = 0x0013
	speCashback = 0x0014
	speDate     = 0x0015
	speTime     = 0x0016
	speGOX      = 0x0018
	speFCX      = 0x0019
	speRisk     = 0x001A
	speCode     = 0x001C
	speType     = 0x0021
	speCurrency = 0x0022
	speMask     = 0x0023

	ppEvent    = 0x8040
	ppTrack1In = 0x8041 // and 2 and 3
	ppTrack1   = 0x8044 // and 2 and 3
	ppPANBCD   = 0x804A
	ppCardType = 0x804F
	ppChipStat = 0x8050
	ppAIDInfo  = 0x8051
	ppPAN      = 0x8052
	ppSequence = 0x8053
	ppEMV      = 0x8054
	ppHolder   = 0x8055
	ppGOX      = 0x8056
	ppFCX      = 0x8058
	ppScripts  = 0x8059
	ppRandom   = 0x805A
	ppLabel    = 0x805B
	ppCountry  = 0x805C
	ppExpiry   = 0x805D
	ppTables   = 0x9300 // and the acquirer
)

// abecsParams takes the parameters of an Abecs command apart: blocks with a length of
// three digits, in them identifier and length of two bytes each, and the value.
func abecsParams(data string) (map[uint16]string, bool) {
	all := map[uint16]string{}
	for len(data) > 0 {
		if len(data) < 3 {
			return nil, false
		}
		n, err := strconv.Atoi(data[:3])
		if err != nil || n < 0 || len(data) < 3+n {
			return nil, false
		}
		block := []byte(data[3 : 3+n])
		data = data[3+n:]
		for len(block) > 0 {
			if len(block) < 4 {
				return nil, false
			}
			id, size := binary.BigEndian.Uint16(block), int(binary.BigEndian.Uint16(block[2:]))
			if len(block) < 4+size {
				return nil, false
			}
			all[id], block = string(block[4:4+size]), block[4+size:]
		}
	}
	return all, true
}

// abecsAnswer is the data of an answer to an Abecs command, in blocks.
type abecsAnswer struct{ blocks []string }

// add puts a datum into the last block, or into another when that is full.
func (a *abecsAnswer) add(id uint16, value string) {
	const most = 999
	datum := binary.BigEndian.AppendUint16(nil, id)
	datum = append(binary.BigEndian.AppendUint16(datum, uint16(len(value))), value...)
	if n := len(a.blocks); n == 0 || len(a.blocks[n-1])+len(datum) > most {
		a.blocks = append(a.blocks, "")
	}
	a.blocks[len(a.blocks)-1] += string(datum)
}

// addSome adds what is not empty.
func (a *abecsAnswer) addSome(id uint16, value string) {
	if value != "" {
		a.add(id, value)
	}
}

// sayAll answers with data.
func (d *ABECSDevice) sayAll(name string, a abecsAnswer) []byte {
	out := name + abecsOK
	for _, b := range a.blocks {
		out += block("", b)
	}
	return d.say(out)
}

// nibbles packs digits, = as D, into halves of bytes, the last filled with F (PP_TRACK2).
func nibbles(digits string) string {
	var out []byte
	for i := range len(digits) {
		n := digits[i] - '0'
		if i%2 == 0 {
			out = append(out, n<<4|0x0F)
		} else {
			out[i/2] = out[i/2]&0xF0 | n&0x0F
		}
	}
	return string(out)
}

// zeros puts zeros before digits until they fill a field.
func zeros(digits string, width int) string {
	return strings.Repeat("0", max(0, width-len(digits))) + digits
}

// wholeTLV reports whether b is BER-TLV from end to end (section 7.1).
func wholeTLV(b []byte) bool {
	for len(b) > 0 {
		n := 1
		if b[0]&0x1F == 0x1F {
			for n < len(b) && b[n]&0x80 != 0 {
				n++
			}
			n++
		}
		if n >= len(b) {
			return false
		}
		size := int(b[n])
		n++
		if more := size & 0x7F; size > 0x80 {
			if more > 2 || n+more > len(b) {
				return false
			}
			size = 0
			for range more {
				size = size<<8 | int(b[n])
				n++
			}
		}
		if size == 0x80 || n+size > len(b) {
			return false
		}
		b = b[n+size:]
	}
	return true
}
