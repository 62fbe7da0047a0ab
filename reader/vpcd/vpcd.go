// Package vpcd puts a card into a virtual PC/SC slot: pcscd with the driver vpcd of
// vsmartcard, so that every program that speaks PC/SC finds an emulated card as if it
// stood in a reader.
//
//	conn, err := vpcd.Dial(ctx, new(net.Dialer).DialContext, vpcd.Address)
//	err = vpcd.Serve(ctx, conn, card)
//
// pcscd listens, and the card dials it: a slot of the driver has a port, 35963 the first
// and 35964 the second, and takes one card at a time. (The driver can dial the card
// instead. Debian 12's aborts pcscd then when a card goes away: do not use it.)
//
// # The protocol
//
// There is no handshake. A message, either way, is two bytes of length, the high one
// first, and as many bytes. From pcscd one of a single byte is a control: 00 power off,
// 01 power on, 02 reset, to which there is no answer, and 04, which asks for the ATR. pcscd asks
// for it every 0.4 s as well, to see whether the card is still there. All longer ones are
// command APDUs, which are answered with the response APDU. A card leaves by closing the
// connection.
//
// # Cards that fail
//
// A card that is pulled out, and one that stops answering, closes the connection, and
// Serve returns why. The driver has no word for a card that is there and silent: to an
// answer of no bytes it closes the connection itself, and without an answer it waits
// for ever, and with it every program that asks about the slot. A mute card, whose ATR
// is empty, is therefore answered for with MuteATR, which PC/SC cannot read.
package vpcd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// Address is where the driver of a pcscd on this machine waits for the card of its
// first slot.
const Address = "127.0.0.1:35963"

// MuteATR stands for the ATR that a mute card does not send: a byte that begins none
// (ISO/IEC 7816-3, 8.1, has 3B and 3F).
var MuteATR = []byte{0x00}

// Card is what stands in the slot. Any error of Transmit but one of its context is a
// card that does not answer any more: see reader/icc.
type Card interface {
	ATR() []byte // none: the card is mute
	Transmit(ctx context.Context, apdu []byte) ([]byte, error)
	Reset() // what power and a warm reset do
}

// The controls of the protocol.
const (
	controlOff   = 0x00
	controlOn    = 0x01
	controlReset = 0x02
	controlATR   = 0x04
)

// ErrSlotClosed is wrapped by what Serve returns when pcscd ended the connection: it
// stopped, or does not want this card.
var ErrSlotClosed = errors.New("pcscd closed the slot")

// Serve stands c in the slot conn leads to, and closes conn at the end. It returns nil
// when ctx ends, the card's error when the card left or fell silent, one that wraps
// ErrSlotClosed when pcscd went away, and any other when what came is not vpcd's protocol.
func Serve(ctx context.Context, conn net.Conn, c Card) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	s := slot{conn: conn, card: c}
	for {
		err := s.turn(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
	}
}

// slot is Serve's state.
type slot struct {
	conn net.Conn
	card Card
	body [0xFFFF]byte
}

// turn takes a message and answers it.
func (s *slot) turn(ctx context.Context) error {
	body, err := s.read()
	if err != nil {
		return err
	}
	if len(body) > 1 {
		answer, err := s.card.Transmit(ctx, body)
		if err != nil {
			return err
		}
		return s.write(answer)
	}
	switch body[0] {
	case controlOff, controlOn, controlReset:
		s.card.Reset()
		return nil
	case controlATR:
		if atr := s.card.ATR(); len(atr) > 0 {
			return s.write(atr)
		}
		return s.write(MuteATR)
	}
	return fmt.Errorf("virtual slot: control %02X; vpcd has 00, 01, 02 and 04: is what listens there pcscd with vpcd?", body[0])
}

// read takes a message. The driver writes its length and its body one by one, and waits
// between them for the acknowledgement of the first, which quickAck hurries.
func (s *slot) read() ([]byte, error) {
	var head [2]byte
	quickAck(s.conn)
	if _, err := io.ReadFull(s.conn, head[:]); err != nil {
		return nil, closed(err)
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n == 0 {
		return nil, errors.New("virtual slot: a message of no bytes, which vpcd never sends: is what listens there pcscd with vpcd?")
	}
	quickAck(s.conn)
	if got, err := io.ReadFull(s.conn, s.body[:n]); err != nil {
		return nil, fmt.Errorf("%w (after %d of the %d bytes of a message)", closed(err), got, n)
	}
	return s.body[:n], nil
}

// write sends a message, in one piece.
func (s *slot) write(body []byte) error {
	if len(body) == 0 || len(body) > 0xFFFF {
		return fmt.Errorf("virtual slot: the card answers with %d bytes; a message has 1 to 65535", len(body))
	}
	message := append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...)
	if _, err := s.conn.Write(message); err != nil {
		return closed(err)
	}
	return nil
}

func closed(err error) error { return fmt.Errorf("%w: %w; is it still running?", ErrSlotClosed, err) }

// Dial connects a card to a slot, by way of dial, which is the DialContext of a
// net.Dialer or any other that takes the same.
func Dial(ctx context.Context, dial func(ctx context.Context, network, address string) (net.Conn, error), address string) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", address)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("virtual slot %s: %w: nothing listens there: start pcscd with the vpcd driver (Debian: apt-get install pcscd vsmartcard-vpcd), or name the port of its slot", address, err)
	}
	return nil, fmt.Errorf("virtual slot %s: %w: write HOST:PORT of a slot of pcscd's vpcd driver, as in %s", address, err, Address)
}
