package vpcd_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"possim/reader/icc"
	"possim/reader/vpcd"
)

// fake is a card that answers each command with 9000 behind it, until it fails.
type fake struct {
	atr    []byte
	err    error
	resets int
	large  int
}

func (f *fake) ATR() []byte { return f.atr }
func (f *fake) Reset()      { f.resets++ }

func (f *fake) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	if f.large != 0 {
		return make([]byte, f.large-1), nil
	}
	return append(append([]byte(nil), apdu...), 0x90, 0x00), f.err
}

// serve returns pcscd's end of a slot, and a function that waits for Serve to return.
func serve(t *testing.T, ctx context.Context, c vpcd.Card) (net.Conn, func() error) {
	t.Helper()
	there, here := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- vpcd.Serve(ctx, here, c) }()
	t.Cleanup(func() { there.Close() })
	return there, func() error { return <-done }
}

func send(t *testing.T, to io.Writer, hexed string) {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(hexed, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write(b); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, from io.Reader, hexed string) {
	t.Helper()
	b, _ := hex.DecodeString(strings.ReplaceAll(hexed, " ", ""))
	got := make([]byte, len(b))
	if _, err := io.ReadFull(from, got); err != nil || !bytes.Equal(got, b) {
		t.Errorf("got %X, %v, want %X", got, err, b)
	}
}

func TestConversation(t *testing.T) {
	card := &fake{atr: []byte{0x3B, 0x60, 0x00, 0x00}}
	conn, result := serve(t, t.Context(), card)
	send(t, conn, "0001 04")
	want(t, conn, "0004 3B600000")
	send(t, conn, "0001 01")
	send(t, conn, "00")
	send(t, conn, "0104")
	want(t, conn, "0004 3B600000")
	send(t, conn, "0005 00B2010C00")
	want(t, conn, "0007 00B2010C009000")
	send(t, conn, "0002 00B2") // no command, and the card's to answer
	want(t, conn, "0004 00B29000")
	send(t, conn, "0001 02")
	send(t, conn, "0001 00")
	long := bytes.Repeat([]byte{0xA5}, 65533)
	send(t, conn, "FFFD"+hex.EncodeToString(long))
	want(t, conn, "FFFF"+hex.EncodeToString(long)+"9000")
	conn.Close()
	if err := result(); !errors.Is(err, vpcd.ErrSlotClosed) || !errors.Is(err, io.EOF) {
		t.Errorf("pcscd closed: %v", err)
	}
	if card.resets != 3 {
		t.Errorf("%d resets, want 3", card.resets)
	}
}

// TestCardLeaves: the connection is closed, and Serve says why.
func TestCardLeaves(t *testing.T) {
	for _, reason := range []error{icc.ErrRemoved, icc.ErrTimeout, icc.ErrMute} {
		conn, result := serve(t, t.Context(), &fake{err: reason})
		send(t, conn, "0005 80AE800000")
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("%v: pcscd reads %d bytes, %v", reason, n, err)
		}
		if err := result(); err != reason {
			t.Errorf("Serve returned %v, want %v", err, reason)
		}
	}
}

// TestMute: nothing of PC/SC hangs, and nobody takes the answer for an ATR.
func TestMute(t *testing.T) {
	conn, _ := serve(t, t.Context(), &fake{})
	send(t, conn, "0001 04")
	want(t, conn, "0001 00")
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	conn, result := serve(t, ctx, &fake{})
	send(t, conn, "0003 00A4") // in the middle of a message
	cancel()
	if err := result(); err != nil {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		sent  string
		large int // of the answer, 1 more
		want  string
	}{
		{"0000", 0, "a message of no bytes"},
		{"0001 03", 0, "control 03"},
		{"0001 FF", 0, "control FF"},
		{"0002 00B0", 65537, "the card answers with 65536 bytes"},
		{"0002 00B0", 1, "the card answers with 0 bytes"},
	} {
		conn, result := serve(t, t.Context(), &fake{large: c.large})
		send(t, conn, c.sent)
		if err := result(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.sent, err, c.want)
		}
	}
	conn, result := serve(t, t.Context(), &fake{})
	send(t, conn, "0007 00A404")
	conn.Close()
	if err := result(); !errors.Is(err, vpcd.ErrSlotClosed) || !strings.Contains(err.Error(), "after 3 of the 7 bytes") {
		t.Errorf("cut off: %v", err)
	}
}

func TestDial(t *testing.T) {
	fail := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) { return nil, err }
	}
	_, err := vpcd.Dial(t.Context(), fail(syscall.ECONNREFUSED), vpcd.Address)
	if err == nil || !strings.Contains(err.Error(), "start pcscd with the vpcd driver") {
		t.Errorf("refused: %v", err)
	}
	_, err = vpcd.Dial(t.Context(), new(net.Dialer).DialContext, "nowhere")
	if err == nil || !strings.Contains(err.Error(), "write HOST:PORT") {
		t.Errorf("no port: %v", err)
	}
}
