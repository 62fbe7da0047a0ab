package emulator

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
)

// secrets is what a request says that a State does not keep in clear.
type secrets struct {
	charge charge
	code   wire.QRCode
	pin    hsm.PIN
}

func (x *txn) secrets() secrets { return secrets{x.charge, x.code, x.pin} }

// masked is what may be shown of what pays.
func (s secrets) masked() string {
	switch {
	case s.code != "":
		return s.code.String()
	case s.charge.pan != "":
		return s.charge.pan.String()
	}
	return ""
}

// lock enciphers card number and expiry, or a payment code, so that a message can
// be sent again after a power cut. The key comes from the TMK; a terminal that has
// none keeps nothing. It prints no digits: the text is hexadecimal.
func (t *Terminal) lock(s secrets, stan string) string {
	content := s.code.Reveal()
	if content == "" && s.charge.pan != "" {
		content = s.charge.pan.Reveal() + "=" + s.charge.expiry
	}
	drawer, err := t.drawer()
	if err != nil || content == "" {
		return ""
	}
	// An HSM key of the family that takes any length is a box of bytes. The STAN in it
	// ties it to its message.
	var room [64]byte
	box := append(append(append(room[:0], stan...), ':'), content...)
	for len(box) < boxSize {
		box = append(box, ' ')
	}
	key, err := hsm.NewKey(hsm.HMAC, box)
	if err != nil {
		return ""
	}
	stored, err := drawer.Wrap(key)
	if err != nil {
		t.Log.Warn().Err(err).Str("stan", stan).Msg("the card's number is not kept")
		return ""
	}
	return stored
}

// unlock is the way back; nothing where nothing was kept.
func (t *Terminal) unlock(stored, stan string) secrets {
	if stored == "" {
		return secrets{}
	}
	drawer, err := t.drawer()
	if err != nil {
		return secrets{}
	}
	box, err := drawer.Unwrap(stored)
	content, ours := strings.CutPrefix(string(box.Reveal()), stan+":")
	if err == nil && !ours {
		err = errOtherSTAN
	}
	if err != nil {
		t.Log.Warn().Err(err).Str("stan", stan).Msg("the card's number that was kept does not open")
		return secrets{}
	}
	content = strings.TrimRight(content, " ")
	pan, expiry, isCard := strings.Cut(content, "=")
	if !isCard {
		return secrets{code: wire.QRCode(content)}
	}
	return secrets{charge: charge{pan: card.PAN(pan), expiry: expiry}}
}

// boxSize is what a box is filled to, so that short numbers look as long ones do.
const boxSize = 31

var (
	errNoTMK     = errors.New("no TMK is loaded")
	errOtherSTAN = errors.New("it was kept for another message")
)

// drawer is where card numbers are kept, under a key derived from the TMK.
func (t *Terminal) drawer() (*hsm.Place, error) {
	from := t.TMK
	if from.Zero() {
		from = t.DUKPT.Key
	}
	switch {
	case from.Zero():
		return nil, errNoTMK
	case t.kept.place != nil && t.kept.from.Equal(from):
		return t.kept.place, nil
	}
	derived := sha256.Sum256(append([]byte("possim: card numbers kept by a terminal\x00"), from.Reveal()...))
	master, err := hsm.NewKey(hsm.AES, derived[:])
	if err != nil {
		return nil, err
	}
	place, err := hsm.At(master, "terminal", t.TID, "card")
	if err != nil {
		return nil, err
	}
	t.kept.from, t.kept.place = from, &place
	return &place, nil
}

// disclose puts what is secret into a request: card, code and PIN, enciphered as
// the working keys of now have it.
func (t *Terminal) disclose(m *wire.Message, s secrets) error {
	if s.code != "" {
		return m.SetScanCode(s.code)
	}
	c := s.charge
	m.Track2, m.Expiry = c.track2, c.expiry
	if c.track2 == "" || m.MTI == wire.MTIAdvice || c.chip() {
		m.PAN = c.pan // what is repeated names its card the same way each time
	}
	keys, _ := t.keys()
	if err := t.hideTrack(m, keys); err != nil {
		return err
	}
	return t.hidePIN(m, c.pan, s.pin, keys)
}

// hideTrack enciphers track 2 where the acquirer wants it (磁道加密).
func (t *Terminal) hideTrack(m *wire.Message, keys hsm.WorkingKeys) error {
	if !t.EncryptTracks || m.Track2 == "" || keys.TDK.Zero() {
		return nil
	}
	hidden, err := hsm.EncryptTrack2(keys.TDK, m.Track2)
	if err != nil {
		return err
	}
	m.Track2 = hidden
	m.Security = wire.Sub53{Algorithm: lengthCode(keys.TDK), Track: true}.String()
	return nil
}

// hidePIN makes F52, F26 and F53 of a PIN.
func (t *Terminal) hidePIN(m *wire.Message, pan card.PAN, pin hsm.PIN, keys hsm.WorkingKeys) error {
	if pin.Zero() {
		return nil
	}
	format := pinFormats[t.PINFormat]
	block, err := t.PINFormat.Encrypt(keys.TPK, pin, pan, t.Random)
	if err != nil {
		return err
	}
	m.PINBlock, m.PINCapture = block, "12"
	if format == usualPIN && m.Security == "" && t.byField90() {
		return nil // ISO 8583:1987 has no table for F53, and Wireshark's dissector misreads it
	}
	m.Security = wire.Sub53{PINFormat: format, Algorithm: lengthCode(keys.TPK), Track: m.Security != ""}.String()
	return nil
}

// pinFormats is 53.1. UnionPay's table ends at 2; 3 and 4 stand for the ISO formats of
// that number here, as at this project's host.
var pinFormats = map[hsm.PINFormat]byte{hsm.NoPAN: 1, hsm.ISO0: 2, hsm.ISO3: 3, hsm.ISO4: 4}

// PINFits reports why PIN blocks of the configured format cannot be made or sent: format
// 4 fills 16 bytes (ISO 9564-1), the others 8, and it goes under AES keys, which only
// DUKPT has: working keys are of TDES.
func (c *Config) PINFits(d *wire.Dialect, keys DUKPT) error {
	if _, known := pinFormats[c.PINFormat]; !known {
		return fmt.Errorf("PIN format %s: this terminal makes %s, %s, %s and %s", c.PINFormat, hsm.ISO0, hsm.ISO3, hsm.ISO4, hsm.NoPAN)
	}
	if !c.PINEntry {
		return nil
	}
	if room := d.Most(52); room != 0 && room != c.PINFormat.Size() {
		return fmt.Errorf("PIN format %s makes blocks of %d bytes, and field 52 of the dialect %s holds %d: configure another format, or a dialect that has room",
			c.PINFormat, c.PINFormat.Size(), d.Name(), room)
	}
	if c.PINFormat == hsm.ISO4 && !keys.makesPINs(hsm.ISO4) {
		return fmt.Errorf("PIN format %s goes under AES keys, and this terminal has none: inject an initial key of AES DUKPT", c.PINFormat)
	}
	return nil
}

// usualPIN is 53.1 of ISO 9564 format 0, which every host takes a block for that
// says nothing of itself.
const usualPIN = 2

// lengthCode is 53.2: 0 single DES, 6 double length, and any AES key, for which the
// table has nothing.
func lengthCode(k hsm.Key) byte {
	if k.Size() > 8 {
		return 6
	}
	return 0
}
