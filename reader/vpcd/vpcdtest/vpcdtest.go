// Package vpcdtest gives tests a pcscd of their own, with a virtual slot to put emulated
// cards in.
//
//	lab := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}
//	lab.Need(t, "opensc-tool", "opensc")
//	d := lab.Start(t)
//	d.Insert(t, card)
//	out, err := exec.Command("opensc-tool", "--reader", vpcdtest.Reader, "--atr").CombinedOutput()
//
// PC/SC programs find the pcscd of a machine by a fixed path, so there is one at a time:
// Lab.Start holds a lock of the machine, and waits for whoever has it. The pcscd runs in a
// network namespace of its own where the machine allows that, as its driver listens on
// every interface. It ends with the test, and with the test's process, however that ends.
//
// With Lab.StartSerial it has a serial reader in place of the slots: the driver of a real
// one, at a port where the test has an emulated one.
//
// A test is skipped where this cannot be, with the reason; in CI it fails.
package vpcdtest

import (
	"context"
	"net"
	"testing"

	"possim/reader/vpcd"
)

// Reader and Reader2 are the names that PC/SC has for the slots.
const (
	Reader  = "Virtual PCD 00 00"
	Reader2 = "Virtual PCD 00 01"
)

// SerialReader is the name of the reader of StartSerial.
const SerialReader = "GemPCTwin serial 00 00"

// Address and Address2 are where the slots wait for a card, in the namespace of Dial.
const (
	Address  = vpcd.Address
	Address2 = "127.0.0.1:35964"
)

// Slot is a card in a slot.
type Slot struct {
	d      *Daemon
	reader string
	mark   int // in pcscd's log, where it saw the card
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Insert puts a card into the first slot and returns when PC/SC programs see it there.
// It stays until Remove, or the end of the test.
func (d *Daemon) Insert(t testing.TB, c vpcd.Card) *Slot {
	t.Helper()
	return d.insert(t, c, Reader, Address)
}

// Insert2 puts a card into the second slot.
func (d *Daemon) Insert2(t testing.TB, c vpcd.Card) *Slot {
	t.Helper()
	return d.insert(t, c, Reader2, Address2)
}

func (d *Daemon) insert(t testing.TB, c vpcd.Card, reader, address string) *Slot {
	t.Helper()
	mark := d.log.mark()
	conn, err := vpcd.Dial(t.Context(), d.Dial, address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Slot{d: d, reader: reader, cancel: cancel, done: make(chan struct{})}
	go s.serve(ctx, conn, c)
	t.Cleanup(func() { s.Remove(t) })
	s.mark = d.await(t, mark, "Card inserted into "+reader)
	return s
}

func (s *Slot) serve(ctx context.Context, conn net.Conn, c vpcd.Card) {
	defer close(s.done)
	s.err = vpcd.Serve(ctx, conn, c)
}

// Remove takes the card out, if it is still there, and returns when pcscd has seen it.
// The card is the caller's again then.
func (s *Slot) Remove(t testing.TB) {
	t.Helper()
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.cancel = nil
	<-s.done
	s.d.await(t, s.mark, "Card Removed From "+s.reader)
}

// Left waits for a card that leaves by itself, as one with a fault does, and for pcscd to
// see it. It returns why the card left.
func (s *Slot) Left(t testing.TB) error {
	t.Helper()
	<-s.done
	s.Remove(t)
	return s.err
}
