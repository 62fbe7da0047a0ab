package kernel

import (
	"context"
	"errors"
	"fmt"

	"possim/reader/emv"
)

// PIN is what a cardholder typed. It prints as asterisks, whatever prints it.
type PIN struct{ in *pinBox }

type pinBox struct{ in *string }

// NewPIN takes digits, 4 to 12 of them.
func NewPIN(digits string) (PIN, error) {
	if _, err := emv.PINBlock2(digits); err != nil {
		return PIN{}, err
	}
	return PIN{&pinBox{&digits}}, nil
}

// String hides the PIN, its length too.
func (p PIN) String() string {
	if p.in == nil {
		return "no PIN"
	}
	return "****"
}

// Format implements fmt.Formatter so that no verb shows the PIN.
func (p PIN) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// MarshalText implements encoding.TextMarshaler; it hides the PIN.
func (p PIN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p PIN) block() ([]byte, error) {
	if p.in == nil {
		return nil, errors.New("kernel: the PIN pad gave no PIN")
	}
	return emv.PINBlock2(*p.in.in)
}

// PINRequest is what the cardholder is asked for.
type PINRequest struct {
	Online bool // for the issuer: the terminal keeps and enciphers it
	Again  bool // the card said the last was wrong
	Tries  int  // left, as the card says; -1 unknown
}

// PINEntry is what came of it. For an online PIN the kernel has no use for the digits.
type PINEntry struct {
	PIN      PIN
	Bypassed bool // nothing typed
	Failed   bool // the pad does not work
}

// askPIN has the cardholder type. False means that no PIN came, and its bit is set.
func (s *session) askPIN(ctx context.Context, q PINRequest) (PIN, bool, error) {
	if s.bypassed {
		s.tvr.Set(emv.TVRPINNotEntered)
		return PIN{}, false, nil
	}
	e, err := s.PIN(ctx, q)
	switch {
	case err != nil:
		return PIN{}, false, fmt.Errorf("kernel: PIN entry: %w", err)
	case e.Failed:
		s.tvr.Set(emv.TVRPINPadFailed)
	case e.Bypassed:
		s.bypassed = true
		s.tvr.Set(emv.TVRPINNotEntered)
	default:
		return e.PIN, true, nil
	}
	return PIN{}, false, nil
}

// onlinePIN takes a PIN for the issuer (EMV Book 3, 10.5.2).
func (s *session) onlinePIN(ctx context.Context) (bool, error) {
	_, ok, err := s.askPIN(ctx, PINRequest{Online: true, Tries: -1})
	if ok {
		s.tvr.Set(emv.TVROnlinePIN)
	}
	return ok, err
}

// offlinePIN has the card verify a PIN until it is right, the tries are used up or the
// cardholder gives up (Book 3, 10.5.1).
func (s *session) offlinePIN(ctx context.Context, enciphered bool) (bool, error) {
	q := PINRequest{Tries: -1}
	left, ok, err := s.getData(ctx, emv.TagPINTryCounter)
	if err != nil {
		return false, err
	}
	if ok && len(left) == 1 {
		q.Tries = int(left[0])
	}
	var key emv.PublicKey
	if enciphered && q.Tries != 0 {
		if key, err = s.pinKey(); err != nil {
			return false, nil
		}
	}
	for range 256 { // no card counts further
		if q.Tries == 0 {
			s.tvr.Set(emv.TVRPINTryLimit)
			return false, nil
		}
		pin, ok, err := s.askPIN(ctx, q)
		if err != nil || !ok {
			return false, err
		}
		done, err := s.verify(ctx, pin, enciphered, key, &q)
		if err != nil || done {
			return done && err == nil && !q.Again, err
		}
	}
	return false, nil
}

// verify sends one PIN. done without q.Again is success; done with it is a card that will
// verify no more.
func (s *session) verify(ctx context.Context, pin PIN, enciphered bool, key emv.PublicKey, q *PINRequest) (done bool, err error) {
	q.Again = true
	data, err := pin.block()
	if err != nil {
		return false, err
	}
	p2 := byte(0x80)
	if enciphered {
		challenge, w, err := s.do(ctx, command{name: "GET CHALLENGE", ins: 0x84, answer: true})
		if err != nil || w != statusOK || len(challenge) != 8 {
			return true, err
		}
		if data, err = key.EncipherPIN(data, challenge, s.Random); err != nil {
			return false, fmt.Errorf("kernel: %w", err)
		}
		p2 = 0x88
	}
	_, w, err := s.do(ctx, command{name: "VERIFY", ins: 0x20, p2: p2, data: data})
	switch {
	case err != nil:
		return false, err
	case w == statusOK:
		q.Again = false
		return true, nil
	case w&0xFFF0 == 0x63C0:
		q.Tries = int(w & 0x0F)
		return false, nil
	case w == statusPINBlocked || w == statusPINUnusable:
		q.Tries = 0
		return false, nil
	}
	return true, nil
}

// pinKey returns the card's key for PINs: one of its own (9F2D), or the card's (Book 2,
// 7.1).
func (s *session) pinKey() (emv.PublicKey, error) {
	if s.issuer == nil {
		static, err := emv.StaticData(s.records, s.icc.Value(emv.TagSDATagList), s.aip[:])
		if err != nil {
			return emv.PublicKey{}, err
		}
		if s.static = static; s.issuerKey() != nil {
			return emv.PublicKey{}, errAbsent
		}
	}
	if s.icc.Has(emv.TagPINKeyCertificate) {
		k, err := s.issuer.RecoverPIN(emv.PINCertificate(s.icc), s.pan())
		if err == nil && k.Expires.Expired(s.tx.At) {
			err = errors.New("the certificate of the card's key for PINs has expired")
		}
		return k.PublicKey, err
	}
	if s.key == nil {
		if err := s.cardKey(); err != nil {
			return emv.PublicKey{}, err
		}
	}
	return s.key.PublicKey, nil
}
