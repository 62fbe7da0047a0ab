package pcsc

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of Readers, Open, Next and Transmit.
var (
	ErrNoService   = errors.New("pcscd is not running: start it (systemctl start pcscd.socket), or install it (Debian: apt-get install pcscd)")
	ErrDenied      = errors.New("pcscd does not let this user in: ask its administrator for the polkit actions org.debian.pcsc-lite.access_pcsc and access_card")
	ErrUnsupported = errors.New("chip readers need pcscd, which this build has no way to: use Linux or a BSD")
	ErrNoReader    = errors.New("pcscd has no reader")
	ErrInUse       = errors.New("another program holds the card: end it, or take the card out and put it in again")
	ErrRemoved     = errors.New("the card was taken out")
	ErrMute        = errors.New("the card does not answer: put it in the right way round, clean its contacts, or take it for damaged")
	ErrNoAnswer    = errors.New("no answer: the card was taken out, or stopped answering")
	ErrProtocol    = errors.New("card and reader have no protocol in common (T=0 or T=1)")
	ErrReset       = errors.New("another program reset the card: present it again")
	ErrLost        = errors.New("the card was given up after a command that it did not answer in time: present it again")
	ErrReleased    = errors.New("the card was released")
)

// result is a code of PC/SC: its name, which the library's errors end with, its number,
// which other answers carry, and what it means here.
type result struct {
	name string
	code uint32
	err  error
}

// results are the codes that something is to be done about.
var results = []result{
	{"SCARD_E_NO_SMARTCARD", 0x8010000C, ErrRemoved},
	{"SCARD_W_REMOVED_CARD", 0x80100069, ErrRemoved},
	{"SCARD_W_UNRESPONSIVE_CARD", 0x80100066, ErrMute},
	{"SCARD_W_UNPOWERED_CARD", 0x80100067, ErrMute},
	{"SCARD_E_NOT_TRANSACTED", 0x80100016, ErrNoAnswer},
	{"SCARD_F_COMM_ERROR", 0x80100013, ErrNoAnswer},
	{"SCARD_E_TIMEOUT", 0x8010000A, ErrNoAnswer},
	{"SCARD_E_SHARING_VIOLATION", 0x8010000B, ErrInUse},
	{"SCARD_E_PROTO_MISMATCH", 0x8010000F, ErrProtocol},
	{"SCARD_W_UNSUPPORTED_CARD", 0x80100065, ErrProtocol},
	{"SCARD_E_CARD_UNSUPPORTED", 0x8010001C, ErrProtocol},
	{"SCARD_W_RESET_CARD", 0x80100068, ErrReset},
	{"SCARD_W_SECURITY_VIOLATION", 0x8010006A, ErrDenied},
	{"SCARD_E_UNKNOWN_READER", 0x80100009, errAbsent},
	{"SCARD_E_READER_UNAVAILABLE", 0x80100017, errAbsent},
	{"SCARD_E_NO_READERS_AVAILABLE", 0x8010002E, errAbsent},
}

// resultOf returns what a code says; 0 is success.
func resultOf(code uint32) error {
	if code == 0 {
		return nil
	}
	for _, r := range results {
		if r.code == code {
			return fmt.Errorf("%w (%s)", r.err, r.name)
		}
	}
	return fmt.Errorf("pcscd: result %08X", code)
}

// meaning returns what an error of the library says: its text ends with a code's name.
func meaning(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, r := range results {
		if strings.HasSuffix(text, " "+r.name) {
			return fmt.Errorf("%w (%s)", r.err, r.name)
		}
	}
	return fmt.Errorf("pcscd: %w", err)
}
