//go:build linux || freebsd || netbsd || openbsd || dragonfly

package pcsc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

	lite "github.com/sf1/go-card/smartcard/pcsc"
)

// socket is where pcscd listens: the library's, who keeps it to itself.
const socket = "/var/run/pcscd/pcscd.comm"

// Commands of pcscd's protocol that the library has no call for, or not the right one.
const (
	cmdDisconnect       = 0x06
	cmdBeginTransaction = 0x07
	cmdTransmit         = 0x09
)

// maxAnswer is the longest answer pcscd gives (MAX_BUFFER_SIZE_EXTENDED).
const maxAnswer = 4 + 3 + 1<<16 + 3 + 2

// liteSession is a session with pcsclite's daemon.
type liteSession struct {
	client   *lite.PCSCLiteClient
	context  uint32
	card     int32
	protocol uint32
}

// dial opens a session.
func dial() (session, error) {
	client, err := lite.PCSCLiteConnect()
	if err != nil {
		return nil, unreachable(socket)
	}
	return establish(client)
}

// establish begins a session on a connection. A client that polkit turns away has its
// connection closed.
func establish(client *lite.PCSCLiteClient) (session, error) {
	id, err := client.EstablishContext()
	if err == nil {
		return &liteSession{client: client, context: id}, nil
	}
	client.Close()
	if ended(err) {
		return nil, fmt.Errorf("%w (it ended the connection at once)", ErrDenied)
	}
	return nil, meaning(err)
}

// unreachable says why nobody takes a connection, which the library does not.
func unreachable(path string) error {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
		return fmt.Errorf("pcscd took no connection on %s; it does now: try again", path)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w (%s may not be opened)", ErrDenied, path)
	}
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w (nobody listens on %s)", ErrNoService, path)
	}
	return fmt.Errorf("%w (%w)", ErrNoService, err)
}

// ended reports whether an error is that of a connection whose other end is gone.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func (s *liteSession) slots() ([]Slot, error) {
	n, err := s.client.SyncReaders()
	if err != nil {
		return nil, meaning(err)
	}
	all, out := s.client.Readers(), []Slot(nil)
	for i := range all[:n] {
		out = append(out, slotOf(&all[i]))
	}
	return out, nil
}

// slotOf reads one of pcscd's states. A length of the ATR past its room says that the
// reader is not ready yet (READER_NOT_INITIALIZED).
func slotOf(r *lite.Reader) Slot {
	name, _, _ := bytes.Cut(r.ReaderName[:], []byte{0})
	slot := Slot{
		Name: string(name), events: r.EventCounter, shared: r.ReaderSharing != 0,
		Present: r.ReaderState&lite.SCARD_PRESENT != 0,
		Mute:    r.ReaderState&lite.SCARD_PRESENT != 0 && r.ReaderState&lite.SCARD_SWALLOWED != 0,
	}
	if n := int(r.CardAtrLength); slot.Present && n <= len(r.CardAtr) {
		slot.ATR = bytes.Clone(r.CardAtr[:n])
	}
	return slot
}

func (s *liteSession) connect(name string) (protocol, error) {
	card, p, err := s.client.CardConnect(s.context, name)
	if ended(err) {
		return 0, fmt.Errorf("%w (it ended the connection when the card was asked for)", ErrDenied)
	}
	if err != nil {
		return 0, meaning(err)
	}
	s.card, s.protocol = card, p
	return protocol(p), nil
}

func (s *liteSession) begin() error {
	message := make([]byte, 8) // card, result
	binary.NativeEndian.PutUint32(message, uint32(s.card))
	if err := s.client.ExchangeMessage(cmdBeginTransaction, message); err != nil {
		return meaning(err)
	}
	return resultOf(binary.NativeEndian.Uint32(message[4:]))
}

// transmit is the library's, but for an answer of no bytes: a driver whose card went away
// may call that a success, and the library would wait for the bytes.
func (s *liteSession) transmit(apdu []byte) ([]byte, error) {
	message := make([]byte, 32) // card, two protocols and sizes, lengths, result
	for i, v := range []uint32{uint32(s.card), s.protocol, 8, uint32(len(apdu)), 0, 8, maxAnswer, 0} {
		binary.NativeEndian.PutUint32(message[4*i:], v)
	}
	err := s.client.SendHeader(cmdTransmit, uint32(len(message)))
	if err == nil {
		_, err = s.client.Write(slices.Concat(message, apdu))
	}
	if err == nil {
		_, err = io.ReadFull(s.client, message)
	}
	if err != nil {
		return nil, meaning(err)
	}
	if err := resultOf(binary.NativeEndian.Uint32(message[28:])); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.NativeEndian.Uint32(message[24:]))
	if len(answer) == 0 {
		return nil, fmt.Errorf("%w (it has no bytes)", ErrNoAnswer)
	}
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("pcscd: an answer of %d bytes", len(answer))
	}
	if _, err := io.ReadFull(s.client, answer); err != nil {
		return nil, meaning(err)
	}
	return answer, nil
}

// disconnect sends the request without waiting for its answer: a driver may take its
// time, and who lets a card go has no ctx. pcscd reads it before it sees the end.
func (s *liteSession) disconnect(d disposition) error {
	message := make([]byte, 12) // card, disposition, result
	binary.NativeEndian.PutUint32(message, uint32(s.card))
	binary.NativeEndian.PutUint32(message[4:], uint32(d))
	err := s.client.SendHeader(cmdDisconnect, uint32(len(message)))
	if err == nil {
		_, err = s.client.Write(message)
	}
	s.client.Close()
	if ended(err) {
		return nil // pcscd is away, and the card's power with it
	}
	return err
}

func (s *liteSession) close() { s.client.Close() }
