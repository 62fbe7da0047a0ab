package pty_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/icc"
	"possim/reader/protocol"
)

// hand puts cards in.
type hand chan *reader.Chip

func (h hand) Next(ctx context.Context, _ reader.Ask) (reader.Presentation, error) {
	select {
	case c, ok := <-h:
		if !ok {
			return nil, reader.ErrEnd
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h hand) Close() error { return nil }

// chipCard is an emulated card of a profile.
func chipCard(t testing.TB, profile string) *reader.Chip {
	t.Helper()
	p, err := icc.Shipped(profile, icc.Person{Seed: "pty", Holder: icc.Holder{
		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, ServiceCode: "201", PIN: "1234"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return &reader.Chip{ATR: c.ATR(), Card: c}
}

// TestChipsThroughEverySlot: emulated card, emulated reader, pseudo-terminal, serial port,
// and back, with T=0 and T=1.
func TestChipsThroughEverySlot(t *testing.T) {
	for _, name := range append(protocol.SlotNames(), "abecs") {
		t.Run(name, func(t *testing.T) {
			cards := make(hand, 2)
			first, second := chipCard(t, "unionpay-debit"), chipCard(t, "visa-cvn18")
			cards <- first
			r, notes := attach(t, name, emulate(t, name, cards))
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			next := func(want *reader.Chip) *reader.Chip {
				t.Helper()
				p, err := r.Next(ctx, reader.Ask{Accept: []reader.Kind{reader.KindChip}})
				if err != nil {
					t.Fatal(err, notes)
				}
				got := p.(*reader.Chip)
				if !bytes.Equal(got.ATR, want.ATR) {
					t.Fatalf("ATR % x, want % x", got.ATR, want.ATR)
				}
				return got
			}
			send := func(c *reader.Chip, apdu string) string {
				t.Helper()
				got, err := c.Card.Transmit(ctx, []byte(apdu))
				if err != nil {
					t.Fatal(err, notes)
				}
				return string(got)
			}
			c := next(first)
			if got := send(c, "\x00\xa4\x04\x00\x0e1PAY.SYS.DDF01\x00"); got != "\x61\x1e" {
				t.Errorf("% x", got)
			}
			if got := send(c, "\x00\xc0\x00\x00\x1e"); len(got) != 0x1e+2 || got[:2] != "\x6f\x1c" {
				t.Errorf("% x", got)
			}
			if err := c.Release(); err != nil {
				t.Error(err)
			}
			if _, err := c.Card.Transmit(ctx, []byte{0, 0x84, 0, 0, 8}); err == nil {
				t.Error("a released card answers")
			}
			cards <- second
			c = next(second)
			if got := send(c, "\x00\xa4\x04\x00\x0e1PAY.SYS.DDF01\x00"); len(got) < 30 || got[len(got)-2:] != "\x90\x00" {
				t.Errorf("% x", got)
			}
			// The longest record there is: the issuer's certificate, in several blocks.
			if got := send(c, "\x00\xa4\x04\x00\x07\xa0\x00\x00\x00\x03\x10\x10\x00"); got[len(got)-2:] != "\x90\x00" {
				t.Errorf("% x", got)
			}
			long := 0
			for record := range 8 {
				got := send(c, "\x00\xb2"+string(rune(record+1))+"\x14\x00")
				long = max(long, len(got))
			}
			if long < 150 {
				t.Errorf("the longest record has %d bytes", long)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if _, err := c.Card.Transmit(ctx, []byte{0, 0x84, 0, 0, 8}); err == nil {
				t.Error("a card answers over a closed port")
			}
		})
	}
}
