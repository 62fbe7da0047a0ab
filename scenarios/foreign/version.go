package foreign

import (
	"fmt"
	"strconv"

	"possim/host/wire"
)

// versions are the editions of ISO 8583 by the first digit of a message type.
var versions = map[byte]string{'1': "ISO 8583:1993", '2': "ISO 8583:2003"}

// ownVersion reports whether a dialect is one of possim's own, which are of 1987, and
// the message type of a later edition: its fields have other lengths and meanings.
func ownVersion(d *wire.Dialect, mti string) error {
	edition := ""
	if len(mti) == 4 {
		edition = versions[mti[0]]
	}
	if _, err := wire.ByName(d.Name()); err != nil || edition == "" {
		return nil
	}
	return errEdition(edition, mti[:1])
}

func errEdition(edition, digit string) error {
	return fmt.Errorf("%s (message types that begin with %s): possim's own dialects are of 1987; name the packager file of your host (--dialect FILE.xml)", edition, digit)
}

// editionIn returns what a frame that no dialect reads is, should it be of a later
// edition: a message type in characters or packed, behind whatever stands before it.
func editionIn(data []byte) error {
	for _, skip := range []int{0, 2, 4, tpdu, both, 2 + tpdu, 2 + both} {
		if len(data) < skip+shortest {
			break
		}
		if rest := data[skip:]; isType(string(rest[:4])) {
			return errEdition(versions[rest[0]], string(rest[:1]))
		}
	}
	for _, skip := range []int{0, 2, tpdu, 2 + tpdu} { // packed is the weaker sign
		if len(data) < skip+shortest {
			break
		}
		if mti := fmt.Sprintf("%02x%02x", data[skip], data[skip+1]); isType(mti) && data[skip+2]&0x70 != 0 {
			return errEdition(versions[mti[0]], mti[:1])
		}
	}
	return nil
}

// isType reports whether four characters are a message type of a later edition.
func isType(mti string) bool {
	n, err := strconv.Atoi(mti)
	return err == nil && n >= 1100 && n < 2900 && mti[1] >= '1' && mti[1] <= '8' && mti[2] <= '4' && mti[3] <= '5'
}
