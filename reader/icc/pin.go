package icc

import (
	"bytes"
	"crypto/subtle"

	"possim/reader/emv"
)

// getChallenge gives eight bytes that the next enciphered PIN has to carry (EMV Book 3,
// 6.5.6).
func (m *machine) getChallenge(cmd command) response {
	switch {
	case cmd.p1p2() != 0:
		return word(swWrongP1P2)
	case len(cmd.data) > 0:
		return word(swWrongLength)
	case m.app == nil:
		return word(swConditions)
	}
	m.tx.challenge = m.random(8)
	return ok(m.tx.challenge)
}

const (
	pinPlain      = 0x80
	pinEnciphered = 0x88
)

// verify is VERIFY (EMV Book 3, 6.5.12): a plain PIN block, or one enciphered under the
// card's key. Without data it tells how many tries are left (ISO/IEC 7816-4, 7.5.6).
func (m *machine) verify(cmd command) response {
	switch {
	case cmd.p1 != 0 || cmd.p2 != pinPlain && cmd.p2 != pinEnciphered:
		return word(swWrongP1P2)
	case m.app == nil:
		return word(swConditions)
	case m.app.Holder.PIN == "":
		return word(swNoPIN)
	case m.app.state.Tries == 0:
		return word(swPINBlocked)
	case len(cmd.data) == 0:
		return word(swTries + status(m.app.state.Tries))
	}
	block, sw := m.pinBlock(cmd)
	if sw != swOK {
		return word(sw)
	}
	return m.tryPIN(block)
}

// pinBlock gives the block that came, in clear. One that cannot have come by this card's
// challenge and key is nil, and counts as a wrong PIN (EMV Book 2, 7.2).
func (m *machine) pinBlock(cmd command) ([]byte, status) {
	if cmd.p2 == pinPlain {
		if len(cmd.data) != 8 {
			return nil, swWrongLength
		}
		return cmd.data, swOK
	}
	challenge := m.tx.challenge
	m.tx.challenge = nil // it serves once
	key := m.app.pinKey()
	switch {
	case key.Zero() || challenge == nil:
		return nil, swConditions
	case len(cmd.data) != key.Public().Size():
		return nil, swWrongLength
	}
	block, echoed, err := key.DecipherPIN(cmd.data)
	if err != nil || !bytes.Equal(echoed, challenge) {
		return nil, swOK
	}
	return block, swOK
}

func (a *application) pinKey() emv.PrivateKey {
	switch {
	case a.rsa == nil:
		return emv.PrivateKey{}
	case !a.rsa.PIN.Zero():
		return a.rsa.PIN
	}
	return a.rsa.RSA
}

// tryPIN counts the try before it looks, and gives it back when the PIN is right.
func (m *machine) tryPIN(block []byte) response {
	a := m.app
	a.state.Tries--
	m.tx.pinDone, m.tx.pinGood = true, false
	pin, err := emv.OpenPINBlock2(block)
	if err == nil && subtle.ConstantTimeCompare([]byte(pin), []byte(a.pin())) == 1 {
		a.state.Tries = a.tries()
		m.tx.pinGood = true
		return word(swOK)
	}
	if a.state.Tries == 0 && a.Risk.BlockOnPIN {
		a.state.Blocked = true
	}
	return word(swTries + status(a.state.Tries))
}

// pin is the one that counts now.
func (a *application) pin() Secret {
	if a.state.PIN != "" {
		return a.state.PIN
	}
	return a.Holder.PIN
}
