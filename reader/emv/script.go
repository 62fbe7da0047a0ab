package emv

import (
	"fmt"

	"possim/reader/mac"
)

// Command is an issuer script command before it is protected: PUT DATA, APPLICATION
// BLOCK, PIN CHANGE/UNBLOCK (EMV Book 3, 6.5).
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte // as it is sent, enciphered where it has to be
}

// The script commands (EMV Book 3, 6.5). Their class is 84 or, where the header is not
// under the MAC, 8C.
const (
	InsApplicationBlock   = 0x1E
	InsApplicationUnblock = 0x18
	InsCardBlock          = 0x16
	InsPINChange          = 0x24
	InsPutData            = 0xDA
	InsUpdateRecord       = 0xDC
)

// ScriptSource returns what a transaction's n-th script command, counted from 0, is
// protected with: its 9F36 and the ARQC, 9F26. Where the ARQC makes the session key it
// counts up with each command (Book 2, 9.2.3).
func (s Scheme) ScriptSource(src Source, n int) List {
	atc, _ := src.Get(TagATC)
	arqc, _ := src.Get(TagCryptogram)
	ac := append([]byte(nil), arqc...)
	for ; s.Counted && n > 0; n-- {
		for i := len(ac) - 1; i >= 0; i-- {
			if ac[i]++; ac[i] != 0 {
				break
			}
		}
	}
	return List{New(TagATC, atc), New(TagCryptogram, ac)}
}

// Protect returns the command as it goes to the card in 86, its MAC at its end. src is
// the transaction's, as ScriptSource gives it: 9F36 and the ARQC, 9F26.
func (s Scheme) Protect(k Keys, src Source, c Command) ([]byte, error) {
	if len(c.Data)+s.MACLength > 0xFF {
		return nil, fmt.Errorf("script command %02X: %d bytes of data leave no room for the MAC", c.INS, len(c.Data))
	}
	header := []byte{c.CLA, c.INS, c.P1, c.P2, byte(len(c.Data) + s.MACLength)}
	m, err := s.scriptMAC(k, src, header, c.Data)
	if err != nil {
		return nil, err
	}
	return append(append(header, c.Data...), m...), nil
}

// Open is the card's side of Protect: the command without its MAC, ErrCryptogram when
// that is not what the keys make.
func (s Scheme) Open(k Keys, src Source, apdu []byte) (Command, error) {
	if len(apdu) < 5+s.MACLength || len(apdu) != 5+int(apdu[4]) {
		return Command{}, fmt.Errorf("script command: %d bytes; want a header, as much data as its fifth byte says, and a MAC of %d in it",
			len(apdu), s.MACLength)
	}
	end := len(apdu) - s.MACLength
	c := Command{apdu[0], apdu[1], apdu[2], apdu[3], append([]byte(nil), apdu[5:end]...)}
	want, err := s.scriptMAC(k, src, apdu[:5], c.Data)
	if err != nil {
		return Command{}, err
	}
	if !mac.Equal(apdu[end:], want) {
		return Command{}, ErrCryptogram
	}
	return c, nil
}

func (s Scheme) scriptMAC(k Keys, src Source, header, data []byte) ([]byte, error) {
	sk, err := s.scriptKey(k.MAC, src)
	if err != nil {
		return nil, err
	}
	message := append([]byte(nil), header...)
	if s.ScriptATC {
		atc, _ := src.Get(TagATC)
		arqc, _ := src.Get(TagCryptogram)
		message = append(append(message, atc...), arqc...)
	}
	return ScriptMAC(sk, append(message, data...), s.MACLength)
}

// scriptKey returns the session key that master gives for scripts.
func (s Scheme) scriptKey(master Key, src Source) (Key, error) {
	atc, err := atcOf(src)
	if err != nil {
		return Key{}, err
	}
	arqc, _ := src.Get(TagCryptogram)
	if len(arqc) != 8 {
		return Key{}, fmt.Errorf("script: a cryptogram (9F26) of %d bytes; want the 8 of the ARQC", len(arqc))
	}
	return s.Script(master, atc, arqc)
}

// PINChange returns the command that gives a card a new PIN. current is the PIN it has
// now, where the scheme has the card prove that the issuer knows it, or "".
func (s Scheme) PINChange(k Keys, src Source, pin, current string) ([]byte, error) {
	block, err := s.pinBlock(k, pin, current)
	if err != nil {
		return nil, err
	}
	sk, err := s.scriptKey(k.ENC, src)
	if err != nil {
		return nil, err
	}
	data, err := s.Conceal.Encipher(sk, block)
	if err != nil {
		return nil, err
	}
	p2 := byte(0x02)
	if s.PIN != PINFormat2 && current != "" {
		p2 = 0x01
	}
	return s.Protect(k, src, Command{CLA: 0x84, INS: InsPINChange, P2: p2, Data: data})
}

func (s Scheme) pinBlock(k Keys, pin, current string) ([]byte, error) {
	if s.PIN == PINVisa || s.PIN == PINVisaCurrent && current != "" {
		return PINBlockVisa(k.AC, pin, current)
	}
	return PINBlock2(pin)
}

// NewPIN is the card's side of PINChange: the PIN in a command whose MAC Open has
// found right. current is the PIN the card has now; it is looked at when P2 is 01.
func (s Scheme) NewPIN(k Keys, src Source, c Command, current string) (string, error) {
	sk, err := s.scriptKey(k.ENC, src)
	if err != nil {
		return "", err
	}
	block, err := s.Conceal.Decipher(sk, c.Data)
	if err != nil {
		return "", err
	}
	if c.P2 != 0x01 {
		current = ""
	}
	if s.PIN == PINFormat2 || s.PIN == PINVisaCurrent && current == "" {
		return OpenPINBlock2(block)
	}
	return OpenPINBlockVisa(k.AC, block, current)
}
